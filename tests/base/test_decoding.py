"""Bytes to text: marks, wide encodings, and what a file says of itself."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.base.decoding import check_utf8, decode_text, find_wide, is_plain, looks_binary
from groundup.base.errors import UserError

TEXTS = st.text(st.characters(exclude_characters="\0\ufeff", exclude_categories=["Cs"]), max_size=60)


@given(TEXTS, st.sampled_from(["utf-8-sig", "utf-16", "utf-32"]))
def test_a_mark_says_the_encoding(text, encoding):
    assert decode_text(text.encode(encoding), "x") == text
    assert not looks_binary(text.encode(encoding))


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF32_BE, "utf-32-be"), (codecs.BOM_UTF32_LE, "utf-32-le")],
)
def test_marks_of_the_other_order(mark, encoding):
    assert decode_text(mark + "né\n世".encode(encoding), "x") == "né\n世"


@given(st.text("abc é,\t\r\n1", min_size=2, max_size=40), st.sampled_from(["utf-16-le", "utf-16-be"]))
def test_letters_in_two_bytes_each_are_known_without_a_mark(text, encoding):
    assert decode_text(text.encode(encoding), "x") == text


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(raw):
    try:
        said = decode_text(raw, "x") and ""
    except UserError as error:
        said = str(error)
    assert len(said.splitlines()) <= 1


@given(st.binary(max_size=60).filter(lambda raw: find_wide(raw) is None and is_plain(raw)))
def test_what_is_utf_8_is_read_as_utf_8(raw):
    try:
        text = b"".join(check_utf8([raw], "x")).decode()
    except UserError:
        return
    assert decode_text(raw, "x") == text.removeprefix("\ufeff")


DECLARED = {
    "Python, Latin-1": ("# -*- coding: latin-1 -*-\nx = 'caf\xe9'\n", "latin-1"),
    "Python, second line": ("#!/usr/bin/env python\n# coding=cp1252\nx = '“€”'\n", "cp1252"),
    "Python, vim": ("# vim: set fileencoding=koi8-r :\nx = 'текст'\n", "koi8-r"),
    "Python, Chinese": ("# coding: gbk\nx = '文字'\n", "gbk"),
    "Python, Japanese": ("# coding: shift_jis\nx = '文字'\n", "shift_jis"),
    "Python, Korean": ("# coding: euc-kr\nx = '글자'\n", "euc-kr"),
    "seven bits": ("# coding: iso-2022-jp\nx = '文字'\n", "iso-2022-jp"),
    "XML": ('<?xml version="1.0" encoding="ISO-8859-1"?>\n<a>é</a>', "latin-1"),
    "a web page": ('<html><head><meta charset="windows-1252"><title>é</title>', "cp1252"),
    "an old web page": ('<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-15">é€', "iso-8859-15"),
    "UTF-8 all the same": ("# coding: latin-1\nx = 'café'\n", "utf-8"),
    "unknown": ("# coding: martian\nx = 'café'\n", "utf-8"),
    "no encoding of texts": ("# coding: rot13\nx = 'café'\n", "utf-8"),
    "only in the third line": ("a\nb\n# coding: latin-1\nx = 'café'\n", "utf-8"),
    "in passing": ("Coding: it is fun. I am coding: latin-1 dances.\ncafé", "utf-8"),
}


@pytest.mark.parametrize("case", DECLARED)
def test_what_a_file_declares_is_believed(case):
    text, encoding = DECLARED[case]
    assert decode_text(text.encode(encoding), "x") == text


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"# coding: ascii\nx = '\xe9'", r"x, line 2: byte 21 \(0xe9\) is not valid ascii, which the file says"),
        (b"a\nb\xe9", r"x, line 2: byte 3 \(0xe9\) is not valid UTF-8"),
        (b"\xff\xfea", r"x: byte 2 is not valid UTF-16"),
        (b"\xff\xfe\x00\xd8a\0", r"x: byte 2 is not valid UTF-16"),
        (b"a\0b", "x: a binary file"),
        (b"%PDF-1.4\n%\xe2\xe3", r"x: a PDF, not a text\. Save its text"),
        (b"{\\rtf1\\ansi a", r"x: a document \(RTF\), not a text\. Save its text"),
        (b"PK\3\4\0\0[Content_Types].xml PK\3\4 word/document.xml", r"x: a document \(Word"),
        (b"PK\3\4\0\0mimetypeapplication/epub+zip", r"x: a document \(Word, EPUB"),
        (b"PK\3\4\0\0x.npy\x93NUMPY", r"x: NumPy arrays \(npz\), not a text\. Give a text file"),
        (b"SQLite format 3\0", r"x: a database \(SQLite\), not a text\. Export"),
        (b"\xff\xd8\xff\xe0JFIF", r"x: a picture, not a text\. Give a text file"),
        (b"\x7fELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0\x3e\0", "x: a binary file"),
    ],
)
def test_what_cannot_be_decoded_is_named(raw, message):
    with pytest.raises(UserError, match=message):
        decode_text(raw, "x")


@pytest.mark.parametrize(
    "head", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"PK\3\4\x14\0\0\0", b"\0" * 100, b"GIF89a\1\0\1\0"]
)
def test_binary_files_look_binary(head):
    assert looks_binary(head)
