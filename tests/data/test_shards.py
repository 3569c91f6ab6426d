"""Shards hold the tokens of the whole text, are made once, and a kill costs only the unfinished pieces."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from groundup.data.shards import ShardedTokens, find_pieces, shard_path, tokenize_into_shards, train_on_pieces
from groundup.data.tokens import train_tokenizer
from groundup.errors import UserError


def write_corpus(folder, lines=400):
    folder.mkdir()
    (folder / "a.txt").write_text("".join(f"line {number} of the first file, née é\n" for number in range(lines)))
    (folder / "b.jsonl").write_text("".join(json.dumps({"text": f"document {number}"}) + "\n" for number in range(99)))
    return [folder / "a.txt", folder / "b.jsonl"]


def all_tokens(tokens):
    return tokens.take(np.array([0]), len(tokens))[0]


@pytest.mark.parametrize("kind", ["characters", "bytepair"])
def test_shards_are_the_tokens_of_the_whole_text(tmp_path, kind):
    pieces = find_pieces(write_corpus(tmp_path / "text"), piece_bytes=3000)
    assert len(pieces) > 4
    whole = "".join(piece.read() for piece in pieces)
    assert whole.count("line") == 400
    assert whole.count("document 98\n\n") == 1
    tokenizer = train_on_pieces(kind, pieces, 300)
    counted = []
    tokens = tokenize_into_shards(pieces, tokenizer, tmp_path / "cache", lambda: counted.append(1))
    assert tokenizer.decode(all_tokens(tokens)) == whole
    assert tokens.characters == len(whole)
    assert len(counted) == len(pieces)
    again = tokenize_into_shards(pieces, tokenizer, tmp_path / "cache", lambda: counted.append(1))
    assert np.array_equal(all_tokens(again), all_tokens(tokens))
    assert len(counted) == len(pieces)


def test_windows_reach_over_shards(tmp_path):
    counts = [3, 0, 1, 6]
    numbers = np.arange(10, dtype="<u2")
    for number, part in enumerate(np.split(numbers, np.cumsum(counts)[:-1])):
        part.tofile(shard_path(tmp_path, number))
    tokens = ShardedTokens(tmp_path, "<u2", counts, 10)
    starts = np.array([0, 1, 2, 3, 4, 5])
    assert np.array_equal(tokens.take(starts, 5), starts[:, None] + np.arange(5))


def test_a_changed_file_or_tokenizer_is_another_folder(tmp_path):
    files = write_corpus(tmp_path / "text", lines=3)
    tokenizer = train_tokenizer("bytepair", ["abc"], 260)
    before = tokenize_into_shards(find_pieces(files), tokenizer, tmp_path / "cache").folder
    files[0].write_text("changed")
    assert tokenize_into_shards(find_pieces(files), tokenizer, tmp_path / "cache").folder != before


def test_a_wrong_byte_is_named_by_its_place_in_the_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"0123456789\n" * 50 + b"\xff\n" + b"0123456789\n" * 50)
    pieces = find_pieces([path], piece_bytes=100)
    tokenizer = train_tokenizer("characters", ["0123456789\n"])
    with pytest.raises(UserError, match="line 51: byte 550"):
        tokenize_into_shards(pieces, tokenizer, tmp_path / "cache")


@pytest.mark.slow
def test_killed_and_started_again_only_the_rest_is_done(tmp_path):
    files = write_corpus(tmp_path / "text", lines=60_000)
    script = (
        "import sys; from pathlib import Path; from groundup.data.shards import *; from groundup.data.tokens import *\n"
        "if __name__ == '__main__':\n"
        "    pieces = find_pieces([Path(p) for p in sys.argv[2:]], 60_000)\n"
        "    tokenizer = train_tokenizer('bytepair', ['line of the first file'], 280)\n"
        "    tokens = tokenize_into_shards(pieces, tokenizer, Path(sys.argv[1]))\n"
        "    print(len(tokens), tokens.folder)\n"
    )
    program = tmp_path / "program.py"
    program.write_text(script)
    command = [sys.executable, str(program), str(tmp_path / "cache"), *map(str, files)]
    process = subprocess.Popen(command, start_new_session=True)
    deadline = time.monotonic() + 60
    while not (done := sorted((tmp_path / "cache").glob("*/*.characters"))) and time.monotonic() < deadline:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert done
    assert not list((tmp_path / "cache").glob("*/manifest.json"))
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").glob("*/*.characters")}
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    pieces = find_pieces(files, 60_000)
    assert len(kept) < len(pieces)
    assert all(path.stat().st_mtime_ns == before for path, before in kept.items())
    tokenizer = train_tokenizer("bytepair", ["line of the first file"], 280)
    assert int(output.split()[0]) == sum(len(tokenizer.encode(piece.read())) for piece in pieces)
    assert not list((tmp_path / "cache").glob("*/.*.tmp"))
