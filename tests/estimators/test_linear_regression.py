"""The estimator: scikit-learn's own checks, the loop, and least squares."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.linear_model import LinearRegression as LeastSquares
from sklearn.utils.estimator_checks import parametrize_with_checks

from groundup import LinearRegression
from groundup.data.tables import files as table_files
from groundup.data.tables.table import open_table
from groundup.steps.c2_regression import regression


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks([LinearRegression(), LinearRegression(method="exact"), LinearRegression(standardize=True)])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def make_table(seed=0, rows=200, features=3, offset=5.0):
    random = np.random.default_rng(seed)
    X = random.normal(size=(rows, features)) + offset
    return X, X @ random.normal(size=features) + 2 + random.normal(size=rows)


@pytest.mark.parametrize("rows", [200, 40000])
def test_weights_are_those_of_the_loop(rows):
    X, y = make_table(rows=rows)
    model = LinearRegression(0.01, 300).fit(X, y)
    weights, bias = regression.train_with_bias(X, y, 300)
    np.testing.assert_allclose(model.coef_, weights, rtol=1e-9)
    assert model.intercept_ == pytest.approx(bias, rel=1e-9)
    assert model.loss_curve_[0] == pytest.approx(np.mean(y**2))
    assert model.loss_curve_[-1] == pytest.approx(np.mean((model.predict(X) - y) ** 2), rel=1e-9)
    assert model.loss_iterations_[[0, -1]].tolist() == [0, 300]


def test_without_a_bias_and_from_given_weights():
    X, y = make_table()
    start = np.array([0.2, 0.1, 0.6])
    model = LinearRegression(0.005, 50, fit_intercept=False, initial_weights=start).fit(X, y)
    np.testing.assert_allclose(model.coef_, regression.train(X, y, 50, start, 0.005), rtol=1e-9)
    assert model.intercept_ == 0
    with_bias = LinearRegression(0.005, 0, initial_weights=[1.0, 2.0, 3.0, 4.0]).fit(X, y)
    assert [*with_bias.coef_, with_bias.intercept_] == [1, 2, 3, 4]


def test_standardized_weights_are_those_of_the_loop_on_standardized_features():
    X, y = make_table()
    X *= [1, 100, 1e4]
    mean, deviation = X.mean(axis=0), X.std(axis=0)
    model = LinearRegression(0.05, 40, standardize=True).fit(X, y)
    weights, bias = regression.train_with_bias((X - mean) / deviation, y, 40, learning_rate=0.05)
    np.testing.assert_allclose(model.coef_, weights / deviation, rtol=1e-9)
    np.testing.assert_allclose(model.predict(X), (X - mean) / deviation @ weights + bias, rtol=1e-9)


@given(st.integers(0, 10**6), st.integers(2, 5), st.booleans())
def test_enough_iterations_end_at_least_squares(seed, features, standardize):
    X, y = make_table(seed, 100, features, offset=1.0)
    expected = LeastSquares().fit(X, y)
    for model in (LinearRegression("auto", 10**6, standardize=standardize), LinearRegression(method="exact")):
        model.fit(X, y)
        np.testing.assert_allclose([*model.coef_, model.intercept_], [*expected.coef_, expected.intercept_], rtol=1e-6)


def test_iterations_of_any_number_cost_the_same():
    X, y = make_table()
    far = LinearRegression("auto", 10**15).fit(X, y)
    exact = LinearRegression(method="exact").fit(X, y)
    np.testing.assert_allclose(far.coef_, exact.coef_, rtol=1e-9)
    assert len(far.loss_curve_) < 210


def test_too_large_a_learning_rate_is_told_with_the_limit():
    X, y = make_table()
    limit = LinearRegression().fit(X, y).stability_limit_
    with pytest.warns(ConvergenceWarning, match=f"above {limit:.4g} every step overshoots"):
        LinearRegression(1.1 * limit, 20).fit(X, y)
    with pytest.raises(ValueError, match="ran away"):
        LinearRegression(2 * limit, 10**6).fit(X, y)
    LinearRegression(0.99 * limit, 10**6).fit(X, y)


def test_parts_added_together_are_the_whole():
    X, y = make_table(rows=300)
    whole = LinearRegression(0.01, 100).fit(X, y)
    grown = LinearRegression(0.01, 100).partial_fit(X[:7], y[:7]).partial_fit(X[7:], y[7:])
    parts = [LinearRegression().fit(X[rows], y[rows]).triangle_ for rows in (slice(0, 100), slice(100, 300))]
    added = LinearRegression(0.01, 100).fit_triangle(parts[1] + parts[0])
    for model in (grown, added):
        np.testing.assert_allclose(model.coef_, whole.coef_, rtol=1e-9)
        assert model.intercept_ == pytest.approx(whole.intercept_, rel=1e-9)
        assert model.triangle_.rows == 300


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"learning_rate": 0}, "learning_rate=0"),
        ({"learning_rate": "fast"}, "learning_rate='fast'"),
        ({"learning_rate": float("nan")}, "learning_rate=nan"),
        ({"iterations": -1}, "iterations=-1"),
        ({"iterations": 2.5}, "iterations=2.5"),
        ({"method": "magic"}, "method='magic'"),
        ({"standardize": "yes"}, "standardize='yes'"),
        ({"initial_weights": [1.0]}, "expected 3 or 4 numbers"),
    ],
)
def test_parameters_are_checked_at_fit(parameters, told):
    with pytest.raises(ValueError, match=told):
        LinearRegression(**parameters).fit(*make_table())


@pytest.mark.parametrize(
    ("file", "target", "features"),
    [
        ("heights-berkeley/age10-to-adult.csv", "height_18", ["sex", "weight_10", "height_10"]),
        ("heights-galton/GaltonFamilies.csv", "childHeight", ["father", "mother", "gender"]),
    ],
)
def test_real_heights_end_at_least_squares(shared_data, file, target, features):
    path = shared_data(file)
    table = open_table(path)
    chunk = next(table.read(table.names, False))
    columns = [
        np.array(chunk.columns[name].to_pylist()) == "male"
        if name in ("sex", "gender")
        else np.array(chunk.columns[name].to_pylist(), float)
        for name in features
    ]
    matrix = np.column_stack([*columns, np.ones(len(chunk.rows))]).astype(float)
    expected = np.linalg.lstsq(matrix, np.array(chunk.columns[target].to_pylist(), float))[0]
    plain = LinearRegression("auto", 10**10).fit_table(path, target, features)
    quick = LinearRegression("auto", 10**4, standardize=True).fit_table(path, target, features)
    exact = LinearRegression(method="exact").fit_table(path, target, features)
    for model in (plain, quick, exact):
        np.testing.assert_allclose([*model.coef_, model.intercept_], expected, rtol=1e-6)
    assert [name.partition("=")[0] for name in exact.feature_names_in_] == features


@settings(max_examples=15)
@given(st.integers(0, 10**6), st.lists(st.integers(0, 4), min_size=60, max_size=60), st.permutations(range(5)))
def test_any_parts_in_any_order_combine_to_the_whole(seed, places, order):
    X, y = make_table(seed=seed, rows=60)
    places = np.array(places)
    parts = [places == place for place in order if np.any(places == place)]
    for options in ({"method": "exact"}, {"standardize": True}, {"iterations": 100, "fit_intercept": False}):
        whole = LinearRegression(**options).fit(X, y)
        models = [LinearRegression(**options).fit(X[part], y[part]) for part in parts]
        combined = models[0].combine(*models[1:])
        np.testing.assert_allclose(combined.coef_, whole.coef_, rtol=1e-9, atol=1e-11)
        assert combined.intercept_ == pytest.approx(whole.intercept_, rel=1e-9, abs=1e-11)
        assert combined.triangle_.rows == 60
        step = LinearRegression(**options)
        for part in parts:
            step.partial_fit(X[part], y[part])
        np.testing.assert_allclose(step.coef_, whole.coef_, rtol=1e-9, atol=1e-11)


def test_models_of_other_columns_cannot_be_combined(tmp_path):
    X, y = make_table()
    with pytest.raises(ValueError, match=r"combine: 2 features .* cannot be added to 3"):
        LinearRegression().fit(X, y).combine(LinearRegression().fit(X[:, :2], y))
    for name, words in (("one", "ab"), ("other", "ac")):
        rows = "".join(f"{place},{words[place % 2]},{place * place}\n" for place in range(20))
        (tmp_path / f"{name}.csv").write_text("x,word,y\n" + rows)
    models = [LinearRegression().fit_table(tmp_path / f"{name}.csv", "y", ["x", "word"]) for name in ("one", "other")]
    with pytest.raises(ValueError, match=r"\(x, word=c\) cannot be added to 2 \(x, word=b\)"):
        models[0].combine(models[1])
    with pytest.raises(NotFittedError):
        models[0].combine(LinearRegression())


def test_a_table_is_fitted_by_a_team(tmp_path, in_team, monkeypatch):
    monkeypatch.setattr(table_files, "_CHUNK_BYTES", 500)
    X, y = make_table(rows=300)
    path = tmp_path / "table.csv"
    np.savetxt(path, np.column_stack([X, y]), delimiter=",", header="a,b,c,y", comments="")
    alone = LinearRegression(method="exact").fit_table(path, "y")
    for model in in_team(3, lambda team: LinearRegression(method="exact").fit_table(path, "y", team=team)):
        np.testing.assert_allclose(model.coef_, alone.coef_, rtol=1e-9)
        assert model.feature_names_in_.tolist() == ["a", "b", "c"]
        assert model.triangle_.rows == 300
