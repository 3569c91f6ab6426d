"""The lesson on rounding weights: its frames are the step's results, and its text says what they give."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from groundup.base.errors import UserError
from groundup.data.corpus.windows import TokenRow
from groundup.lessons import trained
from groundup.lessons.pages.bigram.views import ALPHABET
from groundup.lessons.pages.rounding import views
from groundup.lessons.pages.rounding.views import PER_ROW, VIEWS, WEIGHTS, WHOLE, compute_grid, compute_table
from groundup.lessons.trained import OpenedGPT
from groundup.steps.c7_beyond.quantisation import dequantise, quantise, quantised_linear

START = [[weight] for row in WEIGHTS for weight in row]
FAR = [*START[:3], [-8.0], *START[4:]]


def test_the_weights_of_the_picture_are_those_of_the_trained_table() -> None:
    table, _ = views.learn_letters()
    rows, columns = ([ALPHABET.index(letter) for letter in letters] for letters in (views.ROWS, views.COLUMNS))
    assert table[rows][:, columns].tolist() == [pytest.approx(row, abs=0.005) for row in WEIGHTS]


@pytest.mark.parametrize("bits", range(2, 9))
@pytest.mark.parametrize(
    "weights",
    [START, FAR, [[0.0]] * 10, [[1e-30]] * 5 + [[1e300]] * 5],
    ids=["start", "one far away", "zeros", "tiny and huge"],
)
def test_a_weight_is_the_step_s_and_moves_by_half_a_scale_at_most(bits: int, weights: list[list[float]]) -> None:
    weight = torch.tensor(weights, dtype=torch.float64).view(2, 5)
    for scales, rows in ((PER_ROW, weight), (WHOLE, weight.view(1, 10))):
        frame = compute_grid(weights, bits, scales)
        assert torch.equal(frame["rounded"].flatten(), dequantise(*quantise(rows, bits)).flatten())
        assert frame["numbers"].abs().max() <= frame["largest"] == 2 ** (bits - 1) - 1
        assert bool((frame["worst"] <= frame["bounds"] * (1 + 1e-9)).all())
        json.dumps(VIEWS["grid"].make_frame({"weights": weights, "bits": bits, "scales": scales}), allow_nan=False)


def test_one_large_weight_makes_its_own_row_coarse_as_the_text_says() -> None:
    before, after = (compute_grid(weights, 3, PER_ROW) for weights in (START, FAR))
    assert [frame["scales"].tolist()[0] for frame in (before, after)] == pytest.approx([0.94, 2.67], abs=0.005)
    assert [frame["worst"].tolist()[0] for frame in (before, after)] == pytest.approx([0.17, 0.97], abs=0.005)
    assert after["numbers"].tolist() == [[1, 1, 0, -3, 1], before["numbers"].tolist()[1]]
    assert before["rounded"].tolist()[1] == after["rounded"].tolist()[1]
    assert 0 in compute_grid(START, 3, WHOLE)["numbers"][0]


def test_the_row_by_hand() -> None:
    row = torch.tensor([[1.4, -0.52, 0.13, -1.06]], dtype=torch.float64)
    numbers, scales = quantise(row, 4)
    assert numbers.tolist() == [[7, -3, 1, -5]]
    assert scales.tolist() == pytest.approx([0.2])
    errors = (row - dequantise(numbers, scales)).abs()
    assert errors[0].tolist() == pytest.approx([0, 0.08, 0.07, 0.06], abs=1e-9)
    x = torch.tensor([[1.0, 2.0, 0.0, 1.0]], dtype=torch.float64)
    assert float(quantised_linear(x, numbers, scales)) == pytest.approx(-0.8)
    assert float(x @ row.T) == pytest.approx(-0.7)


def test_a_row_of_zeros_has_the_scale_0_and_stays_zeros() -> None:
    numbers, scales = quantise(torch.tensor([[0.0, 0.0], [1.0, 0.5]]), 8)
    assert scales[0] == 0
    assert dequantise(numbers, scales)[0].tolist() == [0, 0]


def test_the_text_s_losses() -> None:
    frame = compute_table(4, PER_ROW, False)
    assert [round(loss, 4) for loss in (frame["full"], frame["row"][2], frame["matrix"][2])] == [2.3029, 2.3126, 2.3299]
    above = [loss - frame["full"] for loss in frame["row"][4::-1]]
    assert above == pytest.approx([0.0005, 0.0025, 0.0096, 0.0641, 0.3636], abs=6e-5)
    assert frame["nothing"] == pytest.approx(3.296, abs=5e-4)


def test_one_row_spoils_a_scale_for_all() -> None:
    frame = compute_table(4, WHOLE, True)
    assert frame["full"] == pytest.approx(compute_table(8, PER_ROW, False)["full"])
    assert frame["zeros"] == 634
    assert frame["matrix"][2] == pytest.approx(3.714, abs=5e-4)
    assert frame["matrix"][2] > frame["nothing"]
    assert frame["row"][2] == pytest.approx(2.3131, abs=5e-5)
    table, _ = views.take_table(True)
    assert float(table.max()) == pytest.approx(46, abs=0.1)
    assert float(table.max()) / 7 == pytest.approx(6.6, abs=0.05)


@pytest.fixture(params=["plain", "modern"])
def opened(request: Any, untrained: Any, monkeypatch: pytest.MonkeyPatch) -> OpenedGPT:
    """Return a GPT with random weights, which the view takes for the newest; it is measured on a short text."""
    found: OpenedGPT = untrained(request.param)
    monkeypatch.setattr(views, "open_newest_gpt", lambda quantised: found)
    monkeypatch.setattr(views, "read_tokens", lambda opened: TokenRow(np.arange(100) % opened.tokenizer.size))
    return found


def test_a_rounded_gpt_writes_and_the_model_stays_as_it_was(opened: OpenedGPT) -> None:
    before = {name: weight.clone() for name, weight in opened.model.named_parameters()}
    frames = {
        (bits, scales): VIEWS["rounded"].make_frame({"text": "The ", "bits": bits, "scales": scales})
        for bits, scales in ((8, PER_ROW), (8, WHOLE), (2, PER_ROW))
    }
    for frame in frames.values():
        assert len(frame["written"]) == len(frame["unrounded"]) == views.WRITTEN
        assert math.isfinite(frame["loss"])
        json.dumps(frame, allow_nan=False)
    closest, *others = frames.values()
    assert abs(closest["loss"] - closest["full"]) < abs(frames[2, PER_ROW]["loss"] - closest["full"])
    assert len({frame["loss"] for frame in frames.values()}) == 3
    # What it writes before is the same beside every setting, and is not what a model with two bits writes.
    assert len({frame["unrounded"] for frame in frames.values()}) == 1
    assert frames[2, PER_ROW]["written"] != frames[2, PER_ROW]["unrounded"]
    assert 3.9 < others[0]["whole"] / others[0]["size"] < 4
    assert closest["size"] > others[0]["size"] > others[1]["size"]
    assert all(torch.equal(weight, before[name]) for name, weight in opened.model.named_parameters())
    rounded = views.round_model(opened, 2, PER_ROW)
    assert max(len(row.unique()) for row in rounded.output.weight) == 3


def test_a_run_without_a_text_of_its_own_is_measured_on_the_built_in_one(
    untrained: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(run: Any, data: str | None, tokenizer: Any, reporter: Any) -> tuple[str, int, str]:
        if data is None:
            raise UserError("imported: it has no validation text.")
        return data, 1, data

    monkeypatch.setattr(views, "read_measured_text", read)
    run: Any = object()
    assert views.read_tokens(replace(untrained(), run=run)) == "python-reference"


def test_a_run_that_is_rounded_already_is_passed_over(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "report.json").touch()
    runs = [
        SimpleNamespace(config={"task": "gpt"}, quantised_from=source, path=lambda name: tmp_path / name)
        for source in ("mine", None)
    ]
    monkeypatch.setattr(trained, "list_runs", lambda root: runs)
    monkeypatch.setattr(trained, "finished_report", lambda run: {"loss": 1.0})
    assert trained.find_newest("gpt") is runs[0]
    assert trained.find_newest("gpt", quantised=False) is runs[1]


@pytest.mark.parametrize(("loss", "chosen"), [(3.9, False), (2.5, True)])
def test_a_run_that_learned_next_to_nothing_is_passed_over(
    loss: float, chosen: bool, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "report.json").touch()
    run = SimpleNamespace(config={"task": "gpt"}, quantised_from=None, path=lambda name: tmp_path / name)
    monkeypatch.setattr(trained, "list_runs", lambda root: [run])
    monkeypatch.setattr(trained, "finished_report", lambda run: {"best_validation_loss": loss, "vocabulary": 65})
    assert (trained.find_newest("gpt") is run) == chosen


def test_a_page_says_why_it_does_not_show_the_learners_run(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "report.json").touch()
    run = SimpleNamespace(name="names", config={"task": "gpt"}, quantised_from=None, path=lambda name: tmp_path / name)
    runs: list[Any] = []
    monkeypatch.setattr(trained, "list_runs", lambda root: runs)
    monkeypatch.setattr(trained, "finished_report", lambda run: {"best_validation_loss": 6.97, "vocabulary": 51})
    monkeypatch.setattr(trained, "open_small", lambda model: None)
    monkeypatch.setattr(trained, "_open", lambda run, whose: whose)
    assert trained.open_newest_gpt() == "A small model of these lessons. Once you have trained a gpt, yours is shown."
    runs.append(run)
    told = str(trained.open_newest_gpt())
    assert "Your run names is not shown" in told
    assert "its loss is 6.97, and that of a choice among all 51 tokens 3.93." in told
