"""Shards hold the tokens of the whole text, are made once, and a kill costs only the unfinished chunks."""

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from groundup.base.errors import UserError
from groundup.data.corpus.shard_work import TOKENIZER, make_shard
from groundup.data.corpus.sharded_tokens import MOST_OPEN, ShardedTokens, shard_path
from groundup.data.corpus.shards import ShardMaker
from groundup.data.corpus.texts import find_text_files, read_text
from groundup.data.corpus.tokens import train_tokenizer
from groundup.data.corpus.windows import TokenSpan, TrainingWindows

LINES = train_tokenizer("bytepair", ["line of the first file"] * 3, 280)

PROGRAM = """
import sys
from pathlib import Path
from groundup.data.corpus.shards import ShardMaker
from groundup.data.corpus.tokens import train_tokenizer
if __name__ == '__main__':
    def advance(count):
        print('done', count, flush=True)
        sys.stdin.read()  # goes on when the test closes it
    maker = ShardMaker([Path(p) for p in sys.argv[3:]], Path(sys.argv[1]), int(sys.argv[2]), 60_000)
    tokenizer = train_tokenizer('bytepair', ['line of the first file'] * 3, 280)
    with maker.locked(lambda: print('waits', flush=True)):
        tokens = maker.make_shards(tokenizer, advance)
    print(len(tokens), tokens.folder)
"""


def write_corpus(folder, lines=400):
    folder.mkdir()
    (folder / "a.txt").write_text("".join(f"line {number} of the first file, née é \r\n" for number in range(lines)))
    (folder / "b.jsonl").write_text(
        "".join(json.dumps({"text": f"document {number}\n"}) + "\n" for number in range(99))
    )
    (folder / "c.txt").write_text("the end\n")
    return find_text_files(folder)[0]


def all_tokens(tokens):
    return tokens.take(np.array([0]), len(tokens))[0]


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    return [sys.executable, str(path), str(tmp_path / "cache")]


@pytest.mark.parametrize("kind", ["characters", "bytepair"])
@pytest.mark.parametrize("processes", [1, 3])
def test_shards_are_the_tokens_of_the_whole_text(tmp_path, kind, processes):
    files = write_corpus(tmp_path / "text")
    whole = read_text(str(tmp_path / "text")).content
    found = []
    for chunk_bytes in (3000, 5000):
        maker = ShardMaker(files, tmp_path / "cache", processes, chunk_bytes)
        assert maker.find_tokenizer(kind, 300) is None
        tokenizer = maker.make_tokenizer(kind, 300)
        assert maker.find_tokenizer(kind, 300).to_json() == tokenizer.to_json()
        assert maker.find_shards(tokenizer) is None
        assert maker.count_done(tokenizer) == 0
        counted = []
        tokens = maker.make_shards(tokenizer, counted.append)
        assert len(counted) == len(maker.chunks) > 3
        assert maker.count_done(tokenizer) == sum(counted)
        assert np.array_equal(all_tokens(tokens), tokenizer.encode(whole))
        assert tokens.characters == len(whole)
        again = maker.make_shards(tokenizer, counted.append)
        assert np.array_equal(all_tokens(again), all_tokens(tokens))
        assert len(counted) == len(maker.chunks)
        found.append(tokenizer.encode(whole) if kind == "characters" else [])
    assert np.array_equal(*found)


def test_windows_reach_over_shards(tmp_path):
    counts = [3, 0, 1, 6, 0]
    numbers = np.arange(10, dtype="<u2")
    for number, part in enumerate(np.split(numbers, np.cumsum(counts)[:-1])):
        part.tofile(shard_path(tmp_path, number))
    tokens = ShardedTokens(tmp_path, "<u2", counts, 10)
    starts = np.array([0, 1, 2, 3, 4, 5])
    assert np.array_equal(tokens.take(starts, 5), starts[:, None] + np.arange(5))


def test_a_row_of_more_tokens_than_32_bits_count(tmp_path):
    """Sparse files stand for 24 GB of tokens; the marked ones are found at their places, through windows, too."""
    count, shards = 1_000_000_000, 6
    for number in range(shards):
        with shard_path(tmp_path, number).open("wb") as file:
            file.truncate(count * 4)
            file.seek(4 * (count - 2))
            file.write(np.array([number + 1, number + 70_000], dtype="<u4").tobytes())
    tokens = ShardedTokens(tmp_path, "<u4", [count] * shards, 0)
    assert len(tokens) == 6_000_000_000
    starts = np.array([5 * count - 2, 6 * count - 3])
    assert tokens.take(starts, 3).tolist() == [[5, 70_004, 0], [0, 6, 70_005]]
    windows = TrainingWindows(TokenSpan(tokens, 0, len(tokens) - 2_000_000), context=64, batch_size=4, seed=0)
    starts = np.concatenate([windows.starts(step) for step in (0, 1_000_000, 10**8)])
    assert starts.min() >= 0
    assert starts.max() > 2**32
    assert starts.max() + 65 <= len(tokens) - 2_000_000
    assert windows.batch(10**8)[0].shape == (4, 64)
    again = TrainingWindows(TokenSpan(tokens, 0, len(tokens) - 2_000_000), context=64, batch_size=4, seed=0)
    assert np.array_equal(windows.starts(10**8), again.starts(10**8))


def test_more_shards_than_a_process_may_open(tmp_path):
    count = 1200
    for number in range(count):
        np.array([number], dtype="<u2").tofile(shard_path(tmp_path, number))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (MOST_OPEN + 256, hard))
    try:
        tokens = ShardedTokens(tmp_path, "<u2", [1] * count, count)
        assert np.array_equal(all_tokens(tokens), np.arange(count))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_changed_file_or_tokenizer_is_another_folder(tmp_path):
    files = write_corpus(tmp_path / "text", lines=3)
    before = ShardMaker(files, tmp_path / "cache")
    files[0].write_text("changed")
    after = ShardMaker(files, tmp_path / "cache")
    assert after.folder != before.folder
    folders = {after.make_shards(tokenizer).folder for tokenizer in (LINES, train_tokenizer("bytepair", ["abc"], 260))}
    assert len(folders) == 2


def test_damaged_shards_are_made_again(tmp_path):
    files = write_corpus(tmp_path / "text")
    maker = ShardMaker(files, tmp_path / "cache", 1, 3000)
    tokens = maker.make_shards(LINES)
    expected = all_tokens(tokens)
    for damage in ("torn", "missing", "manifest"):
        if damage == "torn":
            os.truncate(shard_path(tokens.folder, 1), 10)
        elif damage == "missing":
            shard_path(tokens.folder, 2).unlink()
        else:
            (tokens.folder / "manifest.json").write_text("{")
        again = ShardMaker(files, tmp_path / "cache", 1, 3000)
        assert again.find_shards(LINES) is None
        made = []
        assert np.array_equal(all_tokens(again.make_shards(LINES, made.append)), expected)
        assert len(made) == (damage != "manifest")


def test_a_wrong_byte_is_named_by_its_place_in_the_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"0123456789\n" * 50 + b"\xff\n" + b"0123456789\n" * 50)
    maker = ShardMaker([path], tmp_path / "cache", chunk_bytes=100)
    with pytest.raises(UserError, match=r"a.txt, line 51: byte 550 .0xff. is not valid UTF-8"):
        maker.make_tokenizer("characters", 0)
    with pytest.raises(UserError, match=r"a.txt, line 51: byte 550 .0xff. is not valid UTF-8"):
        maker.make_shards(LINES)


@pytest.mark.parametrize("kind", ["characters", "bytepair"])
def test_a_text_of_white_space_is_empty(tmp_path, kind):
    path = tmp_path / "a.txt"
    path.write_text(" \n" * 999)
    with pytest.raises(UserError, match=r"blank.txt: the text is empty"):
        ShardMaker([path], tmp_path / "cache", 1, 100, "blank.txt").make_tokenizer(kind, 300)


def test_a_full_disk_is_told_and_what_is_done_is_kept(tmp_path, program):
    """A limit on a file's size refuses the larger shard as a full disk would."""
    small, large = tmp_path / "a.txt", tmp_path / "b.txt"
    small.write_text("line of the first file\n" * 2600)
    large.write_text(" ".join(map(str, range(20_000))))
    script = program[1]
    # Compiled modules would be cut short, too, and stay.
    limit = "sys.dont_write_bytecode = True; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"
    limited = f"import resource, sys; {limit}\n{PROGRAM}"
    with open(script, "w") as file:
        file.write(limited)
    result = subprocess.run(
        [*program, "1", str(small), str(large)], input="", capture_output=True, text=True, check=False
    )
    assert "UserError" in result.stderr
    assert "the disk is full. The shards take up to 0.00034 GB. Free some space, or set GROUNDUP_CACHE" in result.stderr
    kept = [path.name for path in (tmp_path / "cache").glob("*/*/*.tokens")]
    assert "000000.tokens" in kept
    assert "000001.tokens" not in kept
    assert not list((tmp_path / "cache").glob("*/*/.*.tmp"))


def test_a_folder_that_may_not_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    path = tmp_path / "a.txt"
    path.write_text("some text")
    with pytest.raises(UserError, match=r"the shards cannot be written .not a directory.. Set GROUNDUP_CACHE"):
        ShardMaker([path], tmp_path / "file", 1).make_shards(LINES)


def wait_until_all_are_gone(group):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    raise AssertionError("a process outlived its parent")


def test_a_second_process_waits_and_finds_everything_done(tmp_path, program):
    files = write_corpus(tmp_path / "text")
    maker = ShardMaker(files, tmp_path / "cache", 1, 60_000)
    with maker.locked():
        second = subprocess.Popen(
            [*program, "1", *map(str, files)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        )
        assert second.stdout.readline() == "waits\n"
        tokens = maker.make_shards(LINES)
    assert second.communicate()[0] == f"{len(tokens)} {tokens.folder}\n"


def test_ctrl_c_stops_every_process_without_a_traceback_of_theirs(tmp_path, program):
    files = write_corpus(tmp_path / "text", lines=60_000)
    command = [*program, "2", *map(str, files)]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, start_new_session=True)
    assert process.stdout.readline().startswith("done")
    os.killpg(process.pid, signal.SIGINT)
    errors = process.communicate(timeout=600)[1]
    assert errors.count("Traceback") == 1
    assert errors.endswith("KeyboardInterrupt\n")
    wait_until_all_are_gone(process.pid)
    assert not list((tmp_path / "cache").glob("*/*/.*.tmp"))
    assert not list((tmp_path / "cache").glob("*/*/manifest.json"))


def test_killed_and_started_again_only_the_rest_is_done(tmp_path, program):
    files = write_corpus(tmp_path / "text", lines=40_000)
    command = [*program, "2", *map(str, files)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, start_new_session=True) as process:
        assert process.stdout.readline().startswith("done")
        process.kill()  # only the parent: its processes must not outlive it
    wait_until_all_are_gone(process.pid)
    cache = tmp_path / "cache"
    kept = {path: path.stat().st_mtime_ns for path in cache.glob("*/*/[0-9]*.json")}
    assert kept
    assert not list(cache.glob("*/*/manifest.json"))
    output = subprocess.run(command, input="", capture_output=True, text=True, check=True).stdout.splitlines()
    chunks = ShardMaker(files, cache, 2, 60_000).chunks
    assert len(output) - 1 == len(chunks) - len(kept)
    assert all(path.stat().st_mtime_ns == before for path, before in kept.items())
    assert int(output[-1].split()[0]) == len(LINES.encode(read_text(str(tmp_path / "text")).content))
    assert not list(cache.glob("*/*/.*.tmp"))


def test_a_program_that_forgets_what_starts_it_again_does_not_wait_for_itself(tmp_path, program):
    path = tmp_path / "a.txt"
    path.write_text("some text " * 20_000)
    with open(program[1], "w") as file:
        file.write(PROGRAM.replace("if __name__ == '__main__'", "if True"))
    result = subprocess.run(
        [*program, "1", str(path)], input="", capture_output=True, text=True, check=False, timeout=600
    )
    assert "waits" not in result.stdout
    assert 'put what it does under `if __name__ == "__main__":`' in result.stderr


def test_a_killed_worker_is_told(tmp_path):
    files = write_corpus(tmp_path / "text", lines=60_000)
    maker = ShardMaker(files, tmp_path / "cache", 1, 60_000)

    def kill(count):
        from multiprocessing import active_children

        for worker in active_children()[:1]:  # none where an earlier call has killed the last one
            threading.Thread(target=worker.kill).start()

    with pytest.raises(
        UserError, match=r"was killed, perhaps for want of memory.*--set shard_processes=1; what is done is kept"
    ):
        maker.make_shards(LINES, kill)


def test_a_shard_is_on_the_disk_before_it_takes_its_name(tmp_path, monkeypatch):
    files = write_corpus(tmp_path / "corpus")
    maker = ShardMaker(files, tmp_path / "cache", 1)
    tokenizer = LINES
    work = maker._list_work(tokenizer)[0]
    work.folder.mkdir(parents=True)
    (work.folder / TOKENIZER).write_text(tokenizer.to_json())
    flushed = []
    real = os.fsync

    def note(descriptor):
        flushed.append(os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "false")
    make_shard(work)
    shard = shard_path(work.folder, work.number).name
    assert [name == shard for name in flushed] == [True, False, False, False]
    assert flushed[1] == flushed[3] == work.folder.name
