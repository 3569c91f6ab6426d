"""Tables read in one pass: row numbers, missing values, words, and every way a file can be wrong."""

import gzip

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.base.errors import UserError
from groundup.data.tables import files as table_files
from groundup.data.tables.cohort import simulate_cohort
from groundup.data.tables.columns import ColumnCode, encode
from groundup.data.tables.read_design import read_design
from groundup.data.tables.table import hold_table, open_table
from groundup.estimators.linear_regression import LinearRegression


@pytest.fixture
def write(tmp_path):
    def put(text, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return put


def read_all(path, skip=False):
    table = open_table(path)
    chunks = list(table.read(table.names, skip))
    rows = [int(row) for chunk in chunks for row in chunk.rows]
    cells = {name: [cell for chunk in chunks for cell in chunk.columns[name].to_pylist()] for name in table.names}
    return rows, cells


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("table.csv", "a,b\n1,x\n2,y\n"),
        ("table.csv", "\ufeffa;b\r\n1;x\r\n2;y\r\n"),
        ("table.csv", '"a"|b\n"1"|x\n2|y'),
        ("table.tsv", "a\tb\n1\tx\n2\ty\n"),
        ("table.csv.gz", gzip.compress(b"a,b\n1,x\n2,y\n", mtime=0)),
    ],
)
def test_text_tables_of_every_form(write, name, text):
    assert read_all(write(text, name)) == ([2, 3], {"a": ["1", "2"], "b": ["x", "y"]})


def test_parquet(tmp_path):
    path = tmp_path / "table.parquet"
    columns = {"a": [1, None], "b": pa.array(["x", "y"]).dictionary_encode(), "c": [True, False]}
    pa.parquet.write_table(pa.table(columns), path)
    assert read_all(path) == ([1, 2], {"a": [1.0, None], "b": ["x", "y"], "c": ["true", "false"]})


def test_row_numbers_hold_in_every_chunk(write, monkeypatch):
    monkeypatch.setattr(table_files, "_CHUNK_BYTES", 200)
    lines = ["a,b", *(f"{number},{number}" for number in range(2, 400))]
    lines[100], lines[200] = "", "1,2,3"
    path = write("\n".join(lines))
    rows, cells = read_all(path, skip=True)
    assert [(row, cell) for row, cell in zip(rows, cells["a"], strict=True) if cell not in (str(row), "")] == []
    assert 201 not in rows
    assert rows[-1] == 399
    lines[300] = "tall,1"
    with pytest.raises(UserError, match='row 301, column "a": "tall" is not a finite number'):
        read_design(write("\n".join([*lines[:200], "0,0", *lines[201:]]), "tall.csv"), "b", ["a"])
    with pytest.raises(UserError, match="row 201: 3 cells, expected 2"):
        read_design(path, "b", ["a"])


WRONG = {
    "": "the file is empty",
    " \n ": "the file is empty",
    "a,b": "no rows under the header",
    "a,b\n": "no rows under the header",
    "1,2\n3,4\n": "holds numbers where column names belong",
    "a\n1\n2\n": "only one column",
    "a,a\n1,2\n": 'two columns are called "a"',
    "a,b\n1,2\n3\n": "row 3: 1 cell, expected 2",
    "a,b\n1,2\ntall,3\n4,5\n": 'row 3, column "a": "tall" is not a finite number',
    "a,b\n1,2\n-Infinity,3\n4,5\n": 'row 3, column "a": "-Infinity" is not a finite number',
    "a,b\n1,2\n2,inf\n4,5\n": 'row 3, column "b": "inf" is not a finite number',
    "a,b\n,2\n,3\n": 'column "a": every value is missing',
    "a,b\n1,\n2,NA\n": 'column "b": every value is missing',
    "a,b\n1,2\n": "only one usable row",
    "a,b\n1,2\n1,3\n1,4\n": 'column "a": the same in every row',
    "a,b\n1,2\n2,2\n3,2\n": 'column "b": the target is the same in every row',
    "a,c,b\n1,5,2\n2,3,9\n": "3 weights to learn .* from 2 rows",
    b"a,b\n1,\xff\n": "not UTF-8",
    b"a,\xff\n1,2\n": "row 1: not UTF-8",
    b"\x89PNG\0\0": "a binary file",
    b"PK\3\4\0\0xl/workbook.xml": "an Excel file or another spreadsheet, not a table. Save the sheet as CSV",
    b"PK\3\4\0\0houses.csv": "a ZIP archive, not a table. Unpack it",
    b"%PDF-1.4\n1,2\n": "a PDF, not a table",
    '[\n {"a": 1, "b": 2},\n {"a": 1, "b": 3}]': "JSON, not a table. Give a table as .csv",
    '{"a": [1, 2], "b": [1, 2]}': "JSON, not a table. Give a table as .csv",
    "<html><table><tr><td>a,b\n": "a web page or XML, not a table. Save the table itself as CSV",
    "a,c,b\n" + "".join(f"{n},{n % 7 + 1},{n * 3 + 2}\n" for n in range(1, 21)) + "210,83,670\n": (
        "row 22: it holds the sums of the rows above it .*in b, a and c.*Take it out"
    ),
}


@pytest.mark.parametrize("text", WRONG, ids=[message[:30] for message in WRONG.values()])
def test_a_table_that_cannot_be_used_is_told_in_one_line(write, text):
    path = write(text)
    features = ["a", "c"] if b"c" in (text if isinstance(text, bytes) else text.encode()) else ["a"]
    with pytest.raises(UserError, match=WRONG[text]) as caught:
        read_design(path, "b", features, held_out=0.0)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_table(tmp_path, write):
    with pytest.raises(UserError, match="no such file"):
        open_table(tmp_path / "absent.csv")
    with pytest.raises(UserError, match="a folder"):
        open_table(tmp_path)
    with pytest.raises(UserError, match="not a Parquet file"):
        open_table(write("a,b\n1,2\n", "table.parquet"))


def test_columns_named_wrongly(write):
    path = write("father,mother,height\n1,2,3\n2,2,4\n3,1,5\n")
    with pytest.raises(UserError, match=r'no column "fathr"\. Did you mean "father"\?'):
        read_design(path, "height", ["fathr"])
    with pytest.raises(UserError, match=r'no column "HEIGHT"\. Did you mean "height"\?'):
        read_design(path, "HEIGHT")
    with pytest.raises(UserError, match="The columns are father, mother, height"):
        read_design(path, "zzz")
    with pytest.raises(UserError, match="named twice"):
        read_design(path, "height", ["father", "father"])
    with pytest.raises(UserError, match="is the target and a feature"):
        read_design(path, "height", ["height"])


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Gr\u00f6\u00dfe", "Gro\u0308\u00dfe"),
        ("Gro\u0308\u00dfe", "Gr\u00f6\u00dfe"),
        ('"area\n(m2)"', "area\n(m2)"),
        ("price\u00a0 EUR", "price EUR"),
    ],
)
def test_names_that_look_alike_are_the_same(write, written, typed):
    table = open_table(write(f"{written},y\n1,3\n2,5\n3,6\n5,9\n"))
    own = table.names[0]
    assert read_design(table, "y", [typed], held_out=0).codes[0].name == own
    called = table.call([typed, "y"])
    assert called.names == [typed, "y"]
    assert next(called.read([typed], False)).columns[typed].to_pylist() == ["1", "2", "3", "5"]


def test_a_last_row_of_sums_is_refused_only_where_it_would_count(write):
    rows = [(n, n % 7 + 1, n * 3 + 2) for n in range(1, 21)]
    text = "a,c,b\n" + "".join(f"{a},{c},{b}\n" for a, c, b in rows)
    assert read_design(write(f"{text}Total,,670\n", "part.csv"), "b", ["c"], held_out=0).train.rows == 20
    with pytest.raises(UserError, match=r"row 22: it holds the sums of the rows above it \(in b\)"):
        read_design(write(f"{text},,670\n", "filled.csv"), "b", ["c"], held_out=0, fill_missing=True)
    read_design(write(f"{text}211,83,669\n21,4,65\n", "inside.csv"), "b", held_out=0)
    # A large table is read in chunks, of which the last one has the row.
    many = text + "".join(f"{n},{n % 5},{n % 11}\n" for n in range(200_000))
    columns = [[int(cell) for cell in line.split(",")] for line in many.splitlines()[1:]]
    total = ",".join(str(sum(cells)) for cells in zip(*columns, strict=True))
    read_design(write(many, "many.csv"), "b", held_out=0)
    with pytest.raises(UserError, match=r"row 200022: it holds the sums of the rows above it \(in b, a and c\)"):
        read_design(write(f"{many}{total}\n", "long.csv"), "b", held_out=0)
    # A table of counts in which the last cell happens to be a sum.
    read_design(write("a,b\n1,4\n2,3\n1,5\n4,3\n", "few.csv"), "b", held_out=0)


def test_figures_that_begin_with_0_are_named_as_codes(write):
    path = write("zip,price\n01067,3\n04103,5\n08056,4\n10115,9\n80331,7\n")
    (note,) = read_design(path, "price", held_out=0).notes
    assert note == (
        'zip: "01067" is read as the number 1067. If it is a code, read the column as words: --set categories=zip.'
    )
    assert not read_design(write("a,price\n0,3\n0.5,5\n10,4\n7,1\n", "plain.csv"), "price", held_out=0).notes


@pytest.mark.parametrize("form", ['"=""{}"""', "'{}", '="{}"'])
def test_numbers_that_a_spreadsheet_keeps_as_text_are_numbers(write, form):
    rows = "".join(f"{form.format(n + 0.5)},{form.format(f'00{n % 3}')},{3 * n}\n" for n in range(1, 60))
    table = open_table(write(f"area,code,price\n{rows}"))
    cells = next(table.read(["area", "code"], False)).columns
    assert cells["area"].to_pylist()[:2] == ["1.5", "2.5"]
    assert "001" in cells["code"].to_pylist()[0]
    assert cells["code"].to_pylist()[0] != "001"
    assert "area" in read_design(table, "price", held_out=0).feature_names


def test_too_few_rows_are_explained_by_those_left_out(write):
    rows = "".join(f"{'' if n % 20 else 'NSE'[n // 20]},{n % 7},{n}\n" for n in range(60))
    with pytest.raises(UserError, match=r'left out: 57 with no "region" given\. Keep these rows with --set missing'):
        read_design(write(f"region,a,b\n{rows}"), "b", held_out=0)


def make_rows(count=60, seed=0):
    random = np.random.default_rng(seed)
    words = random.choice(["red", "green", "blue"], count)
    x = random.normal(size=count)
    y = 2 * x + np.where(words == "red", 3.0, np.where(words == "green", -1.0, 0.0)) + random.normal(size=count)
    return x, words, y


@given(st.integers(0, 1000), st.permutations(range(60)))
def test_words_become_columns_whatever_the_order_of_rows(seed, order):
    x, words, y = make_rows(seed=seed)
    order = list(order)
    table = hold_table("rows", {"x": x[order], "word": words[order].tolist(), "y": y[order]})
    design = read_design(table, "y", held_out=0.0)
    assert design.feature_names == ["x", "word=green", "word=red"]
    matrix = np.column_stack([np.ones(60), x, words == "green", words == "red"])
    expected = np.linalg.lstsq(matrix, y)[0]
    found = LinearRegression(method="exact").fit_triangle(design.train)
    np.testing.assert_allclose([found.intercept_, *found.coef_], expected, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_streaming_is_reading_at_once(tmp_path, monkeypatch, kind):
    x, words, y = make_rows(3000)
    words[:2500][words[:2500] == "green"] = "blue"  # "green" is met late
    path = tmp_path / f"table.{kind}"
    cells = {"x": [None if place % 7 == 0 else float(value) for place, value in enumerate(x)]}
    cells |= {"word": [None if place % 11 == 0 else str(word) for place, word in enumerate(words)], "y": y.tolist()}
    if kind == "csv":
        rows = zip(*cells.values(), strict=True)
        lines = [",".join("" if cell is None else str(cell) for cell in row) for row in rows]
        path.write_text("x,word,y\n" + "\n".join(lines))
    else:
        pa.parquet.write_table(pa.table(cells), path)
    whole = read_design(hold_table("rows", cells), "y", fill_missing=True)
    monkeypatch.setattr(table_files, "_CHUNK_BYTES", 1000)
    monkeypatch.setattr(table_files, "_CHUNK_ROWS", 50)
    streamed = read_design(path, "y", fill_missing=True)
    assert streamed.feature_names == whole.feature_names == ["x", "word=green", "word=red", "word=(missing)"]
    assert streamed.codes[0].fill == pytest.approx(whole.codes[0].fill, rel=1e-12)
    for part in ("train", "test"):
        one, other = getattr(streamed, part), getattr(whole, part)
        assert one.rows == other.rows
        np.testing.assert_allclose(one.factor.T @ one.factor, other.factor.T @ other.factor, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(streamed.sample, whole.sample)


def test_missing_values_are_left_out_and_counted_or_filled_in(write):
    path = write("a,b,y\n1,2,3\n,3,5\n2,NA,6\n,,\n3,7,\n\n4,9,9\n5,7,12\n6,1,14\n")
    design = read_design(path, "y", held_out=0.0)
    assert design.train.rows == 4
    assert design.rows_left_out == 3
    assert design.left_out == {'no "y" given': 1, 'no "a" given': 1, 'no "b" given': 1}
    filled = read_design(path, "y", held_out=0.0, fill_missing=True)
    assert filled.train.rows == 6
    assert [code.fill for code in filled.codes] == pytest.approx([np.mean([1, 2, 4, 5, 6]), np.mean([2, 3, 9, 7, 1])])


def test_bad_rows_can_be_left_out(write):
    path = write("a,b,y\n1,2,3\n2,x,4\n3,5\n4,7,8\n5,1,inf\n6,2,9\n7,7,1\n8,2,2\n9,9,1\n")
    design = read_design(path, "y", held_out=0.0, skip_bad_rows=True)
    assert design.train.rows == 6
    assert design.rows_left_out == 3
    assert design.left_out["too many or too few cells"] == 1


def test_columns_are_chosen_sensibly():
    random = np.random.default_rng(0)
    x, z = random.normal(size=(2, 50))
    columns = {
        "id": np.arange(100, 150),
        "serial": np.arange(50),
        "x": x,
        "z": z,
        "sum": x + z,
        "flat": np.ones(50),
        "name": [f"name {number}" for number in range(50)],
        "code": random.integers(0, 2, 50),
        "y": x + random.normal(size=50),
    }
    design = read_design(hold_table("rows", columns), held_out=0.0, categories=["code"])
    assert design.target == "y"
    assert design.feature_names == ["x", "z", "code=1"]
    told = " ".join(design.notes)
    assert "Left out id and serial" in told
    assert "Left out sum: the columns x and z tell it almost exactly" in told
    assert "Left out flat: it is the same in every row" in told
    assert "Left out name: almost every row has a different word" in told


def test_a_column_that_gives_the_target_away_is_told():
    random = np.random.default_rng(0)
    y = random.normal(size=40)
    table = hold_table("rows", {"x": random.normal(size=40), "double": 2 * y, "y": y})
    assert "double tells y almost exactly" in " ".join(read_design(table, "y").notes)


def test_too_many_words():
    words = [f"word {number % 60}" for number in range(300)]
    numbers = np.random.default_rng(0).normal(size=(2, 300))
    table = hold_table("rows", {"x": numbers[0], "word": words, "y": numbers[1]})
    design = read_design(table, "y")
    assert design.feature_names == ["x"]
    assert "more than 50 different words" in design.notes[0]
    with pytest.raises(UserError, match='column "word": more than 50 different words'):
        read_design(table, "y", ["word"])


def test_the_held_out_part_depends_on_the_seed_alone():
    table = simulate_cohort(500)
    one, same, other = (read_design(table, seed=seed) for seed in (0, 0, 1))
    assert one.train.rows + one.test.rows == 500
    assert 60 < one.test.rows < 140
    np.testing.assert_array_equal(one.sample, same.sample)
    assert not np.array_equal(one.sample[:20], other.sample[:20])
    assert abs(np.mean(one.sample[:, 1]) - 0.5) < 0.2  # both sexes are in it


def test_known_codes_refuse_words_never_met():
    table = hold_table("rows", {"x": ["1", ""], "sex": ["male", "m"]})
    chunk = next(table.read(table.names, False))
    with pytest.raises(UserError, match='row 2, column "sex": "m" did not occur in training, only female, male'):
        encode("rows", chunk, [ColumnCode("sex", ("female", "male"))])
    features, usable = encode("rows", chunk, [ColumnCode("x")])
    assert usable.tolist() == [True, False]
    features, usable = encode("rows", chunk, [ColumnCode("x", fill=7.0)])
    assert features[:, 0].tolist() == [1, 7]
    assert usable.all()


def test_the_cohort_keeps_to_the_figures_it_is_drawn_from():
    table = simulate_cohort(40000, seed=3)
    columns = next(table.read(table.names, False)).columns
    boys = np.array(columns["sex"].to_pylist()) == "male"
    values = {name: columns[name].to_numpy() for name in table.names[1:]}
    adult = values["adult_height"]
    assert np.median(adult[boys]) == pytest.approx(176.85, abs=0.2)
    assert np.median(adult[~boys]) == pytest.approx(163.34, abs=0.2)
    assert np.percentile(values["height_10"][boys], [3, 97]) == pytest.approx([126.7, 151.5], abs=0.5)
    assert np.median(values["weight_10"][~boys]) == pytest.approx(33.06, abs=0.3)
    for parent in ("father_height", "mother_height"):
        for sex in (boys, ~boys):
            assert np.corrcoef(values[parent][sex], adult[sex])[0, 1] == pytest.approx(0.5, abs=0.03)
    assert np.corrcoef(values["height_10"][boys], adult[boys])[0, 1] == pytest.approx(0.89, abs=0.02)
    assert "simulated" in table.source
