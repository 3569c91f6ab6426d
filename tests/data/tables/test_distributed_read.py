"""A table read by several processes: every row once, and the same numbers, notes and errors as one process gives."""

import gzip
import itertools

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundup.base.errors import UserError
from groundup.data.tables import files as table_files
from groundup.data.tables.read_design import read_design
from groundup.data.tables.table import hold_table, open_table
from groundup.data.tables.table_statistics import Collected, Plan, pack, unpack
from groundup.estimators.linear_regression import LinearRegression


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(table_files, "_CHUNK_BYTES", 300)
    monkeypatch.setattr(table_files, "_CHUNK_ROWS", 20)


def make_columns(rows=400, seed=0):
    random = np.random.default_rng(seed)
    x = random.normal(size=rows) + 50
    word = random.choice(["red", "green", "blue"], rows)
    word[: rows // 2][word[: rows // 2] == "red"] = "blue"  # "red" is met late
    late = np.where(np.arange(rows) < rows // 2, 3.0, random.normal(size=rows))  # flat at first
    y = x + 2 * (word == "red") + late + random.normal(size=rows)
    cells = {"x": x.tolist(), "word": word.tolist(), "late": late.tolist(), "y": y.tolist()}
    for name, share in (("x", 0.1), ("word", 0.05)):
        cells[name] = [None if random.random() < share else cell for cell in cells[name]]
    return cells


def write(path, cells, spoil=None):
    if path.suffix == ".parquet":
        pa.parquet.write_table(pa.table(cells), path, row_group_size=70)
        return path
    lines = [
        ",".join(cells),
        *(",".join("" if cell is None else str(cell) for cell in row) for row in zip(*cells.values(), strict=True)),
    ]
    for row, line in (spoil or {}).items():
        lines[row - 1] = line
    text = "\n".join(lines).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


@pytest.mark.parametrize("name", ["table.csv", "table.csv.gz", "table.parquet"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 60])
def test_every_row_is_in_one_share_with_its_number(tmp_path, name, size):
    cells = make_columns(130)
    table = open_table(write(tmp_path / name, cells))
    first = 1 if name.endswith("parquet") else 2
    found = {}
    for rank in range(size):
        for chunk in table.read(["y"], False, rank, size):
            assert not found.keys() & set(chunk.rows.tolist())
            found |= dict(zip(chunk.rows.tolist(), map(float, chunk.columns["y"].to_pylist()), strict=True))
    assert found == dict(enumerate(cells["y"], start=first))


def compare(one, other):
    assert [(code.name, code.levels) for code in one.codes] == [(code.name, code.levels) for code in other.codes]
    assert [code.fill or 0.0 for code in one.codes] == pytest.approx([code.fill or 0.0 for code in other.codes])
    assert (one.rows_left_out, one.left_out, one.notes) == (other.rows_left_out, other.left_out, other.notes)
    assert list(one.left_out) == list(other.left_out)
    for part in ("train", "test"):
        ours, theirs = getattr(one, part), getattr(other, part)
        assert ours.rows == theirs.rows
        np.testing.assert_allclose(ours.factor.T @ ours.factor, theirs.factor.T @ theirs.factor, rtol=1e-10, atol=1e-9)
    np.testing.assert_allclose(one.sample, other.sample, rtol=1e-12, atol=1e-12)
    if np.linalg.cond(one.train.factor[:, :-1]) > 1e4:
        return  # which columns of few rows hang on each other, rounding decides
    for options in ({"method": "exact"}, {"standardize": True}):
        ours, theirs = (LinearRegression(**options).fit_triangle(design.train) for design in (one, other))
        np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-9)
        assert ours.intercept_ == pytest.approx(theirs.intercept_, rel=1e-9)


@pytest.mark.parametrize("name", ["table.csv", "table.csv.gz", "table.parquet"])
@pytest.mark.parametrize("fill", [False, True])
@pytest.mark.parametrize("size", [2, 3, 5])
def test_several_processes_end_where_one_does(tmp_path, in_team, name, fill, size):
    path = write(tmp_path / name, make_columns())
    alone = read_design(path, "y", fill_missing=fill)
    assert alone.feature_names[:3] == ["x", "word=green", "word=red"]
    assert list(alone.left_out) == ([] if fill else ['no "x" given', 'no "word" given'])
    designs = in_team(size, lambda team: read_design(path, "y", fill_missing=fill, team=team))
    for design in designs:
        compare(design, alone)
        np.testing.assert_array_equal(design.train.factor, designs[0].train.factor)  # to the last bit


@pytest.mark.parametrize("name", ["table.csv", "table.csv.gz", "table.parquet"])
@pytest.mark.parametrize("size", [2, 3])
def test_a_large_table_gives_the_same_bits_to_any_number_of_processes(tmp_path, in_team, monkeypatch, name, size):
    monkeypatch.setattr(table_files, "_STRETCH_ROWS", 70)
    monkeypatch.setattr(table_files, "_ROWS_PER_COLUMN", 1)
    cells = make_columns(500)
    cells["code"] = [f"word {row % 60 if row > 300 else 0}" for row in range(len(cells["x"]))]  # too many, but late
    path = write(tmp_path / name, cells)
    monkeypatch.setattr(table_files, "_STRETCH_CHUNKS", 4)
    assert open_table(path).stretches >= 4
    alone = read_design(path, "y", fill_missing=True)
    for design in in_team(size, lambda team: read_design(path, "y", fill_missing=True, team=team)):
        assert design.train.factor.tobytes() == alone.train.factor.tobytes()
        assert design.test.factor.tobytes() == alone.test.factor.tobytes()
        assert design.sample.tobytes() == alone.sample.tobytes()
        assert (design.codes, design.notes, design.left_out) == (alone.codes, alone.notes, alone.left_out)
    assert "Left out code: more than 50 different words." in alone.notes


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.integers(2, 6), st.integers(2, 120), st.booleans())
def test_any_table_in_memory_adds_up(in_team, seed, size, rows, fill):
    random = np.random.default_rng(seed)
    levels = random.choice(["a", "b", "c", "d"], random.integers(1, 5), replace=False)
    columns = {"y": random.normal(size=rows), "x": random.normal(size=rows) + 3, "word": random.choice(levels, rows)}
    columns = {
        name: [None if random.random() < 0.1 else cell for cell in some.tolist()] for name, some in columns.items()
    }
    table = hold_table("rows", columns)

    def read(team=None):
        try:
            return read_design(table, "y", fill_missing=fill, team=team)
        except UserError as error:
            return str(error)

    alone = read()
    for found in in_team(size, read):
        if isinstance(alone, str):
            assert found == alone
        else:
            compare(found, alone)


@pytest.mark.parametrize("seed", range(12))
def test_a_word_met_in_held_out_rows_only_weighs_nothing(in_team, seed):
    plan = Plan("rows", "y", {}, False, False, 0.2, seed, 1)
    held = plan.draw_lots(np.arange(1, 201)) < 0.2  # with some seeds the first row is, so that "rare" is met first
    random = np.random.default_rng(0)
    words = np.where(held, "rare", random.choice(["common", "usual"], 200))
    x, y = random.normal(size=(2, 200))
    table = hold_table("rows", {"x": x, "word": words.tolist(), "y": y})
    for design in [
        read_design(table, "y", seed=seed),
        *in_team(2, lambda team: read_design(table, "y", seed=seed, team=team)),
    ]:
        assert design.feature_names == ["x", "word=rare", "word=usual"]
        assert np.abs(LinearRegression(method="exact").fit_triangle(design.train).coef_).max() < 10


def test_rows_are_held_out_by_their_number_alone(tmp_path):
    stream = np.random.default_rng([7, len("held out")]).random(400)
    plan = Plan("rows", "y", {}, False, False, 0.2, 7, 2)
    np.testing.assert_array_equal(plan.draw_lots(np.arange(2, 402)), stream)
    np.testing.assert_array_equal(plan.draw_lots(np.array([50, 51, 90])), stream[[48, 49, 88]])
    cells = make_columns()
    ragged = {100: "1,2", 101: "1,2,3,4,5"}
    whole, spoiled = write(tmp_path / "whole.csv", cells), write(tmp_path / "spoiled.csv", cells, ragged)
    one, other = (read_design(path, "y", skip_bad_rows=True, held_out=0.4) for path in (whole, spoiled))
    missing = {tuple(row) for row in one.sample} - {tuple(row) for row in other.sample}
    assert len(missing) <= 2
    assert {tuple(row) for row in other.sample} <= {tuple(row) for row in one.sample}


def test_bad_rows_are_counted_over_all_shares(tmp_path, in_team):
    spoil = {30: "tall,red,1,2", 31: "1,red", 200: "1,red,inf,2", 390: "1,red,1,?,5", 400: "1,red,1,high"}
    path = write(tmp_path / "table.csv", make_columns(), spoil)
    alone = read_design(path, "y", skip_bad_rows=True)
    assert alone.left_out['"x" not a finite number'] == 1
    assert alone.left_out['"late" not a finite number'] == 1
    assert alone.left_out['"y" not a finite number'] == 1
    for design in in_team(3, lambda team: read_design(path, "y", skip_bad_rows=True, team=team)):
        compare(design, alone)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        ({300: "tall,red,1,2"}, 'row 300, column "x": "tall" is not a finite number'),
        ({390: "tall,red,1,2", 200: "1,red,1,high"}, 'row 200, column "y": "high" is not a finite number'),
        ({390: "1,2", 10: "1,red,flat,2"}, 'row 10, column "late": "flat" is not a finite number'),
        ({250: "1,2"}, "row 250: 2 cells, expected 4"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 8])
def test_all_raise_what_one_process_would(tmp_path, in_team, spoil, told, size):
    path = write(tmp_path / "table.csv", make_columns(), spoil)
    errors = in_team(size, lambda team: read_design(path, "y", team=team))
    assert {type(error).__mro__[-4] for error in errors} == {UserError}
    assert {str(error).startswith(f"{path}, {told}") for error in errors} == {True}


def test_what_one_process_alone_meets_all_raise(tmp_path, in_team):
    path = write(tmp_path / "table.csv", make_columns())
    errors = in_team(3, lambda team: read_design(path if team.rank != 1 else tmp_path / "absent.csv", "y", team=team))
    assert {str(error) for error in errors} == {
        f"{tmp_path / 'absent.csv'}: no such file. Give a table as .csv, .tsv or .parquet."
    }


def test_words_that_are_too_many_only_together(tmp_path, in_team):
    cells = make_columns()
    # Each of two processes meets 30 of the 60 words.
    cells["code"] = [None if row % 9 == 0 else f"word {row * 60 // 400}" for row in range(400)]
    path = write(tmp_path / "table.parquet", {name: cells[name] for name in ("x", "code", "y")})
    alone = read_design(path, "y")
    assert alone.notes == ["Left out code: more than 50 different words."]
    assert 'no "code" given' not in alone.left_out  # no row is lost for a column that is not used
    for design in in_team(2, lambda team: read_design(path, "y", team=team)):
        compare(design, alone)
    errors = in_team(2, lambda team: read_design(path, "y", ["x", "code"], team=team))
    assert len({str(error) for error in errors}) == 1
    assert 'column "code": more than 50 different words ("word 0", "word 1", …)' in str(errors[0])


def test_a_column_without_a_value_at_first_is_read_as_its_first_values_are(tmp_path, in_team):
    cells = make_columns()
    cells["late"] = [None] * 300 + ["tall"] * 60 + ["small"] * 39 + ["7"]
    path = write(tmp_path / "table.csv", cells)
    alone = read_design(path, "y", held_out=0.0)
    assert "late=tall" in alone.feature_names
    for design in in_team(3, lambda team: read_design(path, "y", held_out=0.0, team=team)):
        compare(design, alone)


def test_sums_add_up_in_any_order_and_as_messages():
    table = hold_table("rows", make_columns(200))
    plan = Plan("rows", "y", {"x": True, "word": False, "late": True}, True, False, 0.3, 0, 1)
    parts = []
    for rank in range(3):
        parts.append(Collected())
        for chunk in table.read(table.names, False, rank, 3):
            parts[-1].add(chunk, plan)
    parts = [unpack(pack(part)) for part in parts]
    sums = []
    for order in itertools.permutations(parts):
        whole = order[0] + order[1] + order[2]
        keys = [("x", "value"), ("x", "missing"), *(("word", f"level {word}") for word in ("red", "green", "blue"))]
        matrix = np.column_stack([whole.find(key) for key in keys])
        factor = whole.train.transform(matrix).factor
        sums.append((whole.train.rows, factor.T @ factor, whole.rows, whole.sample @ matrix))
    for found in sums[1:]:
        for one, other in zip(found, sums[0], strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-9)
