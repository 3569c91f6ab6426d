"""Whatever a person types or loads, malformed in any way: at worst one line that says what is wrong, and soon.

`GROUNDUP_MALFORMED=1000 GROUNDUP_TEST_SEED=7 pytest tests/cli/test_malformed.py` tries thousands;
`GROUNDUP_MALFORMED_ONLY=table` tries one kind.
"""

import collections
import contextlib
import json
import os
import random
import shutil
import stat
import time
import traceback
from pathlib import Path

import pytest
from commands import HangError, use
from malformed import TINY
from malformed_commands import TRIES
from PIL import Image

from groundup.base.plain_text import UNSAFE
from groundup.cli import main

SEED = int(os.environ.get("GROUNDUP_TEST_SEED", "1"))
COMPUTING, WAITING = 20, 180  # seconds that a command may take, of which the machine may be busy with other things
KEPT = "heights", "digits", "sentiment", "gpt", "pairs"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Return a folder with a small whole input of every kind, and a run of every task."""
    folder = tmp_path_factory.mktemp("whole")
    table = "".join(f"{row % 7 + 1},{'mf'[row % 3 % 2]},{row % 7 * 2 + row % 3}\n" for row in range(40))
    (folder / "table.csv").write_text("age,sex,height\n" + table)
    sentences = "".join(f"{word} day,{label}\n" for word, label in [("good", 1), ("bad", 0)] * 20)
    (folder / "labelled.csv").write_text("text,label\n" + sentences)
    (folder / "text.txt").write_text("she sells sea shells by the sea shore. " * 40)
    (folder / "class").mkdir()
    for number in range(20):
        picture = folder / "pictures" / str(number % 2) / f"{number}.png"
        picture.parent.mkdir(parents=True, exist_ok=True)
        drawn = Image.new("L", (28, 28))
        drawn.paste(255, (4 + number % 2 * 9, 4, 8 + number % 2 * 9, 20 + number // 4))
        drawn.save(picture)
    with contextlib.chdir(folder), pytest.MonkeyPatch.context() as patch:
        patch.setattr("torch.set_num_threads", lambda count: None)
        patch.setenv("GROUNDUP_CACHE", str(folder / "cache"))
        for name, words in {
            "heights": ["heights", "--data", "table.csv", "--target", "height"],
            "digits": ["digits", "--data", "pictures", "--set", "epochs=1", "--set", "hidden=4"],
            "sentiment": ["sentiment", "--data", "labelled.csv", "--set", "epochs=1", "--set", "least_steps=2"],
            "gpt": ["gpt", "--data", "text.txt", *TINY],
            "pairs": ["gpt", "--data", "text.txt", *TINY, "--set", "tokenizer=bytepair", "--set", "preset=classic"],
        }.items():
            assert main(["train", *words, "--run", name]) == 0
        assert main(["export", "pairs", "--to", "huggingface", "--out", "checkpoint"]) == 0
        yield folder


def try_one(draw, case, log):
    """Make something malformed and use it; return what came of it."""
    only = os.environ.get("GROUNDUP_MALFORMED_ONLY", "")
    tries = [(attempt, share) for attempt, share in TRIES if only in attempt.__name__]
    (attempt,) = draw.choices([one for one, _ in tries], [share for _, share in tries])
    case.mkdir()
    words = attempt(case, draw)
    if draw.random() < 0.15 and words[0] != "lab" and "--json" not in words:
        words = [*words[:1], "--json", *words[1:]] if words[0] not in ("data", "learn") else [*words, "--json"]
    told = f"{attempt.__name__}: {[word if len(word) < 400 else word[:100] + '…' for word in words]!r}"
    if log:
        print(told, file=log, flush=True)
    began, computed = time.monotonic(), time.process_time()
    try:
        code, out, err = use(words, WAITING, COMPUTING)
        check(words, code, out, err)
    except HangError:
        raise AssertionError(f"{told}: no end after {time.process_time() - computed:.0f} s of computing") from None
    except BaseException as error:
        raise AssertionError(f"{told}\n{''.join(traceback.format_exception(error)[-3:])}") from error
    if log:
        spent = f"{time.process_time() - computed:.1f} s of {time.monotonic() - began:.1f} s"
        print(f"    {spent}, code {code}: {' | '.join(err)[-300:]}".encode("ascii", "replace").decode(), file=log)
    return code


def check(words, code, out, err):
    assert code in (0, 1, 2), (code, err)
    assert not any("Traceback" in line for line in err), err
    assert not any(UNSAFE.search(line) for line in err), err
    said = [line for line in err if line.startswith("groundup: ")]
    assert len(said) == (code == 2), err
    if code == 2:
        assert err[-1] == said[0], err
        assert len(said[0]) > len("groundup: x"), err
        assert words[0] in ("train", "import", "check", "grade") or len(err) == 1, err
    if "--json" in words and "--" not in words and code != 1:
        json.loads(out)


def try_many(place, tmp_path, monkeypatch, count, seed):
    monkeypatch.setattr("torch.set_num_threads", lambda count: None)
    monkeypatch.setattr("webbrowser.open", lambda address: False)
    monkeypatch.setenv("GROUNDUP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "home").mkdir()
    report = os.environ.get("GROUNDUP_MALFORMED_REPORT")
    failed, codes = [], collections.Counter()
    with open(f"{report}.log", "a", errors="backslashreplace") if report else contextlib.nullcontext() as log:
        for number in range(count):
            here = tmp_path / str(number)
            shutil.copytree(place, here, symlinks=True)
            os.chdir(here)
            monkeypatch.setenv("GROUNDUP_CATALOGUE", "")
            draw = random.Random(f"{seed} {number}")
            if log:
                print(f"[{seed} {number}]", end=" ", file=log)
            try:
                codes[try_one(draw, here / "case", log)] += 1
            except AssertionError as error:
                failed.append(f"[{seed} {number}] {error}")
                if report:
                    with open(report, "a", errors="backslashreplace") as file:
                        file.write(failed[-1] + "\n\n")
            whole = {path.name for path in Path("runs").iterdir()} if Path("runs").is_dir() else set()
            if not whole >= set(KEPT):
                failed.append(f"[{seed} {number}] runs are lost: {whole}")
            os.chdir(tmp_path)
            shutil.rmtree(here, onerror=_open_and_remove)
    kinds = collections.Counter(text.strip().splitlines()[-1][:100] for text in failed)
    assert not failed, f"{len(failed)} of {count}: {kinds}\n\n" + "\n\n".join(failed[:5])
    assert codes[2], codes


def _open_and_remove(function, path, _):
    os.chmod(os.path.dirname(path), stat.S_IRWXU)
    os.chmod(path, stat.S_IRWXU)
    function(path)


def test_nothing_malformed_ends_in_more_than_a_line(place, tmp_path, monkeypatch):
    try_many(place, tmp_path, monkeypatch, int(os.environ.get("GROUNDUP_MALFORMED", "60")), SEED)


def test_hundreds_of_malformed_inputs_end_in_a_line_each(place, tmp_path, monkeypatch):
    try_many(place, tmp_path, monkeypatch, 120, SEED + 1)
