"""The same text comes out of every packing, and a damaged one is told in a line."""

import bz2
import gzip
import io
import json
import lzma
import sys
import tarfile
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundup.base.errors import UserError
from groundup.data.corpus.packed_texts import measure_texts
from groundup.data.corpus.shards import ShardMaker
from groundup.data.corpus.text_column import FIND, TextColumn
from groundup.data.corpus.texts import (
    BETWEEN_DOCUMENTS,
    copy_stream_as_text,
    describe_columns,
    find_text_files,
    read_text,
)

DOCUMENTS = ["Première page.\r\nTwo lines", "", " 世界 😀 ", "\ufeffa mark inside\n"]
TEXT = BETWEEN_DOCUMENTS.join(DOCUMENTS)


def arrow_packed(kind):
    def pack(raw):
        out = pa.BufferOutputStream()
        with pa.CompressedOutputStream(out, kind) as file:
            file.write(raw)
        return out.getvalue().to_pybytes()

    return pack


PACKERS = {
    "gz": gzip.compress,
    "zst": arrow_packed("zstd"),
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "lz4": arrow_packed("lz4"),
}


def lines_of(documents, field="text"):
    return "".join(json.dumps({"id": number, field: one}) + "\n" for number, one in enumerate(documents)).encode()


def write_parquet(path, columns, **options):
    parquet.write_table(pa.table(columns), path, **options)


def all_tokens(tokens):
    return tokens.take(np.array([0]), len(tokens))[0].tolist()


@pytest.mark.parametrize("ending", PACKERS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_compressed_text_is_the_plain_one_in_every_encoding(tmp_path, ending, encoding):
    packed = PACKERS[ending](TEXT.encode(encoding))
    (tmp_path / f"a.txt.{ending}").write_bytes(packed)
    assert read_text(str(tmp_path / f"a.txt.{ending}")).content == TEXT
    (tmp_path / f"b.{ending}").write_bytes(packed + packed if encoding == "utf-8" else packed)
    twice = TEXT + TEXT if encoding == "utf-8" else TEXT
    text = read_text(str(tmp_path))
    assert text.content == BETWEEN_DOCUMENTS.join([TEXT, twice])
    assert text.notes == []


@pytest.mark.parametrize("ending", PACKERS)
def test_jsonl_is_known_inside_a_compression(tmp_path, ending):
    (tmp_path / f"a.jsonl.{ending}").write_bytes(PACKERS[ending](b"\n \n" + lines_of(DOCUMENTS, "story")))
    text = read_text(str(tmp_path))
    assert text.content == TEXT
    assert text.notes == [f'{tmp_path / f"a.jsonl.{ending}"}: the text is its column "story".']


def test_an_archive_is_told_from_other_binary_files(tmp_path):
    (tmp_path / "a.txt").write_text(TEXT)
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "a.txt")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as zipped:
        zipped.write(tmp_path / "a.txt", "a.txt")
    for name, message in (
        ("a.tar.gz", r"a tar archive, not a text\. Unpack it"),
        ("a.zip", "a ZIP archive, not a text. Unpack it"),
    ):
        with pytest.raises(UserError, match=message):
            read_text(str(tmp_path / name))
        with pytest.raises(UserError, match=message):
            make_here(ShardMaker([tmp_path / name], tmp_path / "cache", 1)).make_tokenizer("characters", 0)


def test_a_name_says_less_than_the_content(tmp_path):
    """A browser unpacks a file and keeps its name; another program names it after nothing."""
    (tmp_path / "a.txt.gz").write_bytes(TEXT.encode())
    (tmp_path / "b").write_bytes(gzip.compress(TEXT.encode()))
    assert read_text(str(tmp_path)).content == BETWEEN_DOCUMENTS.join([TEXT, TEXT])


@pytest.mark.parametrize("ending", PACKERS)
def test_a_compressed_stream_is_the_plain_one(tmp_path, monkeypatch, ending):
    text = TEXT * 40_000
    packed = PACKERS[ending](text.encode())

    def type_in(raw):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))

    type_in(packed)
    assert read_text("-").content == text
    type_in(packed)
    copy_stream_as_text("-", tmp_path / "text.txt")
    assert (tmp_path / "text.txt").read_bytes() == text.encode()
    type_in(packed[:-6])
    with pytest.raises(UserError, match=r"standard input: not a file compressed by .* or a damaged one"):
        copy_stream_as_text("-", tmp_path / "text.txt")


KINDS = [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string()), pa.binary()]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_parquet_has_a_document_a_row(tmp_path, kind):
    texts = pa.array(DOCUMENTS).cast(pa.string() if kind == pa.string_view() else kind)
    write_parquet(tmp_path / "a.parquet", {"n": [1, 2, 3, 4], "text": texts.cast(kind)}, row_group_size=2)
    assert read_text(str(tmp_path / "a.parquet")).content == TEXT


def test_rows_without_a_text_are_left_out_and_told(tmp_path):
    write_parquet(tmp_path / "a.parquet", {"text": [None, "one", None, "two", None]}, row_group_size=2)
    text = read_text(str(tmp_path / "a.parquet"))
    assert text.content == "one\n\ntwo"
    assert text.notes == describe_columns([tmp_path / "a.parquet"])
    assert text.notes[0].endswith("a.parquet: 3 row(s) without a text left out.")


def test_a_mixed_folder_is_read_in_order(tmp_path):
    write_parquet(tmp_path / "b-00000-of-00002.parquet", {"text": ["b", "c"]})
    write_parquet(tmp_path / "b-00001-of-00002.parquet", {"story": ["d"]})
    write_parquet(tmp_path / "numbers.parquet", {"n": [1.0]})
    write_parquet(tmp_path / "_metadata", {"text": ["of spark"]})
    (tmp_path / "_SUCCESS").touch()
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "e.jsonl.gz").write_bytes(gzip.compress(lines_of(["e", "f"])))
    (tmp_path / "train-images.gz").write_bytes(gzip.compress(b"\0\0\x08\x03" * 9))
    for name in (".hidden.parquet", "._a.txt.gz", "__MACOSX/b.zst"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"\0\1\2")
    text = read_text(str(tmp_path))
    assert text.content == BETWEEN_DOCUMENTS.join("abcdef")
    assert text.notes == [
        f"{tmp_path}: 2 binary file(s) left out, the first is numbers.parquet.",
        f'{tmp_path / "b-00001-of-00002.parquet"}: the text is its column "story".',
    ]


@pytest.mark.parametrize(
    ("columns", "asked", "message"),
    [
        ({"title": ["a"], "body": ["b"]}, "", r"several columns could be the text: title, body\. Name one with --set"),
        ({"n": [1]}, "", r"no column of texts\. Its columns are n\."),
        ({"title": ["a"], "body": ["b"]}, "bodi", r'no column "bodi"\. Did you mean "body"\?'),
        ({"text": ["a"], "n": [1]}, "n", r'the column "n" holds no texts\. Those that do are text\.'),
    ],
)
def test_the_column_is_certain_or_asked_for(tmp_path, columns, asked, message):
    write_parquet(tmp_path / "a.parquet", columns)
    with pytest.raises(UserError, match=message):
        read_text(str(tmp_path / "a.parquet"), TextColumn(asked))
    if len(columns) == 2 and "body" in columns:
        assert read_text(str(tmp_path / "a.parquet"), TextColumn("body")).content == "b"


def test_a_field_is_certain_or_asked_for(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": "x", "story": "a"}\n{"id": "y", "story": "b"}\n')
    with pytest.raises(UserError, match=r"several columns could be the text: id, story\. Name one"):
        read_text(str(path))
    assert read_text(str(path), TextColumn("story")).content == "a\n\nb"
    with pytest.raises(UserError, match=r'line 1: no text in the field "stori"'):
        read_text(str(path), TextColumn("stori"))
    path.write_text('{"text": "a", "story": "x"}\n')
    assert read_text(str(path), TextColumn("tale", required=False)).content == "a"


@pytest.mark.parametrize("ending", PACKERS)
def test_what_ends_too_early_is_told_in_a_line(tmp_path, ending):
    raw = np.random.default_rng(0).integers(32, 127, 60_000, dtype=np.uint8).tobytes()
    packed = PACKERS[ending](raw)
    path = tmp_path / f"a.txt.{ending}"
    for count in (len(packed) - 1, len(packed) - 5, len(packed) // 2, 12):
        path.write_bytes(packed[:count])
        with pytest.raises(
            UserError, match=rf"a\.txt\.{ending}: not a file compressed by .* Copy or download it again"
        ):
            read_text(str(path))
    path.write_bytes(b"\0\0" + packed[2:])
    with pytest.raises(UserError, match="it does not begin as one"):
        read_text(str(tmp_path))


@pytest.mark.parametrize("cut", [slice(None, -10), slice(None, 8), slice(200), slice(4, None)])
def test_a_damaged_parquet_file_is_told_in_a_line(tmp_path, cut):
    path = tmp_path / "a.parquet"
    write_parquet(path, {"text": [f"row {row * 7919 % 1000}" for row in range(1000)]})
    path.write_bytes(path.read_bytes()[cut])
    for data in (path, tmp_path):
        with pytest.raises(UserError, match=r"a\.parquet: not a Parquet file, or a damaged one .* download it again"):
            read_text(str(data))


def test_damage_inside_a_parquet_file_is_told(tmp_path):
    path = tmp_path / "a.parquet"
    write_parquet(path, {"text": [f"row {row * 7919 % 1000}" for row in range(1000)]}, compression="none")
    raw = bytearray(path.read_bytes())
    raw[4:40] = bytes(36)
    path.write_bytes(raw)
    with pytest.raises(UserError, match=r"a\.parquet: not a Parquet file, or a damaged one"):
        read_text(str(path))


def test_a_wrong_byte_in_a_row_is_named(tmp_path):
    write_parquet(tmp_path / "a.parquet", {"text": [b"fine", b"caf\xe9"]})
    with pytest.raises(UserError, match=r'a\.parquet, row 2, column "text": byte 3 \(0xe9\) is not valid UTF-8'):
        read_text(str(tmp_path))


@pytest.mark.parametrize("name", ["a.parquet", "a.txt", "a.jsonl.zst"])
def test_what_git_has_not_fetched_is_no_text(tmp_path, name):
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12345\n"
    (tmp_path / name).write_text(pointer)
    for data in (tmp_path, tmp_path / name):
        with pytest.raises(UserError, match="git lfs pull"):
            read_text(str(data))


def pack_all(folder, documents, container):
    folder.mkdir()
    for number, texts in enumerate(documents):
        plain = BETWEEN_DOCUMENTS.join(texts).encode()
        if container == "txt":
            (folder / f"{number}.txt").write_bytes(plain)
        elif container == "parquet":
            write_parquet(folder / f"{number}.parquet", {"text": pa.array(texts, pa.string())}, row_group_size=2)
        else:
            (folder / f"{number}.txt.{container}").write_bytes(PACKERS[container](plain))


WORDS = st.lists(st.sampled_from(["one ", "two\n", "né ", "世界", "\u00a0", "x" * 50]), max_size=12).map("".join)


def make_here(maker):
    """Let a maker of shards work in this process, which starts no others."""

    def share_out(work, items, prepare=None, *arguments):
        if prepare is not None:
            prepare(*arguments)
        return ((item, work(item)) for item in items)

    maker._share_out = share_out
    return maker


@settings(max_examples=12)
@given(
    st.lists(st.lists(WORDS, min_size=1, max_size=4), min_size=1, max_size=3),
    st.sampled_from([*PACKERS, "parquet"]),
    st.sampled_from(["characters", "bytepair"]),
    st.integers(1, 60),
)
def test_shards_of_every_packing_are_those_of_the_plain_text(tmp_path_factory, documents, container, kind, chunk_bytes):
    documents = [["begin", *documents[0]], *documents[1:]]
    folder = tmp_path_factory.mktemp("packed")
    found = []
    for name in ("txt", container):
        pack_all(folder / name, documents, name)
        files, notes = find_text_files(folder / name)
        assert notes == []
        text = read_text(str(folder / name)).content
        maker = make_here(ShardMaker(files, folder / f"cache-{name}", 1, chunk_bytes))
        tokenizer = maker.make_tokenizer(kind, 270)
        tokens = maker.make_shards(tokenizer)
        assert maker.size == measure_texts(files, FIND, float("inf"))
        assert all_tokens(tokens) == tokenizer.encode(text).tolist()
        found.append((text, tokenizer.to_json(), all_tokens(tokens)))
    assert found[0] == found[1]


def test_what_was_unpacked_goes_when_the_shards_are_there(tmp_path):
    texts = ["\ufeffwith a mark, which is a letter here", "two"]
    write_parquet(tmp_path / "a.parquet", {"text": texts, "title": ["three", "four"]})
    files, _ = find_text_files(tmp_path / "a.parquet")
    folders = set()
    for column, wanted in (("", texts), ("title", ["three", "four"])):
        maker = make_here(ShardMaker(files, tmp_path / "cache", 1, column=TextColumn(column)))
        tokenizer = maker.make_tokenizer("characters", 0)
        assert [path.name for path in (maker.folder / "unpacked").iterdir()] == ["000000-a.parquet"]
        tokens = maker.make_shards(tokenizer)
        assert not (maker.folder / "unpacked").exists()
        assert all_tokens(tokens) == tokenizer.encode(BETWEEN_DOCUMENTS.join(wanted)).tolist()
        again = make_here(ShardMaker(files, tmp_path / "cache", 1, column=TextColumn(column)))
        assert again.find_shards(tokenizer).folder == tokens.folder
        folders.add(maker.folder)
        other = maker.make_tokenizer("bytepair", 260)
        assert maker.make_shards(other).characters == tokens.characters
    assert len(folders) == 2


def test_what_is_wrong_in_a_packed_text_is_told_of_the_file_that_was_given(tmp_path):
    for name, raw, place in (
        ("a.txt.gz", b"one\ntwo\xe9", "a.txt.gz, line 2: byte 7"),
        ("a.jsonl.gz", b'{"text": "a"}\n{"text": 1}', 'a.jsonl.gz, line 2: no text in the field "text"'),
    ):
        (tmp_path / name).write_bytes(gzip.compress(raw))
        with pytest.raises(UserError, match=place):
            read_text(str(tmp_path / name))
        with pytest.raises(UserError, match=place):
            make_here(ShardMaker([tmp_path / name], tmp_path / "cache", 1)).make_tokenizer("characters", 0)
