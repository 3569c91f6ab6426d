"""Encodings as Python takes them, and files that are no sources."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from groundup.base.errors import UserError
from groundup.exercises.sources import decode_source, find_declared, read_bytes
from groundup.exercises.submissions import read_source

LATIN = "# -*- coding: latin-1 -*-\nx = 'été'\n".encode("latin-1")

READ = {
    "nothing declared": ("x = 'é'\n".encode(), "é"),
    "a mark": (b"\xef\xbb\xbf" + "x = 'é'\n".encode(), "é"),
    "a mark, and UTF-8 declared": (b"\xef\xbb\xbf# coding: utf-8\n" + "x = 'é'\n".encode(), "é"),
    "in the first line": (LATIN, "été"),
    "in the second line": (b"#!/usr/bin/env python\n# coding: latin-1\nx = '\xe9'\n", "é"),
    "after an empty line": (b"\n# coding: latin-1\nx = '\xe9'\n", "é"),
    "by vim": (b"# vim: set fileencoding=cp1252 :\nx = '\x80'\n", "€"),
    "by vim in line 2": (b"# answer\n# vim: fileencoding=cp1252\nx = '\x80'\n", "€"),
    "by Emacs, with its line ends": (b"# -*- coding: latin-1-unix -*-\nx = '\xe9'\n", "é"),
    "by Emacs, UTF-8": (b"# -*- coding: utf-8-dos -*-\r\n" + "x = 'é'\r\n".encode(), "é"),
    "with an equals sign": (b"# coding=iso-8859-15\nx = '\xa4'\n", "€"),
    "in a line of that encoding": (b"# \xe9\xe9 coding: latin-1\nx = '\xe9'\n", "é"),
    "Windows' line ends": (LATIN.replace(b"\n", b"\r\n"), "été"),
    "old line ends": (LATIN.replace(b"\n", b"\r"), "été"),
    "Chinese": ("# coding: gbk\nx = '汉字'\n".encode("gbk"), "汉字"),
    "Korean": ("# coding: euc-kr\nx = '한글'\n".encode("euc-kr"), "한글"),
    "Japanese": ("# coding: shift_jis\nx = '日本'\n".encode("shift_jis"), "日本"),
    "Russian": ("# coding: koi8-r\nx = 'мир'\n".encode("koi8-r"), "мир"),
    "Chinese in Windows": ("# coding: cp936\nx = '汉字'\n".encode("cp936"), "汉字"),
    "Polish": ("# coding: iso-8859-2\nx = 'łąka'\n".encode("iso-8859-2"), "łąka"),
}


@pytest.mark.parametrize(("raw", "text"), READ.values(), ids=READ.keys())
def test_a_source_is_read(raw, text):
    names = {}
    exec(compile(decode_source(raw, "a.py"), "a.py", "exec"), names)
    assert names["x"] == text


def test_python_itself_reads_the_same(tmp_path):
    for number, (raw, _) in enumerate(READ.values()):
        (tmp_path / f"{number}.py").write_bytes(raw)
    code = f"import runpy; print(ascii([runpy.run_path(f'{{n}}.py')['x'] for n in range({len(READ)})]))"
    told = subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert told.stdout.strip() == ascii([text for _, text in READ.values()]), told.stderr


REFUSED = {
    "undeclared": (b"x = 1\n# caf\xe9\n", "a.py, line 2: byte 11 (0xe9) is not valid UTF-8. Save the file as UTF-8."),
    "declared too late": (b"x = 1\n# coding: latin-1\n# \xe9\n", "line 3: byte 26 (0xe9) is not valid UTF-8"),
    "declared, but not in it": (
        b"# coding: ascii\nx = '\xe9'",
        "line 2: byte 21 (0xe9) is not valid ascii, which line 1",
    ),
    "unknown": (b"# coding: klingon\nx = 1", "line 1: Python does not know the encoding klingon"),
    "for no text": (b"# coding: rot13\nx = 1", "line 1: Python does not know the encoding rot13"),
    "compressed": (b"# coding: zlib\nx = 1", "does not know the encoding zlib"),
    "wide, declared": (b"# coding: utf-16\nx = 1", "line 1: Python does not know the encoding utf-16"),
    "marked as another": (
        b"\xef\xbb\xbf# coding: latin-1\nx = 1",
        "line 1: it declares latin-1, but is marked as UTF-8",
    ),
    "UTF-16": ("x = 1".encode("utf-16"), "a.py: UTF-16, which Python does not read. Save the file as UTF-8."),
    "UTF-16, big end first": (b"\xfe\xff" + "x = 1".encode("utf-16-be"), "UTF-16"),
    "UTF-16 without a mark": ("x = 'hello'\n".encode("utf-16-le"), "UTF-16"),
    "UTF-32": ("x = 1".encode("utf-32"), "UTF-32"),
    "a zero byte": (b"x = 1\ny = \x00 2\n# more of it", "a.py, line 2: a zero byte"),
    "nothing but zeros": (bytes(4096), "a.py, line 1: a zero byte"),
}


@pytest.mark.parametrize(("raw", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_what_python_does_not_read_is_said_in_a_line(raw, told):
    with pytest.raises(UserError) as caught:
        decode_source(raw, "a.py")
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_nothing_is_declared_by_a_text():
    assert find_declared(b"x = '# coding: latin-1'") is None
    assert find_declared(b"") is None
    assert find_declared(b"# encoding: utf-8") == (1, "utf-8")


def test_only_regular_files_are_read(tmp_path):
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "softmax.py").write_text("x = 1")
    (tmp_path / "link.py").symlink_to(tmp_path / "softmax.py")
    (tmp_path / "circle.py").symlink_to(tmp_path / "circle.py")
    os.mkfifo(tmp_path / "pipe.py")
    for name, told in {
        "folder": "a folder",
        "pipe": "no regular file",
        "circle": "too many levels of symbolic links",
        "gone": "no such file",
        "a" * 300: "file name too long",
        "zero\0": "null byte",
    }.items():
        with pytest.raises(UserError, match=told):
            read_bytes(tmp_path / f"{name}.py", name)
    assert read_bytes(tmp_path / "link.py", "link.py") == b"x = 1"
    for name in ("link", "circle"):
        with pytest.raises(UserError, match="a link, which is not followed"):
            read_source(tmp_path / f"{name}.py")


def test_a_device_is_not_read():
    with pytest.raises(UserError, match=r"zero\.py: no regular file"):
        read_bytes(Path("/dev/zero"), "zero.py")
