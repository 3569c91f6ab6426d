"""The ``digits`` task: small pictures, a class each. Handwritten digits, or any folder of pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from rich.markup import escape

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.data.images.images import Images, load_images, split_images
from groundup.parts.swap import Parts
from groundup.runs.folder import Run
from groundup.steps.c4_training.dropout import overfitting_gap
from groundup.tasks.confusion import count_confusion, draw_confusion, tabulate
from groundup.tasks.digits.about import about
from groundup.tasks.digits.inputs import Picture, choose_fit, read_form, read_inputs
from groundup.tasks.digits.model import DigitsSettings, Recogniser, choose_strength, make_plan
from groundup.tasks.opening import read_run_settings
from groundup.tasks.protocol import Report, TrainRequest
from groundup.tasks.time_budget import count_steps, plan_time
from groundup.training.loop import fit


class DigitsTask:
    """Recognise small pictures; see `groundup.tasks.protocol.Task`."""

    name: ClassVar[str] = about.name
    settings_type: ClassVar[type] = DigitsSettings

    def train(self, request: TrainRequest, run: Run, reporter: Reporter) -> Report:
        """Train a recogniser and measure it on pictures it never saw."""
        settings: DigitsSettings = request.settings
        training, test = load_parts(request.data, settings.test_share, request.seed)
        for note in training.notes:
            reporter.say(note)
        sample = training.pixels[:: 1 + len(training) // 5_000]  # enough for two averages, in a hundredth of the time
        described = {
            "features": int(training.pixels[0].size),
            "classes": list(training.classes),
            "mean": float(sample.mean()),
            "spread": float(sample.std()) or 1.0,
            "blank": int(np.sum(~training.pixels.any(axis=(1, 2)))),
        }
        if described["blank"] == len(training):
            raise UserError(
                f"{request.data}: all {len(training)} pictures to train on are blank: no ink is seen on any. "
                "Look at them."
            )
        if {**described, **run.config.get("model", {})} != described:
            raise UserError(
                f"{request.data or 'the built-in pictures'}: not the pictures this run began with, or changed since. "
                "Put them back, or start a new run with --run."
            )
        torch.manual_seed(request.seed)
        parts = Parts.of(run, about.parts)
        recogniser = Recogniser.build(settings, described, parts)
        # A run that was begun before there was this setting goes on without.
        strength = choose_strength(settings, len(training)) if "vary" in run.config["settings"] else 0.0
        plan = make_plan(recogniser, training, test, request.seed, parts, strength)
        plan.budget = plan_time(request, run, lambda: plan)
        plan.steps = run.config.get("steps", plan.steps)
        plan.evaluate_every = max(1, plan.steps // 6)
        run.update_config(model=described, steps=plan.steps)
        reporter.say(
            f"{len(training):,} pictures to train on, {len(test):,} to test on, {len(training.classes)} classes; "
            f"{sum(weights.numel() for weights in recogniser.network.parameters()):,} weights, "
            f"{count_steps(plan.steps)}"
        )
        figures = fit(plan, run, reporter)[-1]
        pictures = self.draw(run, run.folder)
        gap = overfitting_gap(figures["train_accuracy"], figures["test_accuracy"])
        facts = {
            "accuracy": figures["test_accuracy"],
            "train_accuracy": figures["train_accuracy"],
            "gap": round(gap, 6),
            "test_loss": figures["test_loss"],
            "test_pictures": len(test),
            "steps": plan.steps,
            "training_seconds": figures["seconds"],
            "curves": str(pictures[0]),
        }
        lines = [
            f"Right on [bold]{figures['test_accuracy']:.2%}[/bold] of {len(test):,} pictures it never saw "
            f"({figures['train_accuracy']:.2%} of those it trained on: a gap of {100 * gap:.2f} points), "
            f"after {figures['seconds']:.1f} s of training.",
            f"Curves in {escape(str(pictures[0]))}",
        ]
        return Report(facts=facts, lines=lines)

    def parse(self, run: Run, words: Sequence[str], reporter: Reporter) -> list[Picture]:
        """Read pictures' files, folders of pictures, and ``builtin:N``."""
        Recogniser.open(run)  # what is wrong with the run is told first
        pictures, notes = read_inputs(words, run.config)
        for note in notes:
            reporter.say(note)
        return pictures

    def read_form(self, run: Run, form: Mapping[str, Any]) -> list[Picture]:
        """Read what was drawn, or the number of a sample."""
        Recogniser.open(run)  # what is wrong with the run is told first
        return [read_form(form, run.config)]

    def predict(self, run: Run, inputs: Sequence[Picture]) -> PicturePredictions:
        """Predict the class of pictures."""
        recogniser = Recogniser.open(run)
        probabilities = recogniser.probabilities(np.stack([one.pixels for one in inputs]))
        # A class may be empty sheets: then a sheet with nothing on it has an answer.
        knows_blank = run.config["model"].get("blank", 0) > 0
        return PicturePredictions(list(inputs), recogniser.classes, probabilities, knows_blank)

    def evaluate(self, run: Run, data: str | None, folder: Path, reporter: Reporter) -> Report:
        """Measure accuracy, confusions and the worst mistakes; draw the pictures it found hardest."""
        from groundup.tasks.digits.plots import draw_contact_sheet

        recogniser = Recogniser.open(run)
        images = load_labelled(run, data, recogniser.classes)
        if data is not None:
            for note in images.notes:
                reporter.say(note)
        probabilities = recogniser.probabilities(images.pixels)
        predicted = probabilities.argmax(1)
        confusion = count_confusion(images.labels, predicted, len(recogniser.classes))
        order = hardest_first(probabilities, images.labels)
        wrong = [int(place) for place in order if predicted[place] != images.labels[place]]
        mistakes = [
            {
                "picture": images.name(place),
                "prediction": recogniser.classes[predicted[place]],
                "truth": recogniser.classes[images.labels[place]],
                "probability": round(float(probabilities[place, predicted[place]]), 6),
            }
            for place in wrong[:10]
        ]
        sheet = draw_contact_sheet(folder / "contact-sheet.png", images, probabilities, order, recogniser.classes)
        matrix = draw_confusion(folder / "confusion.png", confusion, recogniser.classes)
        accuracy = float((predicted == images.labels).mean())
        dead = recogniser.find_dead_nodes(images.pixels)
        facts = {
            "accuracy": round(accuracy, 6),
            "pictures": len(images),
            "mistakes": len(wrong),
            "classes": list(recogniser.classes),
            "confusion": confusion.tolist(),
            "dead_nodes": [round(share, 6) for share in dead],
            "worst": mistakes,
            "contact_sheet": str(sheet),
            "confusion_picture": str(matrix),
        }
        lines = [f"Right on [bold]{accuracy:.2%}[/bold] of {len(images):,} pictures, wrong on {len(wrong):,}."]
        if any(dead):
            lines.append(
                f"{max(dead):.1%} of the hidden nodes are dead: they return 0 for every one of these pictures."
            )
        lines += [
            escape(
                f"  picture {item['picture']}: says {item['prediction']} ({item['probability']:.0%}), "
                f"is {item['truth']}"
            )
            for item in mistakes[:5]
        ]
        lines += [
            escape(f"The hardest pictures are in {sheet}, confusions in {matrix}. Below: one row per true class.")
        ]
        return Report(facts=facts, lines=lines, table=tabulate(confusion, recogniser.classes))

    def draw(self, run: Run, folder: Path) -> list[Path]:
        """Draw loss and accuracy on training and on test pictures."""
        from groundup.tasks.digits.plots import draw_curves

        return [draw_curves(folder / "curves.png", run.metrics())]

    def describe_form(self, run: Run) -> dict[str, Any]:
        """Return nothing: every drawing is accepted."""
        return {}


@dataclass(frozen=True)
class PicturePredictions:
    """What was predicted.

    Attributes
    ----------
    pictures : list of Picture
        Of what.
    classes : tuple of str
        What there is to choose from.
    probabilities : array of float, shape (picture, class)
        Of each class.
    knows_blank : bool
        Whether a picture without ink has an answer, too.
    """

    pictures: list[Picture]
    classes: tuple[str, ...]
    probabilities: np.ndarray
    knows_blank: bool

    def report(self) -> Report:
        """Return each picture's class; of a few, the pictures in letters, too."""
        from groundup.tasks.digits.plots import write_as_text

        answers, lines = [], []
        for one, row in zip(self.pictures, self.probabilities, strict=True):
            answer = _collect_facts(one, row, self.classes, self.knows_blank)
            answers.append(answer)
            if len(self.pictures) <= 5:
                lines += write_as_text(one.pixels)
            lines.append(_in_words(answer))
        return Report(facts={"predictions": answers}, lines=lines)


def load_parts(data: str | None, test_share: float, seed: int) -> tuple[Images, Images]:
    """Load pictures to train on and to test on, the test part held out here where the data brings none."""
    images, test = load_images(data)
    training, held_out = split_images(images, test_share, seed) if test is None else (images, test)
    notes = images.notes + (test.notes if test is not None else ())
    alone = set(np.unique(training.labels)) - set(np.unique(held_out.labels))
    if alone:
        names = ", ".join(training.classes[place] for place in sorted(alone))
        notes += (f"{data}: no picture is left to test on of {names}: how well this is recognised is not measured.",)
    return replace(training, notes=notes), held_out


def load_labelled(run: Run, data: str | None, classes: tuple[str, ...]) -> Images:
    """Load what a run is measured on: the run's own held-out pictures, or all (or the test part) of other data."""
    if data is None:
        settings: DigitsSettings = read_run_settings(run)
        return load_parts(run.config.get("data"), settings.test_share, run.config.get("seed", 0))[1]
    images, test = load_images(data, choose_fit(run.config))
    found = test or images
    numbers = {name: number for number, name in enumerate(classes)}
    for place in np.unique(found.labels):
        if found.classes[place] not in numbers:
            raise UserError(
                f'{data}: label "{found.classes[place]}" is out of range: '
                f"{run.name} was trained on the classes {', '.join(classes)}."
            )
    translate = np.array([numbers.get(name, -1) for name in found.classes])
    return Images(found.pixels, translate[found.labels], classes, found.names, found.notes)


def hardest_first(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return places: mistakes first, the surest of them in front; then right answers, the least sure in front."""
    sure = probabilities.max(1)
    wrong = probabilities.argmax(1) != labels
    return np.lexsort((np.where(wrong, -sure, sure), ~wrong))


def _collect_facts(
    one: Picture, probabilities: np.ndarray, classes: tuple[str, ...], knows_blank: bool
) -> dict[str, Any]:
    best = int(probabilities.argmax())
    judged = knows_blank or not one.blank
    answer: dict[str, Any] = {
        "input": one.name,
        "prediction": classes[best] if judged else None,
        "probability": round(float(probabilities[best]), 6) if judged else None,
    }
    if one.truth is not None:
        answer["truth"] = one.truth
    if one.seen is not None:
        answer["seen_in_training"] = one.seen
    if one.blank:
        answer["blank"] = True
    if one.remark:
        answer["remark"] = one.remark
    shares = (round(float(value), 6) for value in probabilities)
    answer["probabilities"] = dict(zip(classes, shares, strict=True)) if judged else {}
    return answer


def _in_words(answer: dict[str, Any]) -> str:
    name = escape(answer["input"])
    if answer["prediction"] is None:
        return f"{name}: a picture without ink: it is blank, so nothing is predicted"
    words = f"{name}: [bold]{escape(answer['prediction'])}[/bold] with probability {answer['probability']:.1%}"
    if "blank" in answer:
        words += "; no ink is seen in it"
    if "remark" in answer:
        words += f"; {answer['remark']}"
    if "truth" in answer:
        words += f"; it is {answer['truth']}"
    if "seen_in_training" in answer:
        words += " (trained on it)" if answer["seen_in_training"] else " (never seen in training)"
    return words


task = DigitsTask()
