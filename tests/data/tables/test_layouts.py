"""Where rows begin and end, whatever stands in quotes and wherever a chunk is cut; rows left out are counted."""

import csv
import io
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.base.errors import UserError
from groundup.data.tables import files as table_files
from groundup.data.tables.read_design import read_design
from groundup.data.tables.records import cut_rows
from groundup.data.tables.table import hold_table, open_table

CELLS = st.lists(st.sampled_from([*'ab ,;"1é\t', "\n", "\r\n"]), max_size=6).map("".join)


@given(
    st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=40), st.sampled_from([40, 100, 1000]), st.booleans()
)
def test_cells_come_back_whatever_is_in_them_and_wherever_chunks_end(tmp_path_factory, rows, size, quoted):
    path = tmp_path_factory.mktemp("tables") / "table.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL, lineterminator="\n")
        writer.writerows([("first name", "second", "third"), *rows])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table_files, "_CHUNK_BYTES", size)
        table = open_table(path)
        found = {name: [] for name in table.names}
        numbers = []
        for chunk in table.read(table.names, False):
            numbers += chunk.rows.tolist()
            for name, cells in found.items():
                cells += chunk.columns[name].to_pylist()
    assert numbers == list(range(2, len(rows) + 2))
    assert list(zip(*found.values(), strict=True)) == rows


@given(st.lists(st.sampled_from(["a", 'a"b', '"a"', '"a""b"', '"a\nb"', '""', '"', '5" x', '"a,b"']), max_size=30))
def test_rows_are_cut_where_pyarrow_cuts_them(cells):
    text = "".join(f"{cell}{',' if place % 2 == 0 else chr(10)}" for place, cell in enumerate(cells)).encode()
    cut = cut_rows(text, b",")
    if cut.opened is not None or cut.torn is not None or len(cells) % 2 or not cells:
        return
    options = pa.csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False)
    read = pa.csv.ReadOptions(column_names=["a", "b"], use_threads=False, block_size=len(text) + 1)
    try:
        table = pa.csv.read_csv(io.BytesIO(text), read_options=read, parse_options=options)
    except pa.ArrowInvalid:
        return  # ragged
    assert len(cut.ends) == len(table)


def test_quoted_line_ends_do_not_shift_row_numbers(tmp_path, monkeypatch):
    monkeypatch.setattr(table_files, "_CHUNK_BYTES", 300)
    lines = [f'{place},"one\n{place}",{place * place % 7}' for place in range(2, 200)]
    path = tmp_path / "table.csv"
    path.write_text("x,note,y\n" + "\n".join(lines))
    assert [int(row) for chunk in open_table(path).read(["x"], False) for row in chunk.rows] == list(range(2, 200))
    lines[150] = 'tall,"two\nlines",3'
    path.write_text("x,note,y\n" + "\n".join(lines))
    with pytest.raises(UserError, match='row 152, column "x": "tall" is not a finite number'):
        read_design(path, "y", ["x"])
    lines[150] = '1,"two\nlines",3,4'
    path.write_text("x,note,y\n" + "\n".join(lines))
    with pytest.raises(UserError, match=r"row 152: 4 cells, expected 3\. Its text goes over several lines"):
        read_design(path, "y", ["x"])


LOST_QUOTES = {
    "the last": ('{},"word",{}\n', '5,"word,6\n'),
    "of bare cells": ("{},word,{}\n", '5,"word,6\n'),
    "over two lines": ('{},"two\nlines",{}\n', '5,"two\nlines,6\n'),
}


@pytest.mark.parametrize("name", LOST_QUOTES)
@pytest.mark.parametrize("row", [2, 60, 199])
@pytest.mark.parametrize("skip", [False, True])
def test_a_quote_that_is_never_closed_is_told_with_its_row(tmp_path, monkeypatch, name, row, skip):
    monkeypatch.setattr(table_files, "_CHUNK_BYTES", 300)
    usual, torn = LOST_QUOTES[name]
    lines = [usual.format(place, place * place % 7) for place in range(2, 200)]
    lines[row - 2] = torn
    path = tmp_path / "table.csv"
    path.write_text("x,note,y\n" + "".join(lines))
    with pytest.raises(UserError, match=rf"row {row}: a quote \(\"\) opens a cell and is not closed"):
        read_design(path, "y", ["x"], skip_bad_rows=skip)


@pytest.mark.parametrize("name", ["table.csv", "table.tsv"])
@pytest.mark.parametrize("row", [1, 2, 77, 199])
def test_bytes_that_are_no_text_are_told_with_their_row(tmp_path, monkeypatch, name, row):
    monkeypatch.setattr(table_files, "_CHUNK_BYTES", 300)
    sign = "," if name.endswith("csv") else "\t"
    lines = [sign.join(("x", "ort", "y")), *(sign.join((str(place), "Ort", str(place % 7))) for place in range(2, 200))]
    lines[row - 1] = sign.join(("x", "größe", "y") if row == 1 else ("5", "Köln", "6"))
    (tmp_path / name).write_bytes("\n".join(lines).encode("latin-1"))
    with pytest.raises(UserError, match=rf"row {row}: not UTF-8"):
        read_design(tmp_path / name, "y", ["x", "ort"])


@pytest.mark.parametrize("lines", [["{},{}"], ["{},{},7,8", "{}"]])
def test_every_row_left_out_is_counted(tmp_path, monkeypatch, in_team, lines):
    monkeypatch.setattr(table_files, "_CHUNK_BYTES", 200)
    rows = [f"{place},{place * place % 31},{place % 3}" for place in range(200)]
    for place in range(0, 200, 2):
        rows[place] = lines[place // 2 % len(lines)].format(place, 3)
    path = tmp_path / "table.csv"
    path.write_text("x,z,y\n" + "\n".join(rows))
    design = read_design(path, "y", skip_bad_rows=True)
    assert design.rows_left_out == 100
    assert design.left_out == {"too many or too few cells": 100}
    assert design.train.rows + design.test.rows == 100
    for other in in_team(3, lambda team: read_design(path, "y", skip_bad_rows=True, team=team)):
        assert (other.rows_left_out, other.left_out) == (100, design.left_out)
    path.write_text("x,z,y\n" + "1,2\n" * 40)
    with pytest.raises(UserError, match="no usable row; left out: 40 with too many or too few cells"):
        read_design(path, "y", skip_bad_rows=True)


def make_pair(noise, digits, rows=300):
    random = np.random.default_rng(0)
    x = random.normal(170, 7, rows).round(1)
    return x, (x / 2.54 + noise * random.normal(size=rows)).round(digits), random


@pytest.mark.parametrize(("digits", "kept"), [(8, False), (2, False), (1, False), (0, True)])
def test_the_same_number_in_another_unit_is_a_copy_unless_it_is_told_roughly(digits, kept):
    x, other, random = make_pair(0.0, digits)
    table = hold_table("rows", {"cm": x, "inch": other, "y": x + random.normal(size=len(x))})
    design = read_design(table, "y")
    assert design.feature_names == (["cm", "inch"] if kept else ["cm"])
    assert any("inch: the column cm tells it almost exactly" in note for note in design.notes) or kept


def test_near_copies_are_kept_where_their_difference_may_tell():
    random = np.random.default_rng(0)
    opened = np.cumsum(random.normal(size=400)).round(2) + 1000
    closed = (opened + random.normal(size=400)).round(2)
    y = 3 * (closed - opened) + random.normal(size=400) / 10
    design = read_design(hold_table("rows", {"open": opened, "close": closed, "y": y}), "y")
    assert design.feature_names == ["open", "close"]
    assert design.test.rows
    close_enough = random.normal(1000, 100, 400).round(2)
    near = (close_enough + random.normal(size=400)).round(2)
    design = read_design(hold_table("rows", {"a": close_enough, "b": near, "y": 5 * (near - close_enough)}), "y")
    assert design.feature_names == ["a", "b"]
    assert design.notes == [
        "b: the column a tells it almost exactly, so their weights rest on the small differences between them."
    ]


def test_words_that_say_what_other_words_say_are_a_copy():
    random = np.random.default_rng(0)
    city = random.choice(["Bonn", "Köln", "Hürth"], 90)
    code = [{"Bonn": "BN", "Köln": "K", "Hürth": "HÜ"}[one] for one in city]
    columns = {"city": city.tolist(), "x": random.normal(size=90), "code": code, "y": random.normal(size=90)}
    design = read_design(hold_table("rows", columns), "y")
    assert [one.name for one in design.codes] == ["city", "x"]


def test_wide_tables_are_read_or_refused(tmp_path):
    random = np.random.default_rng(0)
    path = tmp_path / "table.csv"
    names = [f"x{place}" for place in range(3000)]
    path.write_text(
        ",".join([*names, "y"])
        + "\n"
        + "".join(",".join(map(str, row)) + "\n" for row in random.normal(size=(5, 3001)).round(3))
    )
    with pytest.raises(UserError, match=r"3001 weights to learn .* from 5 rows"):
        read_design(path)
    with pytest.raises(UserError, match="5000 columns to predict from; at most 4096 are possible"):
        read_design(hold_table("rows", {f"x{place}": [1.0, 2.0] for place in range(5001)}), "x5000")
    wide = {f"x{place}": column for place, column in enumerate(random.normal(size=(300, 700)))}
    wide["copy"] = 2 * wide["x7"]
    wide |= {"flat": np.ones(700), "y": sum(wide.values()) + random.normal(size=700)}
    design = read_design(hold_table("rows", wide), "y")
    assert len(design.feature_names) == 300
    assert "Left out copy: the column x7 tells it almost exactly." in design.notes
    pa.parquet.write_table(pa.table(wide), tmp_path / "table.parquet")
    same = read_design(tmp_path / "table.parquet", "y")
    np.testing.assert_allclose(same.train.factor.T @ same.train.factor, design.train.factor.T @ design.train.factor)


def test_empty_columns_are_left_out_wherever_they_are(tmp_path, in_team):
    random = np.random.default_rng(0)
    columns = {"none": [None] * 40, "x": random.normal(size=40).tolist(), "Unnamed: 32": [None] * 40}
    columns |= {"y": random.normal(size=40).tolist(), "last": [None] * 40}
    pa.parquet.write_table(pa.table(columns), tmp_path / "table.parquet")
    for path, delimiter in (("table.csv", ","), ("table.tsv", "\t")):
        rows = zip(*columns.values(), strict=True)
        lines = [delimiter.join("" if cell is None else str(cell) for cell in row) for row in rows]
        (tmp_path / path).write_text(delimiter.join(columns) + "\n" + "\n".join(lines) + "\n")
    for path in ("table.csv", "table.tsv", "table.parquet"):
        design = read_design(tmp_path / path)
        assert (design.target, design.feature_names, design.rows_left_out) == ("y", ["x"], 0)
        assert "Left out none: it has no value in any row." in design.notes
        assert "Left out last: it has no value in any row." in design.notes
        with pytest.raises(UserError, match='column "last": every value is missing'):
            read_design(tmp_path / path, "y", ["x", "last"])
        for other in in_team(2, lambda team, path=path: read_design(tmp_path / path, team=team)):
            assert other.notes == design.notes


def test_years_are_no_row_numbers_and_row_numbers_serve_where_there_is_nothing_else():
    random = np.random.default_rng(0)
    y = random.normal(size=60)
    for years in (np.arange(1871, 1931), np.arange(1930, 1870, -1)):
        design = read_design(hold_table("rows", {"year": years, "volume": y}))
        assert (design.target, design.feature_names, design.notes) == ("volume", ["year"], [])
    design = read_design(hold_table("rows", {"time": np.arange(1, 61), "volume": y}))
    assert design.notes == ["time counts the rows, and there is no other column to predict volume from."]
    design = read_design(hold_table("rows", {"time": np.arange(1, 61), "x": y[::-1].copy(), "volume": y}))
    assert design.feature_names == ["x"]


@given(st.integers(0, 2**32))
def test_a_damaged_parquet_file_is_told_in_one_line_or_read(tmp_path_factory, seed):
    random = np.random.default_rng(seed)
    path = tmp_path_factory.mktemp("tables") / "table.parquet"
    columns = {"x": random.normal(size=50), "word": ["a", "b"] * 25, "y": random.normal(size=50)}
    pa.parquet.write_table(pa.table(columns), path)
    content = bytearray(path.read_bytes())
    for place in random.integers(4, len(content), 3):
        content[place] ^= 1 << int(random.integers(8))
    path.write_bytes(content)
    told = f"{path}: "
    try:
        read_design(path, "y")
    except UserError as error:
        told = str(error)
    assert "\n" not in told
    assert told.startswith(str(path))


@pytest.mark.parametrize("name", ["table.csv", "table.parquet"])
def test_a_pipe_is_read(tmp_path, name):
    random = np.random.default_rng(0)
    columns = {"x": random.normal(size=40).tolist(), "y": random.normal(size=40).tolist()}
    file = tmp_path / name
    if name.endswith("csv"):
        file.write_text("x,y\n" + "".join(f"{a},{b}\n" for a, b in zip(*columns.values(), strict=True)))
    else:
        pa.parquet.write_table(pa.table(columns), file)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(file.read_bytes(),))
    writer.start()
    design = read_design(pipe, "y")
    writer.join()
    assert design.source == str(pipe)
    np.testing.assert_array_equal(design.train.factor, read_design(file, "y").train.factor)
    with pytest.raises(UserError, match="a pipe can be read by one process only"):
        open_table(pipe, processes=2)


def test_waiting_for_a_pipe_can_be_interrupted(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    code = "import signal, sys; from groundup.data.tables.table import open_table; "
    code += (
        "signal.signal(signal.SIGINT, signal.default_int_handler); print('ready', flush=True); open_table(sys.argv[1])"
    )
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code, str(pipe)], **streams) as process:
        assert process.stdout.readline() == b"ready\n"
        for _ in range(600):  # until it has begun to wait
            process.send_signal(signal.SIGINT)
            try:
                process.wait(0.1)
                break
            except subprocess.TimeoutExpired:
                continue
        process.kill()
        assert b"KeyboardInterrupt" in process.stderr.read()


def test_names_of_columns_can_be_shown(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text('"a\x1b[2J","b\nc"\n1,2\n2,3\n')
    table = open_table(path)
    assert table.names == ["a\\x1b[2J", "b c"]
    with pytest.raises(UserError) as caught:
        table.call(["z\x1b[31m\n"])
    assert str(caught.value).isprintable()
    path.write_text("a,b\n1,2\nred\x1b[31m,3\n4,5\n")
    with pytest.raises(UserError) as caught:
        read_design(path, "b", ["a"])
    assert str(caught.value).isprintable()


def test_threads_leave_the_limit_of_cells_as_it_was(tmp_path):
    before = csv.field_size_limit()
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "1,2\n" * 200)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: open_table(str(path)), range(64)))
    assert csv.field_size_limit() == before
