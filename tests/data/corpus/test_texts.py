"""Text is read as it is, from wherever it comes, and what cannot be read is named."""

import io
import json
import sys

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from groundup.base.decoding import binary_file, check_utf8, decode_text, find_kind, find_wide, is_plain
from groundup.base.errors import UserError
from groundup.data.corpus.texts import (
    BETWEEN_DOCUMENTS,
    BUILT_IN,
    copy_stream_as_text,
    find_text_files,
    read_documents,
    read_text,
)


@given(st.text(st.characters(exclude_characters="\0\ufeff", exclude_categories=["Cs"])))
def test_every_text_comes_back_character_for_character(text):
    assert decode_text(text.encode(), "x") == text


def test_line_ends_are_kept_and_the_byte_order_mark_is_not(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbfone\r\ntwo\n")
    assert read_text(str(path)).content == "one\r\ntwo\n"


def test_a_folder_is_read_recursively_in_order_without_binary_and_hidden_files(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "a.txt").write_text("first")
    (tmp_path / "b" / "c.jsonl").write_text('{"text": "second"}\n\n{"text": "third", "id": 1}\n')
    (tmp_path / ".git" / "x.txt").write_text("hidden")
    (tmp_path / "z.bin").write_bytes(b"\0\1\2")
    text = read_text(str(tmp_path))
    assert text.content == BETWEEN_DOCUMENTS.join(["first", "second", "third"])
    assert "1 binary file(s) left out, the first is z.bin" in text.notes[0]


@pytest.mark.parametrize(("most", "kind"), [(65, "<u2"), (50_257, "<u2"), (128_000, "<u4")])
def test_a_file_of_token_numbers_is_named_with_the_text_to_give_instead(tmp_path, most, kind):
    path = tmp_path / "train.bin"
    np.random.default_rng(0).integers(0, most, 9_000).astype(kind).tofile(path)
    for asked in (path, tmp_path):
        with pytest.raises(
            UserError, match=r"train\.bin: a file of token numbers.*Give the text that it was made from"
        ):
            read_text(str(asked))
    (tmp_path / "input.txt").write_text("the text")
    with pytest.raises(UserError, match=r"Give \S*input\.txt, the text"):
        find_text_files(path)
    assert read_text(str(tmp_path)).content == "the text"
    np.random.default_rng(0).integers(0, 65_536, 9_000).astype("<u2").tofile(path)
    with pytest.raises(UserError, match="a binary file"):
        read_text(str(path))
    path.write_text("a text, whatever its name " * 9)
    assert read_text(str(path)).content == "a text, whatever its name " * 9


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("héllo\n".encode())))
    assert read_text("-").content == "héllo\n"


def test_what_is_built_in():
    assert read_text(None).content == read_text("shakespeare").content
    assert len(set(read_text(None).content)) == 65
    reference = read_text("python-reference").content
    assert "statement" in reference
    library = read_text("standard-library").content
    assert len(library) > 3_000_000
    assert "class ArgumentParser" in library
    text = read_text("shakespeare-names")
    names = text.content.splitlines()
    assert f"{len(names)} names" in BUILT_IN[text.name]
    assert len(set(names)) == len(names)
    assert {"Romeo", "Cordelia", "Verona", "Plantagenet"} - set(names) == {"Cordelia"}  # another play's
    assert not {"All", "First", "Citizen", "King", "Nurse", "Iii", "Roman", "Romans", "Capulets"} & set(names)
    assert all(name.isalpha() and name.istitle() for name in names)
    ends = {name[0] for name in names[-len(names) // 10 :]}
    assert len(ends) > 10  # what is held out is like the rest


@given(
    st.binary(max_size=60).filter(lambda raw: b"\0" not in raw and find_wide(raw) is None and find_kind(raw) is None)
)
def test_a_wrong_byte_is_named_with_its_line(raw):
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        with pytest.raises(UserError, match=rf"x, line {line}: byte {error.start} \(0x{raw[error.start]:02x}\)"):
            decode_text(raw, "x")
    else:
        decode_text(raw, "x")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the text is empty"),
        (b" \n\t", "the text is empty"),
        (b"\x89PNG\r\n\0\0", "a binary file"),
        (b"\xff\xfea", r"byte 2 is not valid UTF-16"),
        (b"one\ntwo \xff three", r"line 2: byte 8 \(0xff\) is not valid UTF-8"),
    ],
)
def test_bad_files_are_refused(tmp_path, content, message):
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    with pytest.raises(UserError, match=message):
        read_text(str(path))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 3: not valid JSON"),
        ('"text"', 'line 3: no text in the field "text"'),
        ('{"txt": "a"}', 'line 3: no text in the field "text"'),
        ('{"text": 3}', 'line 3: no text in the field "text"'),
    ],
)
def test_bad_lines_are_named(line, message):
    with pytest.raises(UserError, match=message):
        read_documents([json.dumps({"text": "fine"}), "", line], "a.jsonl")


def test_nothing_there(tmp_path):
    with pytest.raises(UserError, match=r'called "nowhere"\. Built in are shakespeare'):
        read_text("nowhere")
    with pytest.raises(UserError, match="no text files in this folder"):
        find_text_files(tmp_path)


def test_a_folder_that_cannot_be_read(tmp_path, monkeypatch):
    def refuse(path, onerror):
        onerror(PermissionError(13, "Permission denied", str(path)))
        return iter(())

    monkeypatch.setattr("os.walk", refuse)
    with pytest.raises(UserError, match=r"cannot be read \(permission denied\)"):
        find_text_files(tmp_path)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("né\r\n".encode() * 9000, "né\r\n".encode() * 9000), (b"\xef\xbb\xbfa", b"a"), ("x\ufeff😀".encode(),) * 2],
)
def test_standard_input_is_copied_as_it_comes(tmp_path, monkeypatch, typed, kept):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed)))
    copy_stream_as_text("-", tmp_path / "text.txt")
    assert (tmp_path / "text.txt").read_bytes() == kept


@given(st.binary(max_size=40).filter(lambda raw: raw[:2] not in (b"\xff\xfe", b"\xfe\xff")), st.integers(1, 5))
@example(b"7z\xbc\xaf\x27\x1c", 1)
def test_a_wrong_byte_is_named_alike_in_blocks_and_in_one(raw, size):
    blocks = [raw[start : start + size] for start in range(0, len(raw), size)]

    def read_or_error(read):
        try:
            return read()
        except UserError as error:
            return str(error)

    raw = raw.replace(b"\0", b"\n")
    blocks = [block.replace(b"\0", b"\n") for block in blocks]
    whole = read_or_error(lambda: decode_text(raw, "a.txt").encode())

    def read_blocks():
        if not is_plain(raw):  # a file of another kind is told by its beginning, before any block is checked
            raise binary_file("a.txt", raw)
        return b"".join(check_utf8(blocks, "a.txt")).removeprefix(b"\xef\xbb\xbf")

    assert read_or_error(read_blocks) == whole


def test_half_of_a_pair_in_json_is_told(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "fine"}\n{"text": "a \\ud83d"}\n')
    with pytest.raises(UserError, match=r"a.jsonl, line 2: character 2 of the text is half of a pair"):
        read_text(str(path))
