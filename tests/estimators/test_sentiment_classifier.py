import pickle
import warnings

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_estimator
from sklearn.utils.validation import validate_data

from groundup.data.texts.labelled_texts import STARTER, read_labelled_texts
from groundup.estimators.sentiment_classes import RatioClasses
from groundup.estimators.sentiment_classifier import SentimentClassifier

TEXTS = ["good fun", "what a good day", "a lovely good time", "a bad day", "bad luck", "such a bad time"]
LABELS = np.array(["+", "+", "+", "-", "-", "-"])


def test_scikit_learn_checks_what_it_can_of_a_text_estimator():
    # Its own data are tables of numbers: for an estimator of texts it runs one check and warns that it skips the rest.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkipTestWarning)
        results = check_estimator(SentimentClassifier())
    assert {result["status"] for result in results} == {"passed"}


class RowClassifier(SentimentClassifier):
    """Each row of numbers written as a text, so that scikit-learn's checks of tables apply to what is behind it."""

    def fit(self, X, y):
        if y is None:
            raise ValueError("requires y to be passed, but the target y is None")
        X, y = validate_data(self, X, y)
        return super().fit(write_rows(X), y)

    def decision_function(self, X):
        if not hasattr(self, "model_"):
            raise NotFittedError("not fitted")
        return super().decision_function(write_rows(validate_data(self, X, reset=False)))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array = False, True
        # Words stand for places on a number line here, too coarse for the accuracy that is asked of tables.
        tags.classifier_tags.poor_score = True
        return tags


def write_rows(X):
    return [" ".join(f"c{c}v{round(4 * float(x))}".replace("-", "m") for c, x in enumerate(row)) for row in X]


def test_every_check_of_tables_passes_for_rows_written_as_texts():
    # The one check skipped asks for an environment variable, to hand over arrays of other libraries.
    check_estimator(RowClassifier(least_steps=20, random_state=0), on_skip=None)


def test_two_fits_with_one_seed_are_equal_and_leave_the_global_seed_alone():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    fits = [SentimentClassifier(model, random_state=3).fit(TEXTS, LABELS) for model in ("average", "average")]
    assert torch.equal(torch.get_rng_state(), before)
    np.testing.assert_array_equal(fits[0].predict_proba(TEXTS), fits[1].predict_proba(TEXTS))


@pytest.mark.parametrize("model", ["ratios", "average"])
def test_probabilities_labels_and_shares_agree(model):
    classifier = SentimentClassifier(model, random_state=0).fit(TEXTS, LABELS)
    assert classifier.classes_.tolist() == ["+", "-"]
    unseen = ["good", "bad", "", "zebra!"]
    probabilities = classifier.predict_proba(unseen)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert (classifier.classes_[probabilities.argmax(axis=1)] == classifier.predict(unseen)).all()
    assert classifier.predict(unseen[:2]).tolist() == ["+", "-"]
    logits = classifier.decision_function(unseen)
    for text, logit in zip(unseen, logits, strict=True):
        assert classifier.share(text).logit == pytest.approx(logit, abs=1e-5)


@pytest.mark.parametrize("model", ["ratios", "average"])
def test_several_classes(model):
    texts, labels = ["red rose", "blue sea", "green leaf"] * 3, np.array([7, 3, 5] * 3)
    classifier = SentimentClassifier(model, random_state=0).fit(texts, labels)
    unseen = ["a rose", "the sea", "leaf", ""]
    assert classifier.classes_.tolist() == [3, 5, 7]
    assert classifier.predict(unseen[:3]).tolist() == [7, 3, 5]
    probabilities, logits = classifier.predict_proba(unseen), classifier.decision_function(unseen)
    assert probabilities.shape == logits.shape == (4, 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    np.testing.assert_allclose([classifier.share(text).logit for text in unseen], logits.max(axis=1), atol=1e-5)
    again = SentimentClassifier(model, random_state=0).fit(texts, labels)
    np.testing.assert_array_equal(again.predict_proba(unseen), probabilities)


def test_pairs_of_one_text_only_are_left_out_of_several_classes():
    texts = ["red rose", "blue sea", "green leaf"] * 2
    model, prepared = RatioClasses.learn_classes([*texts, "a red sea"], [0, 1, 2, 0, 1, 2, 0], 3)
    assert len(model.features.pairs) == 9  # three of each text that is there twice, its ends included
    again = model.prepare([*texts, "a red sea"])
    for found, expected in zip(vars(again).values(), vars(prepared).values(), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_it_works_in_pipelines_searches_and_pickles():
    starter = read_labelled_texts(STARTER)
    texts, labels = np.array(starter.texts, dtype=object), np.array(starter.labels)
    pipeline = make_pipeline(SentimentClassifier(random_state=0))
    assert cross_val_score(pipeline, texts, labels, cv=3).mean() > 0.6
    search = GridSearchCV(SentimentClassifier(random_state=0), {"smoothing": [0.3, 0.7]}, cv=2).fit(texts, labels)
    again = pickle.loads(pickle.dumps(search.best_estimator_))
    np.testing.assert_array_equal(again.predict_proba(texts), search.predict_proba(texts))
    assert clone(search.best_estimator_).get_params() == search.best_estimator_.get_params()


@pytest.mark.parametrize(
    ("texts", "labels", "message"),
    [
        ("one string", ["a"], "X is one string"),
        (["a", 3], ["a", "b"], r"X\[1\] is int"),
        ([], [], "no texts"),
        (["a", "b"], ["x", "x"], "1 class,"),
        (["a", "b"], ["x"], "inconsistent numbers of samples"),
        (["a", "b"], [0.5, 1.5], "Unknown label type"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(texts, labels, message):
    with pytest.raises(ValueError, match=message):
        SentimentClassifier().fit(texts, labels)


@pytest.mark.parametrize(
    "wrong",
    [{"model": "best"}, {"epochs": 0}, {"batch_size": 1.5}, {"learning_rate": 0}, {"smoothing": -1}],
)
def test_parameters_out_of_range_are_refused_at_fit(wrong):
    with pytest.raises(ValueError, match=f"^{next(iter(wrong))}="):
        SentimentClassifier(**wrong).fit(TEXTS, LABELS)


def test_an_unfitted_classifier_says_so():
    with pytest.raises(NotFittedError):
        SentimentClassifier().predict(TEXTS)
