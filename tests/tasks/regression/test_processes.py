"""Heights learned by several real processes: the run of one process, and one line where something is wrong."""

import json
import os
import sys

import numpy as np
import pytest
import warm
from safetensors.numpy import load_file

GROUNDUP = [sys.executable, "-m", "groundup"]
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2", "--standalone", "-m", "groundup", "--"]


@pytest.fixture
def table(tmp_path):
    """Write a table of several chunks: words met late, missing and bad cells, a column that is flat for long."""
    random = np.random.default_rng(0)
    rows = 60_000
    x = (random.normal(size=rows) + 50).round(6)
    word = np.where(np.arange(rows) < rows / 2, "low", random.choice(["high", "middle", "low"], rows))
    late = np.where(np.arange(rows) < rows * 0.7, 3.0, random.normal(size=rows).round(6))
    y = (x + 2 * (word == "high") + late + random.normal(size=rows)).round(6)
    cells = zip(x.tolist(), word.tolist(), late.tolist(), y.tolist(), strict=True)
    lines = [f"{a},{b},{c},{d}" for a, b, c, d in cells]
    lines[7] = lines[50_000] = "tall,low,3.0,50.0"
    lines[40_000] = "1,2"
    path = tmp_path / "table.csv"
    path.write_text("x,word,late,y\n" + "\n".join(lines) + "\n")
    assert path.stat().st_size > 1.5 * 2**20
    return path


@pytest.fixture
def groundup(tmp_path):
    def run(start, *arguments):
        return warm.run(
            [*start, *map(str, arguments)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=600,
            env={k: v for k, v in os.environ.items() if k != "WORLD_SIZE"} | {"OMP_NUM_THREADS": "1"},
        )

    return run


def simplify(report):
    """Return the figures that do not come from rounding or from the run's name."""
    left = {"run", "folder", "picture", "gap_to_least_squares"}
    return {key: value for key, value in report.items() if key not in left and not isinstance(value, float | dict)}


def test_two_processes_write_the_folder_of_one(groundup, table, tmp_path):
    common = ("train", "heights", "--data", table, "--set", "skip_bad_rows=true", "--json", "--run")
    answers = [
        groundup(GROUNDUP, *common, "one"),
        groundup(GROUNDUP, *common, "two", "--processes", 2),
        groundup(TORCHRUN, *common, "three"),
    ]
    for answer in answers:
        assert answer.returncode == 0, answer.stderr
    reports = [json.loads(answer.stdout) for answer in answers]
    one = tmp_path / "runs" / "one"
    weights = load_file(one / "model.safetensors")
    sample = load_file(one / "held_out.safetensors")
    assert reports[0]["left_out"] == {'"x" not a finite number': 2, "too many or too few cells": 1}
    for report, name in zip(reports[1:], ("two", "three"), strict=True):
        folder = one.with_name(name)
        assert sorted(file.name for file in folder.iterdir()) == sorted(file.name for file in one.iterdir())
        assert simplify(report) == simplify(reports[0])
        assert (report["rows"], report["left_out"]) == (reports[0]["rows"], reports[0]["left_out"])
        found = load_file(folder / "model.safetensors")
        for key, value in weights.items():
            np.testing.assert_allclose(found[key], value, rtol=1e-9)
        shown = load_file(folder / "held_out.safetensors")
        np.testing.assert_array_equal(shown["true"], sample["true"])
        np.testing.assert_allclose(shown["predicted"], sample["predicted"], rtol=1e-9)
        config, other = (json.loads((run / "config.json").read_text()) for run in (one, folder))
        assert config.pop("model")["columns"] == other.pop("model")["columns"]
        assert config == other
    assert not list(tmp_path.glob("runs/.*"))


@pytest.mark.parametrize("row", [9, 50_002])
def test_an_error_in_one_share_is_said_once_and_ends_all(groundup, table, tmp_path, row):
    text = table.read_text().splitlines()
    text[40_001] = text[1]
    text[9 - 1 if row != 9 else 50_002 - 1] = text[1]
    table.write_text("\n".join(text))
    answer = groundup(GROUNDUP, "train", "heights", "--data", table, "--processes", 2)
    assert answer.returncode == 2
    told = (
        f'groundup: {table}, row {row}, column "x": "tall" is not a finite number. Correct it, or leave such rows out '
    )
    assert answer.stderr == told + "with --set skip_bad_rows=true.\n"
    assert answer.stdout == ""
    assert not (tmp_path / "runs" / "heights").exists()
