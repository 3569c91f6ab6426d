"""Chunks are the whole text, begin at splits, and name wrong places as the whole text would."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundup.base.errors import UserError
from groundup.data.corpus import safe_splits as splits
from groundup.data.corpus.safe_splits import BLOCK
from groundup.data.corpus.text_chunks import choose_chunk_bytes, count_bytes, find_chunks, read_chunk
from groundup.data.corpus.texts import find_text_files, read_text
from groundup.data.corpus.tokens import train_tokenizer

WORDS = ["\n", "\r\n", " ", "\t\n", "\u00a0", "\u3000", "a", "né", "don't", "世界", "😀", "12", "!", "\x1c", "\ufeff"]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=30).map("".join)
BYTE_PAIRS = train_tokenizer("bytepair", [" ".join(WORDS) * 3], 320)
CHARACTERS = train_tokenizer("characters", ["".join(WORDS)])


def write(folder, names, texts):
    for name, text in zip(names, texts, strict=True):
        if name.endswith("jsonl"):
            content = "\n".join(json.dumps({"text": one}) for one in text.split("!")) + "\n\n"
        else:
            content = text
        (folder / name).write_bytes(content.encode())


def tokens_of(chunks, tokenizer, size):
    return [
        token
        for chunk in chunks
        for block in read_chunk(chunk, size)
        for token in tokenizer.encode_block(block).tolist()
    ]


@settings(max_examples=80)
@given(st.data(), st.integers(1, 80), st.integers(4, 50), st.sampled_from([6, 1 << 17]))
def test_chunks_have_the_tokens_of_the_whole_text(tmp_path_factory, data, chunk_bytes, size, longest):
    folder = tmp_path_factory.mktemp("text")
    names = data.draw(st.lists(st.sampled_from(["a.txt", "b.jsonl", "c.txt", "d.jsonl"]), min_size=1, unique=True))
    write(folder, names, [data.draw(TEXTS) for _ in names])
    files, _ = find_text_files(folder)
    with pytest.MonkeyPatch.context() as patch:
        for module in ("safe_splits", "byte_pairs", "text_chunks"):
            patch.setattr(f"groundup.data.corpus.{module}.LONGEST", longest)
        chunks = find_chunks(files, chunk_bytes)
        assert all(chunks)
        text = b"".join(block for chunk in chunks for block in read_chunk(chunk, size)).decode()
        if text.strip():
            assert text == read_text(str(folder)).content
        units = BYTE_PAIRS._units.encode(text.encode()).tolist()
        assert tokens_of(chunks, BYTE_PAIRS, size) == units
        assert tokens_of(chunks, CHARACTERS, size) == CHARACTERS.encode(text).tolist()
    if longest == splits.LONGEST:
        assert units == BYTE_PAIRS.backend.encode(text).ids


def test_chunks_are_about_as_large_as_asked_for(tmp_path):
    path = tmp_path / "one line.txt"
    path.write_text("never an end " * 30_000)
    chunks = find_chunks([path], 50_000)
    sizes = [count_bytes(chunk) for chunk in chunks]
    assert sum(sizes) == path.stat().st_size
    assert all(50_000 <= size < 50_020 for size in sizes[:-1])
    many = [tmp_path / f"{number}.txt" for number in range(300)]
    for one in many:
        one.write_text("short\n" * 10)
    assert [len(chunk) for chunk in find_chunks(many, 6000)] == [100, 100, 100]


def test_a_text_without_white_space_is_cut_too(tmp_path):
    path = tmp_path / "long.txt"
    path.write_text("世界" * 100_000)
    chunks = find_chunks([path], 200_000)
    assert [count_bytes(chunk) for chunk in chunks] == [262_140, 262_140, 75_720]
    assert "".join(block.decode() for chunk in chunks for block in read_chunk(chunk)) == "世界" * 100_000


def test_a_text_of_two_megabytes_is_work_for_several_processes():
    assert choose_chunk_bytes(2_000_000) * 3 < 2_000_000
    assert choose_chunk_bytes(100) == choose_chunk_bytes(2_000_000) == 2 * BLOCK
    assert choose_chunk_bytes(2_000_000_000) == choose_chunk_bytes(10**12)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("a.txt", b"0123456789\n" * 50 + b"ab\xff\n" + b"0123456789\n" * 50),
        ("a.txt", "\ufeff".encode() + "é\n".encode() * 99 + b"\xe4\xb8 \n" + b"0123456789\n" * 50),
        ("a.txt", b"0123456789\n" * 50 + b"\xe4\xb8"),
        ("a.txt", b"0123456789" * 50 + b"\xe4" + b"0123456789" * 50),
        ("a.txt", b"PK\0" + b"0123456789 " * 50),
        ("a.jsonl", b'{"text": "one"}\n' * 50 + b'{"text": "\xff"}\n' + b'{"text": "one"}\n' * 50),
        ("a.jsonl", b'{"text": "one"}\n' * 50 + b'{"text": 1}\n' + b'{"text": "one"}\n' * 50),
        ("a.jsonl", b'{"text": "one"}\n' * 50 + b'{"text": \n' + b'{"text": "one"}\n' * 50),
        ("a.jsonl", b'{"text": "one"}\n' * 50 + b'{"text": "\\ud800"}\n' + b'{"text": "one"}\n' * 50),
    ],
)
def test_what_is_wrong_is_told_as_of_the_whole_file(tmp_path, name, raw):
    path = tmp_path / name
    path.write_bytes(raw)
    with pytest.raises(UserError) as expected:
        read_text(str(path))
    for chunk_bytes in (100, 1_000_000):
        with pytest.raises(UserError) as found:
            tokens_of(find_chunks([path], chunk_bytes), BYTE_PAIRS, 64)
        assert str(found.value) == str(expected.value)


def test_a_file_that_changes_while_it_is_read_is_told(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("one two " * 100)
    chunks = find_chunks([path], 200)
    path.write_text("one two " * 100 + "three")
    with pytest.raises(UserError, match="changed while it was read"):
        list(read_chunk(chunks[0]))
    path.unlink()
    with pytest.raises(UserError, match="cannot be read"):
        list(read_chunk(chunks[1]))


def test_characters_are_counted_where_they_begin():
    text = "naïve 世界 😀 don't\n"
    tokens = BYTE_PAIRS.encode(text)
    assert BYTE_PAIRS.count_characters(tokens) == len(text)
    assert CHARACTERS.count_characters(np.arange(7)) == 7
