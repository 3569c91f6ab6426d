"""Runs damaged in every way there is: a command says in one line what is wrong, and nothing is lost.

Real runs of all tasks are trained once, copied, damaged at random, and used by the real commands in this process.
`GROUNDUP_DAMAGES=4000 GROUNDUP_TEST_SEED=7 pytest -m '' tests/training/test_damaged_runs.py` tries thousands.
"""

import collections
import contextlib
import hashlib
import json
import os
import random
import shutil
import traceback
from pathlib import Path

import pytest
from commands import HangError, use
from starlette.testclient import TestClient

from groundup.cli import main
from groundup.lab.app import Lab, build_app
from groundup.lab.training_processes import Jobs
from groundup.training.interrupts import Interrupted

SEED = int(os.environ.get("GROUNDUP_TEST_SEED", "1"))
SECONDS = 120
TINY_GPT = (
    "steps=4 evaluate_every=2 layers=1 heads=2 width=16 context=8 batch_size=2 sample_tokens=3 checkpoint_seconds=0"
)
TRAINED = {
    "heights": ["heights", "--data", "table.csv", "--target", "height"],
    "dates": ["heights", "--data", "dated.csv", "--target", "price"],
    "digits": ["digits", "--set", "epochs=1", "--set", "hidden=4"],
    "sentiment": ["sentiment", "--data", "labelled.csv", "--set", "epochs=1", "--set", "least_steps=2"],
    "notes": ["sentiment", "--data", "labelled.csv", "--set", "preset=notes", "--set", "least_steps=2"],
    "modern": ["gpt", "--data", "text.txt"],
    "classic": ["gpt", "--data", "text.txt", "--set", "preset=classic", "--set", "tokenizer=bytepair"],
    "plain": ["gpt", "--data", "text.txt", "--set", "preset=plain"],
}
USES = {
    "heights": ["predict {} age=5,sex=m", "evaluate {}", "export {} --to onnx"],
    "digits": ["predict {} builtin:1", "evaluate {}", "export {} --to onnx"],
    "sentiment": ["predict {} good", "evaluate {}", "neighbours {} good", "export {} --to onnx"],
    "gpt": [
        "predict {} she",
        "evaluate {}",
        "evaluate {} --data text.txt",
        "generate {} --tokens 5",
        "generate {} --tokens 5 --json --temperature 0",
        "attention {} --text she",
        "export {} --to huggingface",
        "export {} --to gguf",
    ],
}
EVERY = ["show {}", "show {} --json", "runs", "runs --json", "lab"]
EVERY += ["train --run {} --resume", "train --run {} --resume --json", "show {} --log tensorboard"]
SLOW_USE = "--to onnx"  # PyTorch's exporter takes seconds
KEPT = ("config.json", "model.safetensors", "best.safetensors", "state.safetensors", "tokenizer.json", "report.json")


@pytest.fixture(scope="module", autouse=True)
def _own_threads():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("torch.set_num_threads", lambda count: None)
        yield


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Train a tiny run of each kind, stop one in the middle, and import one."""
    folder = tmp_path_factory.mktemp("whole")
    table = "".join(f"{row % 7 + 1},{'mf'[row % 3 % 2]},{row % 7 * 2 + row % 3}\n" for row in range(40))
    (folder / "table.csv").write_text("age,sex,height\n" + table)
    dated = "".join(f'2015-0{row % 9 + 1}-1{row % 7},"{row % 5},5","{row % 9 * 3},25"\n' for row in range(40))
    (folder / "dated.csv").write_text("sold,area,price\n" + dated)
    sentences = "".join(f"{word} day,{label}\n" for word, label in [("good", 1), ("bad", 0)] * 20)
    (folder / "labelled.csv").write_text("text,label\n" + sentences)
    (folder / "text.txt").write_text("she sells sea shells by the sea shore. " * 40)
    settings = [word for pair in TINY_GPT.split() for word in ("--set", pair)]
    with contextlib.chdir(folder), pytest.MonkeyPatch.context() as patch:
        for name, arguments in TRAINED.items():
            more = settings if arguments[0] == "gpt" else []
            assert main(["train", *arguments, *more, "--run", name]) == 0
        with contextlib.suppress(Exception):
            patch.setattr("groundup.tasks.gpt.planning.write_sample", _stop)
            main(["train", "gpt", "--data", "text.txt", *settings, "--run", "stopped"])
        assert main(["export", "classic", "--to", "huggingface", "--out", "checkpoint"]) == 0
        assert main(["export", "modern", "--to", "huggingface", "--out", "qwen"]) == 0
        assert main(["import", "checkpoint", "--run", "imported"]) == 0
    assert not (folder / "runs" / "stopped" / "report.json").exists()
    assert (folder / "runs" / "stopped" / "state.safetensors").exists()
    return folder


def _stop(*_):
    raise Interrupted(2, 4)


def find_task(name):
    return TRAINED.get(name, ["gpt"])[0]


def ask_lab(client, name):
    """Ask the lab for everything about a run; an exception in it comes out here."""
    answers = [client.get(path) for path in ("/api/runs", f"/api/runs/{name}", f"/runs/{name}")]
    answers.append(client.get(f"/api/runs/{name}/curves.png"))
    asked = {"text": "good"}, {"sample": 3}, {"row": {"age": "5", "sex": "m"}}
    answers += [client.post(f"/api/runs/{name}/play", json=one) for one in asked]
    answers.append(client.post(f"/api/runs/{name}/talk", json={"tokens": 3}))
    assert all(answer.status_code in (200, 400, 404) for answer in answers), [one.status_code for one in answers]
    listed = {run["name"]: run for run in answers[0].json()["runs"]}
    assert listed["untouched"]["state"] == "finished"
    return listed


@pytest.fixture(scope="module")
def client():
    """Return a lab in this process over the folder `runs` of whatever folder one is in."""
    port = 8765
    app = build_app(Lab(Path("runs"), Path("answers"), Jobs(Path("runs"))), port, "token")
    opened = TestClient(app, base_url=f"http://127.0.0.1:{port}", headers={"Origin": f"http://127.0.0.1:{port}"})
    opened.cookies.set(f"groundup_{port}", "token")
    return opened


def list_digests(folder):
    return {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in KEPT
        if (folder / name).is_file() and not (folder / name).is_symlink()
    }


def try_one(whole, folder, client, damage, draw):
    """Damage a copy of a run, use it, and check what comes; return what was done in words."""
    if draw.random() < 0.08:
        return try_import(whole, folder, damage, draw)
    name = draw.choice(sorted(path.name for path in (whole / "runs").iterdir()))
    place = folder / "runs" / name
    shutil.copytree(whole / "runs" / name, place)
    task = find_task(name)
    told = f"{name}: {'; '.join(damage(place, draw) for _ in range(draw.choice([1, 1, 1, 2, 3])))}"
    words = draw.choice([*USES[task], *EVERY])
    if SLOW_USE in words and task in ("digits", "gpt"):
        words = "show {}"
    told += f": {words.format(name)}"
    before = list_digests(place)
    mode = place.stat().st_mode
    try:
        with _as_nobody(place) if "closed" in told else contextlib.nullcontext():
            if words == "lab":
                ask_lab(client, name)
            else:
                _check(words.format(name).split(), told)
        after = list_digests(place)
        changed = [file for file in before if file in after and before[file] != after[file]]
        if name == "imported" or "train" not in words:
            assert not changed, f"{changed} changed"
        else:
            finished = list_digests(whole / "runs" / name)
            weights = [file for file in changed if file.endswith("l.safetensors") and before[file] == finished[file]]
            assert not weights, f"{weights} were overwritten"
    except HangError:
        raise AssertionError(f"{told}: no end after {SECONDS} s") from None
    except BaseException as error:
        raise AssertionError(f"{told}\n{''.join(traceback.format_exception(error)[-3:])}") from error
    finally:
        place.chmod(mode)
        shutil.rmtree(place)
    return told


def try_import(whole, folder, damage, draw):
    """Damage a checkpoint and import it; where that is done, write with it."""
    place = folder / "damaged"
    shutil.copytree(whole / draw.choice(["checkpoint", "qwen"]), place)
    told = f"import: {damage(place, draw)}"
    try:
        with _as_nobody(place) if "closed" in told else contextlib.nullcontext():
            code = _check(["import", "damaged", "--run", "new"], told)
        if code == 0:
            _check(["generate", "new", "--tokens", "3"], told)
        assert (code == 0) == (folder / "runs" / "new").exists()
    except HangError:
        raise AssertionError(f"{told}: no end after {SECONDS} s") from None
    except BaseException as error:
        raise AssertionError(f"{told}\n{''.join(traceback.format_exception(error)[-3:])}") from error
    finally:
        shutil.rmtree(place)
        shutil.rmtree(folder / "runs" / "new", ignore_errors=True)
    return told


@contextlib.contextmanager
def _as_nobody(place):
    """Be somebody who may not read what is closed, where the tests run as somebody who may read everything."""
    if os.geteuid() != 0:
        yield
        return
    for path in [place, *place.rglob("*")]:
        if not path.is_symlink():
            os.chown(path, 65534, 65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def _check(words, told):
    code, out, err = use(words, SECONDS)
    assert code in (0, 1, 2), code
    if code == 2:
        said = [line for line in err if line.startswith("groundup: ")]
        assert len(said) == 1, err
        assert err[-1] == said[0], err
        assert words[0] == "train" or len(err) == 1, err
    if "--json" in words:
        json.loads(out)
    if words[0] == "runs":
        assert "untouched" in out
    return code


def try_many(whole, tmp_path, client, damage, count, seed):
    (tmp_path / "runs").mkdir()
    for file in whole.iterdir():
        if file.is_file():
            shutil.copyfile(file, tmp_path / file.name)
    shutil.copytree(whole / "runs" / "heights", tmp_path / "runs" / "untouched")
    shutil.copytree(whole / "runs", tmp_path / "others")
    for path in [tmp_path, *tmp_path.parents][:3]:
        path.chmod(0o755)
    failed = []
    with contextlib.chdir(tmp_path):
        for number in range(count):
            draw = random.Random(f"{seed} {number}")
            try:
                try_one(whole, tmp_path, client, damage, draw)
            except AssertionError as error:
                failed.append(f"[{seed} {number}] {error}")
    kinds = collections.Counter(text.strip().splitlines()[-1][:100] for text in failed)
    if failed and (report := os.environ.get("GROUNDUP_DAMAGES_REPORT")):
        Path(report).write_text("\n\n".join(failed), encoding="utf-8", errors="replace")
    assert not failed, f"{len(failed)} of {count}: {kinds}\n\n" + "\n\n".join(failed[:5])


def test_a_damaged_run_never_ends_in_a_traceback(runs, client, damage, tmp_path):
    try_many(runs, tmp_path, client, damage, int(os.environ.get("GROUNDUP_DAMAGES", "40")), SEED)


def test_hundreds_of_damaged_runs_never_end_in_a_traceback(runs, client, damage, tmp_path):
    try_many(runs, tmp_path, client, damage, 120, SEED + 1)
