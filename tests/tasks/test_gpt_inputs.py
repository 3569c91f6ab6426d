"""Texts as people have them, trained on and measured from the command line."""

import gzip
import json
import os
import subprocess
import sys
import threading

import pyarrow
import pyarrow.parquet
import pytest

from groundup.cli import main
from groundup.data.corpus.texts import read_text

TINY = [f"--set={pair}" for pair in ("layers=1", "heads=2", "width=16", "context=8", "batch_size=4", "steps=2")]
TEXT = "one two three four fivé\r\n" * 40


def groundup(*arguments):
    return main([str(argument) for argument in arguments])


def train(data, folder, *more):
    return groundup("train", "gpt", "--data", data, "--runs", folder, "--run", "a", *TINY, *more)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"], ids=lambda encoding: encoding
)
def test_a_text_is_the_same_in_every_encoding(tmp_path, encoding):
    (tmp_path / "a.txt").write_bytes(TEXT.encode(encoding))
    assert read_text(str(tmp_path / "a.txt")).content == TEXT
    assert read_text(str(tmp_path)).content == TEXT


def test_one_line_without_an_end(tmp_path):
    line = "word " * 200_000
    (tmp_path / "a.txt").write_text(line)
    assert read_text(str(tmp_path / "a.txt")).content == line


def test_what_systems_put_into_folders_is_no_text(tmp_path):
    for name in ("a.txt", "__MACOSX/b.txt", ".c.txt", "@eaDir/d.txt", "Thumbs.db", "desktop.ini"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    text = read_text(str(tmp_path))
    assert text.content == "a.txt"
    assert text.notes == []


@pytest.mark.parametrize("data", ["<(cat {})", "/dev/stdin", "-"])
def test_a_pipe_is_a_text_and_a_copy_is_kept(tmp_path, data):
    path = tmp_path / "a.txt"
    path.write_bytes(TEXT.encode())
    command = f"{sys.executable} -m groundup train gpt --data {data.format(path)} --run a {' '.join(TINY)}"
    done = subprocess.run(["bash", "-c", command], input=TEXT.encode(), capture_output=True, cwd=tmp_path, timeout=600)
    assert done.returncode == 0, done.stderr
    run = tmp_path / "runs" / "a"
    assert (run / "text.txt").read_bytes() == TEXT.encode()
    assert json.loads((run / "config.json").read_text())["text"]["characters"] == len(TEXT)


def test_a_named_pipe_is_measured_on(tmp_path, capsys):
    (tmp_path / "a.txt").write_bytes(TEXT.encode())
    assert train(tmp_path / "a.txt", tmp_path) == 0
    os.mkfifo(tmp_path / "pipe")
    threading.Thread(target=lambda: (tmp_path / "pipe").write_bytes(TEXT.encode()), daemon=True).start()
    capsys.readouterr()
    assert groundup("evaluate", "a", "--runs", tmp_path, "--data", tmp_path / "pipe", "--json") == 0
    assert json.loads(capsys.readouterr().out)["characters"] == len(TEXT)


def test_a_run_from_a_pipe_goes_on_from_its_copy(tmp_path, capsys):
    os.mkfifo(tmp_path / "pipe")
    threading.Thread(target=lambda: (tmp_path / "pipe").write_bytes(TEXT.encode()), daemon=True).start()
    assert train(tmp_path / "pipe", tmp_path) == 0
    (tmp_path / "pipe").unlink()
    assert groundup("evaluate", "a", "--runs", tmp_path, "--json") == 0
    assert groundup("train", "--run", "a", "--resume", "--runs", tmp_path) == 0


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", b'{"text": ' + b"[" * 100_000, "a.jsonl, line 1: not valid JSON"),
        ("a.jsonl", b'{"text": "ok"}\n{"text": "\\ud800"}', "line 2: character 0 of the text is half of a pair"),
        ("a.jsonl", b'{"text": ' + b"9" * 5000 + b"}", "line 1: not valid JSON"),
        ("a.txt", b"one\ntwo\xe9 three", "line 2: byte 7 (0xe9) is not valid UTF-8"),
        ("a.txt", b"# coding: cp1252\n\x81", "line 2: byte 17 (0x81) is not valid cp1252"),
        ("a.txt", b"\0\1\2", "a binary file"),
        ("a.txt", b"\xef\xbb\xbf \r\n", "the text is empty"),
    ],
)
@pytest.mark.parametrize("tokenizer", ["characters", "bytepair"])
def test_texts_that_are_none_end_in_one_line(tmp_path, capsys, name, content, message, tokenizer):
    (tmp_path / name).write_bytes(content)
    assert train(tmp_path / name, tmp_path / "runs", f"--set=tokenizer={tokenizer}") == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
    assert len(said) < 400


def test_a_large_text_in_utf_16_is_refused_with_a_remedy(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("GROUNDUP_CACHE", str(tmp_path / "cache"))
    (tmp_path / "a.txt").write_bytes(TEXT.encode("utf-16"))
    assert train(tmp_path / "a.txt", tmp_path / "runs", "--set=shard_above=0.001") == 2
    assert "iconv -f UTF-16 -t UTF-8" in capsys.readouterr().err


def pack(folder, container):
    """Write the text into a container; return what --data takes."""
    folder.mkdir()
    documents = TEXT.split("three")
    lines = "".join(json.dumps({"text": one}) + "\n" for one in documents).encode()
    if container == "parquet":
        for number, rows in enumerate((documents[:9], documents[9:])):
            pyarrow.parquet.write_table(
                pyarrow.table({"n": range(len(rows)), "text": rows}), folder / f"{number}.parquet"
            )
        return folder
    path = folder / f"a.{container}"
    if container.endswith("zst"):
        with pyarrow.output_stream(str(path), compression="zstd") as file:
            file.write(lines if "jsonl" in container else "\n\n".join(documents).encode())
    elif container.endswith("gz"):
        path.write_bytes(gzip.compress("\n\n".join(documents).encode("utf-16")))
    else:
        path.write_bytes("\n\n".join(documents).encode())
    return path


@pytest.mark.parametrize("more", [(), ("--set=tokenizer=bytepair", "--set=shard_above=0", "--set=shard_processes=1")])
def test_training_is_the_same_bit_for_bit_from_every_container(tmp_path, monkeypatch, more):
    monkeypatch.setenv("GROUNDUP_CACHE", str(tmp_path / "cache"))
    weights = set()
    for container in ("txt", "parquet") if more else ("txt", "txt.gz", "jsonl.zst", "parquet"):
        data = pack(tmp_path / container, container)
        assert train(data, tmp_path / f"runs-{container}", *more) == 0
        weights.add((tmp_path / f"runs-{container}" / "a" / "model.safetensors").read_bytes())
    assert len(weights) == 1


def test_a_column_is_chosen_and_kept(tmp_path, capsys):
    rows = {"title": ["no"] * 40, "story": [f"{TEXT[:30]} {number}" for number in range(40)]}
    pyarrow.parquet.write_table(pyarrow.table(rows), tmp_path / "a.parquet")
    (tmp_path / "b.jsonl").write_text(json.dumps({"title": "no", "story": TEXT[:30]}))
    (tmp_path / "c.jsonl").write_text(json.dumps({"text": TEXT[:20]}))
    assert train(tmp_path / "a.parquet", tmp_path) == 2
    assert "title, story. Name one with --set text_column=NAME." in capsys.readouterr().err
    assert train(tmp_path / "a.parquet", tmp_path, "--set=text_column=story") == 0
    for name, count in (("b.jsonl", 30), ("c.jsonl", 20)):
        capsys.readouterr()
        assert groundup("evaluate", "a", "--runs", tmp_path, "--data", tmp_path / name, "--json") == 0
        assert json.loads(capsys.readouterr().out)["characters"] == count
    assert groundup("evaluate", "a", "--runs", tmp_path) == 0
