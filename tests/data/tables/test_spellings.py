"""The same numbers however they are written: laws over every spelling, and the cells that no spelling reads."""

import datetime
import decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.base.errors import UserError
from groundup.data.tables import files as table_files
from groundup.data.tables.columns import ColumnCode
from groundup.data.tables.date_cells import find_dates
from groundup.data.tables.dates import Dates
from groundup.data.tables.quoting import join_row, quote, split_names, split_outside, split_row, unquote
from groundup.data.tables.read_design import read_design
from groundup.data.tables.spellings import Spelling, dissect
from groundup.data.tables.table import MISSING, open_table
from groundup.estimators.linear_regression import LinearRegression


def swap(text):
    """Exchange points and commas."""
    return text.translate(str.maketrans(".,", ",."))


def indian(value):
    whole, _, rest = f"{abs(value):.2f}".partition(".")
    front, last = whole[:-3], whole[-3:]
    while front:
        front, last = front[:-2], f"{front[-2:]},{last}"
    return f"{'-' * (value < 0)}{last}.{rest}"


SPELLINGS = {
    "plain": (",", lambda value: f"{value:.2f}"),
    "decimal comma": (";", lambda value: swap(f"{value:.2f}")),
    "decimal comma in tabs": ("\t", lambda value: swap(f"{value:.2f}")),
    "decimal comma in quotes": (",", lambda value: f'"{swap(f"{value:.2f}")}"'),
    "thousands": (",", lambda value: f'"{value:,.2f}"'),
    "thousands with points": (";", lambda value: swap(f"{value:,.2f}")),
    "thousands with blanks": (";", lambda value: f"{value:,.2f}".replace(",", " ").replace(".", ",")),
    "thousands with fixed blanks": (",", lambda value: f"{value:,.2f}".replace(",", "\u00a0")),
    "thousands with narrow blanks": (",", lambda value: f"{value:,.2f}".replace(",", "\u202f")),
    "thousands with apostrophes": (",", lambda value: f"{value:,.2f}".replace(",", "'")),
    "thousands with typeset apostrophes": (",", lambda value: f"{value:,.2f}".replace(",", "\u2019")),
    "lakhs": (",", lambda value: f'"{indian(value)}"'),
    "percent": (",", lambda value: f"{value:.2f}%"),
    "percent with a blank": (";", lambda value: swap(f"{value:.2f} %")),
    "dollars": (",", lambda value: f'"{"-" * (value < 0)}${abs(value):,.2f}"'),
    "euros behind": (";", lambda value: swap(f"{value:,.2f}") + " €"),
    "francs": (",", lambda value: f"CHF {value:,.2f}".replace(",", "'")),
    "rupees": (",", lambda value: f'"Rs. {indian(value)}"'),
    "reais": (";", lambda value: "R$ " + swap(f"{value:,.2f}")),
    "a unit": (",", lambda value: f"{value:.2f} m2"),
    "a unit without a blank": (",", lambda value: f"{value:.2f}cm"),
    "a unit of its own": (",", lambda value: f"{value:.2f} widgets"),
    "a typeset minus": (",", lambda value: f"{value:.2f}".replace("-", "\u2212")),
    "a minus behind": (";", lambda value: swap(f"{abs(value):.2f}") + "-" * (value < 0)),
    "brackets for a minus": (",", lambda value: f'"({-value:,.2f})"' if value < 0 else f'"{value:,.2f}"'),
    "exponents": (",", lambda value: f"{value:.12e}"),
    "exponents of Fortran": (",", lambda value: f"{value:.12e}".replace("e", "D")),
    "a plus": (",", lambda value: f"{value:+.2f}"),
    "blanks around": (",", lambda value: f"  {value:.2f} "),
}
HUNDREDTHS = st.integers(-(10**9), 10**9).map(lambda number: number / 100)


@given(st.lists(HUNDREDTHS, min_size=20, max_size=30), st.sampled_from(list(SPELLINGS)))
def test_a_table_means_the_same_in_every_spelling(tmp_path_factory, values, name):
    values = [*values, -1234567.89, 12345.67, 0.25]  # so that there is something to tell by
    random = np.random.default_rng(0)
    other = random.integers(0, 9, len(values))
    delimiter, write = SPELLINGS[name]
    folder = tmp_path_factory.mktemp("tables")
    designs = []
    for file, sign, spell in (("plain.csv", ",", SPELLINGS["plain"][1]), ("other.csv", delimiter, write)):
        rows = (f"{spell(value)}{sign}{number}\n" for value, number in zip(values, other, strict=True))
        (folder / file).write_text(f"x{sign}y\n" + "".join(rows))
        designs.append(read_design(folder / file, "y", held_out=0.0))
    np.testing.assert_allclose(designs[1].train.factor, designs[0].train.factor, rtol=1e-12, atol=1e-6)
    design = designs[1]
    plain = name in ("plain", "a plus", "blanks around", "exponents")
    assert bool(design.notes) != plain
    reading = design.codes[0].reading
    if reading is not None:
        cells = pa.array([write(value).strip('"') for value in values])
        np.testing.assert_allclose(reading.read(cells), values, rtol=1e-15)
        assert ColumnCode.from_json(design.codes[0].to_json()) == design.codes[0]


@given(st.lists(st.integers(1, 2**40), min_size=12, max_size=20, unique=True))
def test_hexadecimal_numbers(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("tables") / "table.csv"
    path.write_text("x,y\n" + "".join(f"{value:#x},{place * place}\n" for place, value in enumerate(values)))
    design = read_design(path, "y", held_out=0.0)
    assert design.train.factor[0, 1] ** 2 == pytest.approx(sum(values) ** 2 / len(values))


@given(
    st.lists(HUNDREDTHS, min_size=20, max_size=20), st.sampled_from(list(SPELLINGS)), st.sampled_from(["-", "NaN", ""])
)
def test_a_target_means_the_same_in_every_spelling(tmp_path_factory, values, name, mark):
    values = [*values, -1234567.89, 12345.67, 0.25]
    delimiter, write = SPELLINGS[name]
    path = tmp_path_factory.mktemp("tables") / "table.csv"
    x = np.random.default_rng(0).normal(size=len(values)).round(2)
    own = [swap(str(a)) if delimiter == ";" else str(a) for a in x]
    rows = [f"{a}{delimiter}{write(value)}\n" for a, value in zip(own, values, strict=True)]
    path.write_text(f"x{delimiter}y\n" + "".join(rows) + f"1{delimiter}{mark}\n")
    design = read_design(path, held_out=0.0)
    assert design.target == "y"
    assert design.left_out == {'no "y" given': 1}
    expected = LinearRegression(method="exact").fit(x.reshape(-1, 1), np.array(values))
    found = LinearRegression(method="exact").fit_triangle(design.train)
    assert found.coef_[0] == pytest.approx(expected.coef_[0], rel=1e-6)


@given(st.sampled_from([mark for mark in MISSING if mark]), st.integers(1, 99))
def test_every_mark_for_a_missing_value_in_whatever_share(tmp_path_factory, mark, percent):
    random = np.random.default_rng(percent)
    lost = random.random(200) < percent / 100
    path = tmp_path_factory.mktemp("tables") / "table.csv"
    path.write_text("x,y\n" + "".join(f"{mark if gone else place / 7},{place}\n" for place, gone in enumerate(lost)))
    if lost.sum() > 190:  # too few are left
        with pytest.raises(UserError, match=r"usable row|missing|weights|held out"):
            read_design(path, "y", ["x"], held_out=0.97)
        return
    design = read_design(path, "y", ["x"])
    assert design.feature_names == ["x"]
    assert design.left_out.get('no "x" given', 0) == lost.sum()


DAYS = st.dates(datetime.date(1970, 1, 1), datetime.date(2029, 12, 31))
DATE_FORMS = [
    "%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y%m%d", "%d %b %Y", "%d-%b-%Y",
    "%B %d, %Y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%m/%d/%Y %I:%M %p", "%d.%m.%y", "%m/%d/%y",
    "%a, %d %b %Y", "%d-%b-%y",
]  # fmt: skip


@given(st.lists(DAYS, min_size=5, max_size=20, unique=True), st.sampled_from(DATE_FORMS))
def test_dates_of_every_form_are_the_same_days(tmp_path_factory, days, form):
    days = [*days, datetime.date(2015, 3, 31), datetime.date(2000, 12, 1)]
    path = tmp_path_factory.mktemp("tables") / "table.csv"
    rows = [f'"{day.strftime(form)}",{place * place % 17}\n' for place, day in enumerate(days)]
    path.write_text("d,y\n" + "".join(rows))
    design = read_design(path, "y", held_out=0.0)
    reading = design.codes[0].reading
    assert reading.unit == "day"
    assert reading.origin == min(days).toordinal()
    values = reading.read(pa.array([day.strftime(form) for day in days]))
    assert values.tolist() == [day.toordinal() - reading.origin for day in days]
    later = datetime.date(2031, 5, 6) if "%y" not in form else datetime.date(2026, 5, 6)
    for written in (later.strftime(form), later.isoformat()):
        assert reading.read(pa.array([written]))[0] == later.toordinal() - reading.origin
    assert reading.write(later.toordinal() - reading.origin) == later.isoformat()
    assert ColumnCode.from_json(design.codes[0].to_json()) == design.codes[0]


@pytest.mark.parametrize(
    ("cells", "unit", "days"),
    [
        (pa.array([datetime.date(2015, 1, 1), None, datetime.date(2015, 2, 1)]), "day", [0, 31]),
        (pa.array([datetime.datetime(2015, 1, 1, 12), None, datetime.datetime(2015, 1, 3)]), "day", [0.5, 2]),
        (pa.array([0, None, 86_400_000], pa.timestamp("ms", "Europe/Berlin")), "day", [0, 1]),
        (pa.array([datetime.time(12, 30), None, datetime.time(6)]), "hour", [12.5, 6]),
    ],
)
def test_dates_and_times_of_parquet(tmp_path, cells, unit, days):
    table = pa.table({"d": pa.concat_arrays([cells] * 8), "y": np.random.default_rng(0).normal(size=24)})
    pa.parquet.write_table(table, tmp_path / "table.parquet")
    design = read_design(tmp_path / "table.parquet", "y", held_out=0.0)
    assert design.codes[0].reading.unit == unit
    assert design.train.rows == 16
    assert design.left_out == {'no "d" given': 8}
    assert design.codes[0].reading.read(cells.drop_null()).tolist() == days


def test_other_types_of_parquet(tmp_path):
    random = np.random.default_rng(0)
    columns = {
        "list": pa.array([[1, 2]] * 30),
        "null": pa.nulls(30),
        "nan": pa.array([float("nan") if place % 3 else place * 1.5 for place in range(30)]),
        "large": pa.array(["red", "blue"] * 15, pa.large_string()),
        "decimal": pa.array([decimal.Decimal(place * 3 % 7) / 4 for place in range(30)]),
        "duration": pa.array([datetime.timedelta(hours=12 * place * place) for place in range(30)]),
        "y": random.normal(size=30),
    }
    pa.parquet.write_table(pa.table(columns), tmp_path / "table.parquet")
    design = read_design(tmp_path / "table.parquet", "y", held_out=0.0)
    assert design.feature_names == ["nan", "large=red", "decimal", "duration"]
    assert "Left out null: it has no value in any row." in design.notes
    assert design.left_out == {'no "nan" given': 20}


def test_a_later_chunk_may_tell_how_a_column_is_written(tmp_path, monkeypatch, in_team):
    monkeypatch.setattr(table_files, "_CHUNK_BYTES", 300)
    random = np.random.default_rng(0)
    x = np.sort(random.uniform(1, 5000, 300)).round(0)
    y = (x + random.normal(size=300)).round(3)
    path = tmp_path / "table.csv"
    path.write_text("x,y\n" + "".join(f'"{a:,.0f}",{b}\n' for a, b in zip(x, y, strict=True)))
    for skip in (False, True):
        design = read_design(path, "y", skip_bad_rows=skip, held_out=0.0)
        assert design.train.rows == 300
        assert design.notes[0] == 'x: "1,002" is read as 1002.' or design.notes[0].startswith('x: "')
        model = LinearRegression(method="exact").fit_triangle(design.train)
        assert model.coef_[0] == pytest.approx(1, abs=1e-3)
        for other in in_team(
            3, lambda team, skip=skip: read_design(path, "y", skip_bad_rows=skip, held_out=0.0, team=team)
        ):
            assert other.notes == design.notes
            np.testing.assert_allclose(
                other.train.factor.T @ other.train.factor, design.train.factor.T @ design.train.factor
            )


def test_what_the_first_chunk_leaves_open_later_ones_tell(tmp_path, monkeypatch):
    monkeypatch.setattr(table_files, "_CHUNK_BYTES", 300)
    lines = [
        f"{place % 9 + 1}.{place % 7 + 100};{place * place % 31};0{place % 9 + 1}/0{place % 7 + 1}/2015"
        for place in range(200)
    ]
    lines[150] = "0.5;3;03/25/2015"
    path = tmp_path / "table.csv"
    path.write_text("x;y;d\n" + "\n".join(lines))
    design = read_design(path, "y", held_out=0.0)
    assert [code.name for code in design.codes] == ["x", "d"]
    assert design.codes[0].reading is None
    assert design.codes[1].reading.meaning == ("day", "mdy")
    lines[150] = "2.345.678;3;25/03/2015"
    path.write_text("x;y;d\n" + "\n".join(lines))
    design = read_design(path, "y", held_out=0.0)
    assert design.codes[0].reading.decimal == ","
    assert design.codes[1].reading.meaning == ("day", "dmy")
    lines[150] = lines[149]
    path.write_text("x;y;d\n" + "\n".join(lines))
    with pytest.raises(UserError, match=r'row 2, column "x": "1.100" can be 1100 .* or 1.100'):
        read_design(path, "y")
    for sign, first in (("comma", 1100), ("point", 1.1)):
        design = read_design(path, "y", decimal=sign, dates="day-first", held_out=0.0)
        value = 1.1 if design.codes[0].reading is None else design.codes[0].reading.read(pa.array(["1.100"]))[0]
        assert value == first


BAD = {
    "x,y\n85 m2,1\n90 m2,2\n95,3\n100 m2,4\n": 'row 4, column "x": "95" is not a finite number written like "',
    "x,y\n10%,1\n0.2,2\n30%,3\n": 'row 3, column "x": "0.2" is not a finite number written like "10%"',
    "x,y\n70 kg,1\n150 lb,2\n80 kg,3\n160 lb,4\n": 'row 3, column "x": "150 lb" is not a finite number written like',
    "x;y\n1,5;1\n2,25;2\n3.5;3\n": 'row 4, column "x": "3.5" is not a finite number written like "',
    "x,y\n$5,1\n$6,2\n€7,3\n": 'row 4, column "x": "€7" is not a finite number written like "$5"',
    "x,y\n2015-01-31,1\n2015-02-30,2\n2015-02-01,3\n": 'row 3, column "x": "2015-02-30" is not read like the other',
    "x,y\n1e200,1\n2e200,2\n": 'row 2, column "x": "1e200" is beyond what can be computed with',
    "y,x\n1.7e308,1\n-1.7e308,2\n": 'row 2, column "y": "1.7e308" is beyond what can be computed with',
    "y,x\n1e-320,1\n2e-320,2\n3e-320,3\n": 'column "y": the target is too small to compute with',
    "x,y\n1e-320,1\n2e-320,2\n3e-320,3\n": "x: it is too small to compute with",
    "y,x\n1000000000000000,1\n1000000000000001,2\n1000000000000002,3\n": "nearly the same in every row",
    "y,x\n2015-01-01,1\n2016-01-01,2\n": 'column "y": holds dates or times, which cannot be predicted',
    "y,x\n01.02,1\n02.02,2\n03.02,3\n": 'column "y": "01.02" looks like a date without a year',
    "x,y\nkein,1\n" + "".join(f"kein,{place}\n{place}.5,3\nkein,4\n" for place in range(12)): (
        'row 2, column "x": "kein" stands among numbers'
    ),
}


@pytest.mark.parametrize("text", BAD, ids=[told[:40] for told in BAD.values()])
def test_what_cannot_be_read_is_told_in_one_line(tmp_path, text):
    path = tmp_path / "table.csv"
    path.write_text(text)
    with pytest.raises(UserError) as caught:
        read_design(path, "y", held_out=0.0)
    assert BAD[text] in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=40))
def test_any_text_is_taken_apart_or_is_none(text):
    shape = dissect(text)
    for sign in (".", ","):
        value = Spelling(sign, after=("", "m2")).read(pa.array([text]))[0]
        assert np.isnan(value) or np.isfinite(value)
        if shape is not None and not shape.before and not shape.after and (shape.point if sign == "." else shape.comma):
            assert np.isfinite(value)
    for meaning, value in find_dates(text).items():
        assert np.isfinite(value)
        if meaning[0] in ("day", "month", "quarter", "hour"):
            assert np.isnan(read := Dates(meaning).read(pa.array([text]))[0]) or read == value


NAMES = st.text(st.sampled_from("ab ,=:\"'[/]é"), min_size=1, max_size=8)


@given(st.dictionaries(NAMES, NAMES, min_size=1, max_size=4))
def test_rows_and_names_can_be_typed_whatever_is_in_them(cells):
    assert split_row(join_row(cells), list(cells)) == cells
    assert split_names(",".join(map(quote, cells)), list(cells)) == list(cells)
    assert [unquote(part) for part in split_outside(",".join(map(quote, cells)), ",")] == list(cells)


def test_names_and_words_without_quotes_where_only_one_understanding_makes_sense():
    known = ["city", "size, m2", "a=b"]
    assert split_row("city=New York, NY,a=b=5", known) == {"city": "New York, NY", "a=b": "5"}
    assert split_row("city=1,5", known) == {"city": "1,5"}
    assert split_names("size, m2, city", known) == ["size, m2", "city"]
    with pytest.raises(UserError, match="given twice"):
        split_row("city=1,city=2", known)
    with pytest.raises(UserError, match="two ways"):
        split_row("a=b=c", ["a", "a=b"])


def test_a_table_of_everything_can_be_opened_again(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text('"a, b";"c"\n1,5;"x; y"\n2,5;z\n')
    assert open_table(path).names == ["a, b", "c"]
