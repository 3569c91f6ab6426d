"""The lesson on digits: what it shows of a network is what the network computes."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from opened_numbers import check_origins

from groundup.base.reporting import Reporter
from groundup.data.images.images import load_builtin
from groundup.data.images.ink import fit_to_size
from groundup.lessons.pages.digits import network
from groundup.lessons.pages.digits.views import (
    STROKES,
    VIEWS,
    compute_nodes,
    compute_stages,
    compute_test,
    draw_sample,
    move,
    read_ink,
    weigh_pixels,
)
from groundup.lessons.trained import RUNS, SmallModel, StillTrainingError
from groundup.lessons.watching import Watch
from groundup.runs.folder import Run
from groundup.steps.c3_networks.loss import cross_entropy
from groundup.steps.c4_training.digits import DigitNetwork
from groundup.steps.c4_training.linear import Linear
from groundup.steps.c4_training.optimisers import Adam
from groundup.tasks.digits.task import load_parts
from groundup.tasks.digits.variation import VariedPictures
from groundup.tasks.launch import launch


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    pairs = ["hidden=32", "epochs=8", "precision=float32"]
    launch("digits", root=folder, name="mine", pairs=pairs, resume=False, reporter=Reporter.silent())
    return folder


@pytest.fixture(autouse=True)
def _learner_s_runs(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RUNS, str(runs))


def read(**controls: Any) -> dict[str, Any]:
    return VIEWS["board"].compute(**{**VIEWS["board"].check({}), **controls})  # type: ignore[no-any-return]


def test_the_newest_run_is_read(runs: Path) -> None:
    assert network.open_reader() is network.open_reader()
    assert network.open_reader().run.folder == runs / "mine"


def test_the_pictures_of_the_test_were_held_out(tmp_path: Path, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(network.open_reader().pictures) < len(load_builtin())
    shutil.copytree(runs / "mine", tmp_path / "mine")
    monkeypatch.setenv(RUNS, str(tmp_path))
    Run.open(tmp_path, "mine").update_config(data=str(tmp_path / "gone"))
    assert len(network.open_reader().pictures) == len(load_builtin())


def test_without_a_run_a_small_network_is_trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RUNS, str(tmp_path / "none"))

    def wait(model: SmallModel) -> Run:
        assert model is network.SMALL_NETWORK
        raise StillTrainingError(model.name, Watch())

    monkeypatch.setattr(network, "open_small", wait)
    for frame in (read(), compute_nodes(digit="9", sample="a 3", page=0), compute_test(truth=8, answer=1)):
        assert frame["waiting"]["model"] == "digits"


def test_a_score_opens_to_the_last_layer_s_products() -> None:
    frame = VIEWS["board"].make_frame({"sample": "a 3", "evidence": 3})
    assert frame["score"] == pytest.approx(frame["scores"][3], rel=0.02)
    assert check_origins(frame, close=1e-3) == 1


def test_shares_are_what_the_ink_adds_while_the_same_nodes_are_active() -> None:
    reader = network.open_reader()
    picture = reader.fit(draw_sample("a 3"))
    shares = weigh_pixels(reader, picture, 3)
    assert (shares[picture == 0] == 0).all()
    # A hundredth less ink everywhere changes hardly any node, so the score changes by a hundredth of all shares.
    pixels = torch.from_numpy(np.stack([picture]).astype(np.float32))
    with torch.inference_mode():
        full, less = (
            reader.recogniser.network(reader.recogniser.scale(pixels * factor))[0, 3].item() for factor in (1, 0.999)
        )
    assert full - less == pytest.approx(0.001 * shares.sum(), rel=0.05, abs=1e-4)


@pytest.mark.parametrize("sample", STROKES)
def test_samples_are_read(sample: str) -> None:
    frame = read(sample=sample)
    assert frame["probabilities"].sum() == pytest.approx(1, abs=1e-4)
    assert frame["best"] == frame["evidence"] == int(frame["probabilities"].argmax())
    assert not frame["drawn"]


def test_a_drawing_is_centered_and_asked_for_another_digit() -> None:
    ink = np.zeros((56, 56))
    ink[4:24, 6:10] = 1
    frame = read(ink=ink.ravel().tolist(), drawn=1, evidence=4)
    assert (frame["drawn"], frame["evidence"]) == (True, 4)
    rows, columns = np.nonzero(frame["picture"])
    assert rows.mean() == pytest.approx(13.5, abs=1)
    assert columns.mean() == pytest.approx(13.5, abs=1)
    assert read_ink([], fit_to_size) is None
    assert read_ink(np.zeros(56 * 56), fit_to_size) is None


def test_moves_and_turns() -> None:
    picture = network.open_reader().fit(draw_sample("a 1"))
    assert np.array_equal(move(picture, 0, 0), picture)
    assert np.array_equal(move(picture, 3, 0)[:, 3:], picture[:, :-3])
    for right, turn in ((-6, -45), (6, 45)):
        assert read(drawn=1, right=right, turn=turn, evidence=9)["picture"].shape == (28, 28)


def test_nodes_are_the_first_layer_s_rows_and_what_they_add_comes_from_the_picture() -> None:
    first, last = (compute_nodes(digit="9", sample="a 4", page=page) for page in (0, 42))
    assert first["count"] == 32
    assert (len(first["nodes"]), len(last["nodes"])) == (12, 8)
    reader = network.open_reader()
    weights = dict(reader.recogniser.network.named_parameters())
    parts = [node["part"] for node in first["nodes"]]
    assert parts == sorted(parts, reverse=True)
    everything = [node for page in range(3) for node in compute_nodes(digit="9", sample="a 4", page=page)["nodes"]]
    picture = torch.from_numpy(reader.fit(draw_sample("a 4"))[None].copy())
    score = reader.recogniser.scores(picture)[0, 9].item() - weights["second_linear.bias"][9].item()
    assert sum(node["part"] for node in everything) == pytest.approx(score, abs=0.05)
    for node in first["nodes"]:
        row = weights["first_linear.weight"][node["number"]].detach().reshape(28, 28)
        assert torch.allclose(node["weights"], row / row.abs().max())
        assert node["out"] == pytest.approx(weights["second_linear.weight"][9, node["number"]].item())
    assert check_origins(first, close=1e-3) == 24


def test_the_chain_by_hand_is_right() -> None:
    pixels = load_parts(None, 0.2, 0)[0].pixels
    assert (round(float(pixels.mean()), 2), f"{pixels.std():.2f}") == (39.48, "75.00")
    x = [round((ink - 39.48) / 75, 3) for ink in (161, 255, 0)]
    assert x == [1.62, 2.874, -0.526]
    answer = x[0] * 0.1 - x[1] * 0.05 + x[2] * 0.2 + 0.3
    assert [round(number, 3) for number in (answer, answer * 0.5, answer * -0.4)] == [0.213, 0.107, -0.085]


@pytest.mark.parametrize(("hidden", "share"), [(0, 0.87), (512, 0.97)])
def test_a_hidden_layer_helps_where_pictures_vary(hidden: int, share: float) -> None:
    training, held_out = load_parts(None, 0.2, 0)
    mean, spread = float(training.pixels.mean()), float(training.pixels.std())
    varied, labels = VariedPictures(torch.from_numpy(training.pixels.copy()), 1.0), torch.from_numpy(training.labels)
    torch.manual_seed(0)
    recognizer = DigitNetwork(hidden=hidden, dropout=0.0) if hidden else Linear(784, 10)
    rule, random = Adam(list(recognizer.parameters()), 0.003), torch.Generator().manual_seed(0)
    for _ in range(300):
        places = torch.randint(len(labels), (256,), generator=random)
        scores = recognizer((varied.take(places, random).flatten(1) - mean) / spread)
        rule.zero_grad()
        cross_entropy(scores, labels[places]).backward()
        rule.step()
    answers = recognizer((torch.from_numpy(held_out.pixels.copy()).flatten(1) - mean) / spread).argmax(1).numpy()
    assert (answers == held_out.labels).mean() == pytest.approx(share, abs=0.025)


def test_the_matrix_counts_every_picture() -> None:
    frame = compute_test(truth=0, answer=0)
    assert frame["matrix"].sum() == frame["total"]
    assert frame["matrix"].trace() == frame["right"]
    assert 0 < len(frame["pictures"]) <= 12
    cells = [compute_test(truth=truth, answer=answer) for truth, answer in ((9, 9), (0, 1))]
    assert all(len(cell["pictures"]) == min(12, cell["matrix"][cell["truth"], cell["answer"]]) for cell in cells)


def test_an_empty_cell_of_the_matrix_leads_to_a_mistake() -> None:
    matrix = compute_test(truth=0, answer=0)["matrix"]
    assert (mistakes := np.argwhere((matrix > 0) & ~np.eye(10, dtype=bool)).tolist())
    truth, answer = next((t, a) for t in range(10) for a in range(10) if not matrix[t, a])
    told = compute_test(truth=truth, answer=answer)["says"]
    assert told.endswith(f"Look at {mistakes[0][0]} read as {mistakes[0][1]}.")
    assert "Look at" not in compute_test(truth=mistakes[0][0], answer=mistakes[0][1])["says"]


@pytest.mark.parametrize("sample", STROKES)
def test_the_stages_end_at_what_the_network_gets(sample: str) -> None:
    frame = compute_stages(sample)
    assert np.array_equal(frame["picture"] * 255, network.open_reader().fit(draw_sample(sample)))
    assert frame["counts"].sum() == frame["bitmap"].sum()


def test_a_straight_1_is_made_as_wide_as_the_text_says() -> None:
    drawn = draw_sample("a 1") > 50
    high, wide = (int(drawn.any(axis=axis).sum()) for axis in (1, 0))
    assert 4 < 32 * wide / high < 5
    assert compute_stages("a 1")["bitmap"].any(axis=0).sum() == 9
