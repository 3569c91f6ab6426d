"""The digits task from training to prediction, on built-in digits, pictures drawn here, and real MNIST."""

import json
from dataclasses import asdict

import numpy as np
import pytest
import torch
from PIL import Image

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.data.images.cells import bring_into_cells
from groundup.data.images.images import load_builtin
from groundup.data.images.ink import fit_to_size
from groundup.runs.folder import Run
from groundup.tasks.digits.inputs import choose_fit
from groundup.tasks.digits.model import DigitsSettings
from groundup.tasks.digits.task import hardest_first, task
from groundup.tasks.digits.variation import VariedPictures, shift_pictures
from groundup.tasks.launch import launch
from groundup.tasks.listing import find_steps
from groundup.tasks.protocol import TrainRequest, predict_words
from groundup.training.settings import read_settings

SILENT = Reporter.silent()


def train(root, name, *pairs, data=None, seed=None):
    return launch("digits", root=root, name=name, pairs=pairs, data=data, seed=seed, reporter=SILENT)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    return train(tmp_path_factory.mktemp("runs"), "small", "hidden=64")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A folder label/name.png: dark digits on light paper, larger than 28 × 28."""
    folder = tmp_path_factory.mktemp("pictures")
    images = load_builtin()
    for place in range(120):
        label = folder / images.classes[images.labels[place]]
        label.mkdir(exist_ok=True)
        Image.fromarray(255 - images.pixels[place]).resize((56, 56)).save(label / f"{place}.png")
    return folder


def test_learns_the_built_in_digits(trained):
    run, report = trained
    assert report.facts["accuracy"] > 0.93
    assert report.facts["test_pictures"] + 1438 == 1797
    assert run.path("curves.png").stat().st_size > 10_000
    assert report.facts["gap"] == pytest.approx(report.facts["train_accuracy"] - report.facts["accuracy"], abs=1e-6)


def test_predicts_built_in_digits_and_says_which_it_has_seen(trained):
    run, _ = trained
    answers = predict_words(task, run, [f"builtin:{number}" for number in range(40)], SILENT).facts["predictions"]
    assert np.mean([answer["prediction"] == answer["truth"] for answer in answers]) > 0.9
    assert {answer["seen_in_training"] for answer in answers} == {True, False}
    assert sum(answers[0]["probabilities"].values()) == pytest.approx(1, abs=1e-4)


def test_predicts_pictures_and_folders_of_pictures(trained, pictures):
    run, _ = trained
    report = predict_words(task, run, [str(pictures / "3")], SILENT)
    said = [answer["prediction"] for answer in report.facts["predictions"]]
    assert said.count("3") > len(said) * 0.8
    first = sorted((pictures / "3").iterdir())[0]
    shown = predict_words(task, run, [str(first)], SILENT).lines
    assert len(shown) > 5
    assert "█" in "".join(shown)


def test_predicts_rubbish_with_one_line(trained, tmp_path):
    run, _ = trained
    (tmp_path / "words.png").write_text("no picture")
    bad = {
        "nowhere.png": "no such file",
        "builtin:1797": "N from 0 to 1796",
        "builtin:x": "N from 0",
        str(tmp_path / "words.png"): "not a picture",
    }
    for text, message in bad.items():
        with pytest.raises(UserError, match=message):
            predict_words(task, run, [text], SILENT)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="no pictures in this folder"):
        predict_words(task, run, [str(tmp_path / "empty")], SILENT)


def test_evaluation_agrees_with_training(trained, tmp_path):
    run, report = trained
    evaluated = task.evaluate(run, None, tmp_path, SILENT)
    assert evaluated.facts["accuracy"] == pytest.approx(report.facts["accuracy"], abs=1e-6)
    confusion = np.array(evaluated.facts["confusion"])
    assert confusion.sum() == evaluated.facts["pictures"]
    assert np.trace(confusion) / confusion.sum() == pytest.approx(evaluated.facts["accuracy"], abs=1e-6)
    probabilities = [mistake["probability"] for mistake in evaluated.facts["worst"]]
    assert probabilities == sorted(probabilities, reverse=True)
    assert all(mistake["prediction"] != mistake["truth"] for mistake in evaluated.facts["worst"])
    with Image.open(evaluated.facts["contact_sheet"]) as sheet:
        assert sheet.width > 600
    json.dumps(evaluated.facts)


def test_trains_on_a_folder_of_pictures_and_is_evaluated_on_other_data(trained, pictures, tmp_path):
    run, _ = train(tmp_path, "folder", "hidden=32", "epochs=2", data=str(pictures))
    assert run.config["model"]["classes"] == list("0123456789")
    assert task.evaluate(trained[0], str(pictures), tmp_path, SILENT).facts["accuracy"] > 0.85
    (pictures.parent / "two" / "x").mkdir(parents=True)
    (pictures.parent / "two" / "1").mkdir()
    for label in ("x", "1"):
        Image.new("L", (28, 28)).save(pictures.parent / "two" / label / "a.png")
    with pytest.raises(UserError, match='label "x" is out of range'):
        task.evaluate(run, str(pictures.parent / "two"), tmp_path, SILENT)


def test_same_seed_same_weights(tmp_path):
    runs = [
        train(tmp_path, f"run{n}", "hidden=16", "epochs=2", "shift=1", seed=seed)[0] for n, seed in enumerate((5, 5, 6))
    ]
    first, again, other = (run.load_model() for run in runs)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["first_linear.weight"], other["first_linear.weight"])


class CutOffError(Exception):
    """Training was cut off."""


def test_a_run_cut_off_goes_on_to_the_same_weights(tmp_path, monkeypatch):
    pairs = ("hidden=16", "epochs=8", "shift=1", "vary=1")
    whole, _ = train(tmp_path, "whole", *pairs)
    from groundup.tasks.digits import task as digits

    real = digits.make_plan

    def cut_plan(*arguments):
        plan = real(*arguments)
        batches = plan.batches
        plan.checkpoint_seconds = 0

        def stop_at_nine(step):
            if step == 9:
                raise CutOffError
            return batches(step)

        plan.batches = stop_at_nine
        return plan

    monkeypatch.setattr(digits, "make_plan", cut_plan)
    with pytest.raises(CutOffError):
        train(tmp_path, "cut", *pairs)
    monkeypatch.undo()
    resumed, report = launch("digits", root=tmp_path, name="cut", resume=True, reporter=SILENT)
    expected, found = whole.load_model(), resumed.load_model()
    assert all(torch.equal(expected[name], found[name]) for name in expected)
    assert report.facts["steps"] == whole.metrics()[-1]["step"]


@pytest.mark.parametrize(
    "pairs", [("head=sigmoid", "epochs=5"), ("preset=best", "channels=4", "epochs=2"), ("preset=notes",)]
)
def test_other_networks_train_and_predict(tmp_path, pairs):
    run, report = train(tmp_path, "other", *pairs)
    assert report.facts["accuracy"] > 0.2
    answer = predict_words(task, run, ["builtin:0"], SILENT).facts["predictions"][0]
    assert 0 < answer["probability"] <= 1
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-4)


def test_sigmoid_belongs_to_the_dense_network(tmp_path):
    with pytest.raises(UserError, match="only the dense network"):
        train(tmp_path, "both", "network=convolutional", "head=sigmoid")


def test_notes_preset_is_the_notes_loop():
    settings = read_settings(DigitsSettings, ["preset=notes"])
    assert (settings.epochs, settings.batch_size, settings.learning_rate) == (5, 64, 1e-3)
    assert (settings.hidden, settings.dropout, settings.precision) == (512, 0.2, "float32")
    assert read_settings(DigitsSettings, ["epochs=2", "preset=notes"]).epochs == 2


def test_a_time_budget_sets_the_steps_once(tmp_path):
    settings = read_settings(DigitsSettings, ["hidden=16"])
    run = Run.create(
        tmp_path, "timed", "digits", {"data": None, "seed": 0, "minutes": 0.001, "settings": asdict(settings)}
    )
    facts = task.train(TrainRequest(None, settings, 0, 0.001), run, SILENT).facts
    assert find_steps(run) == facts["steps"]


def test_a_run_without_weights_is_told(tmp_path):
    run = Run.create(tmp_path, "empty", "digits", {"data": None, "seed": 0, "settings": asdict(DigitsSettings())})
    with pytest.raises(UserError, match="nothing trained here yet"):
        predict_words(task, run, ["builtin:0"], SILENT)


def test_shifting_keeps_the_ink_and_moves_it():
    pixels = torch.zeros(64, 28, 28, dtype=torch.uint8)
    pixels[:, 10, 12] = 200
    moved = shift_pictures(pixels, 2, torch.Generator().manual_seed(0))
    assert (moved.sum((1, 2)) == 200).all()
    places = {tuple(place) for place in moved.nonzero()[:, 1:].tolist()}
    assert len(places) > 15
    assert {row for row, _ in places} == set(range(8, 13))


def test_varied_pictures_are_those_of_the_generator_and_without_strength_the_pictures_themselves():
    pixels, places = torch.from_numpy(load_builtin().pixels[:50]), torch.arange(0, 50, 3)
    varied = VariedPictures(pixels, 1.0)
    first, again, other = (varied.take(places, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert first.min() >= 0
    assert first.max() <= 255
    assert 0.5 < first.mean() / pixels[places].float().mean() < 2
    assert torch.allclose(
        VariedPictures(pixels, 0.0).take(places, torch.Generator()), pixels[places].float(), atol=0.01
    )


def test_strokes_become_wider_or_narrower_by_a_pixel_on_either_side_at_most():
    pixels = torch.zeros(1, 28, 28, dtype=torch.uint8)
    pixels[0, 8:20, 10:15] = 200
    varied = VariedPictures(pixels, 1.0)
    assert (varied.thickest[0, 14] > 0).sum() == 7
    assert (varied.thinnest[0, 14] > 0).sum() == 3


def test_few_pictures_are_varied_and_a_run_begun_before_that_goes_on_without(tmp_path, monkeypatch):
    from groundup.tasks.digits import task as digits

    real, strengths = digits.make_plan, []
    monkeypatch.setattr(digits, "make_plan", lambda *given: strengths.append(given[-1]) or real(*given))
    settings = DigitsSettings(hidden=4, epochs=1)
    now = asdict(settings)
    before = {key: value for key, value in now.items() if key != "vary"}
    for name, given in (("new", now), ("old", before)):
        run = Run.create(tmp_path, name, "digits", {"data": None, "seed": 0, "settings": given})
        task.train(TrainRequest(None, settings, 0, None), run, SILENT)
    assert strengths == [1.0, 0.0]


def test_a_drawing_is_read_in_the_form_of_the_pictures_that_the_run_was_trained_on():
    assert choose_fit({"data": None}) is choose_fit({"data": "builtin"}) is bring_into_cells
    assert choose_fit({"data": "scans"}) is fit_to_size


def test_hardest_first():
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.8, 0.2], [0.3, 0.7]])
    labels = np.array([0, 1, 1, 1])
    assert hardest_first(probabilities, labels).tolist() == [2, 1, 3, 0]


def test_real_mnist_reaches_98_percent(shared_data, tmp_path):
    run, report = train(tmp_path, "mnist", data=str(shared_data("mnist")))
    assert report.facts["accuracy"] >= 0.98
    assert report.facts["test_pictures"] == 10_000
    evaluated = task.evaluate(run, None, tmp_path, SILENT)
    assert evaluated.facts["accuracy"] == pytest.approx(report.facts["accuracy"], abs=1e-6)
