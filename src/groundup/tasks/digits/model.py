"""The networks of the ``digits`` task and the plan by which they are trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from groundup.base.errors import UserError
from groundup.data.images.images import Images
from groundup.models.fast_dropout import use_fast_dropout
from groundup.parts.swap import Parts
from groundup.runs.checkpoint import load_into
from groundup.runs.folder import Run
from groundup.steps.c4_training.convolution import ConvolutionalNetwork
from groundup.steps.c4_training.diagnostics import detect_dead_neurons
from groundup.steps.c4_training.digits import DigitNetwork
from groundup.tasks.digits.about import about
from groundup.tasks.digits.variation import VariedPictures, shift_pictures
from groundup.tasks.opening import check_model, read_run_settings
from groundup.training.device import DEVICES, pick_device
from groundup.training.distributed import current_process_group
from groundup.training.plan import Plan, constant
from groundup.training.precision import CHOICES, pick_precision
from groundup.training.schedules import cosine, warmup_stable_decay
from groundup.training.settings import setting
from groundup.training.shuffling import Shuffle, step_generator

SMALLEST_RUN = 300  # steps: a few pictures are gone through more often
FEW = 10_000  # training pictures; fewer are varied if the settings do not say
SAMPLE = 5_000  # training pictures whose accuracy is followed beside the test pictures'

SCHEDULES = {
    "fall": warmup_stable_decay(warm_up=0.05, fall=0.95),
    "cosine": cosine(warm_up=0.05, end=0.0),
    "constant": constant,
}

# Steps whose result this module computes in another way, and the tests that check that the two agree.
EQUALS = {
    "loss": "tests/steps/c4_training/test_network.py::test_losses",
}


@dataclass(frozen=True)
class DigitsSettings:
    """What ``--set`` changes; the defaults are the preset ``fast``."""

    preset: str = setting("fast", "a set of default values", choices=("fast", "notes", "best"))
    network: str = setting("dense", "the kind of network", choices=("dense", "convolutional"))
    head: str = setting("logits", "the output of the dense network", choices=("logits", "sigmoid"))
    hidden: int = setting(512, "nodes of the hidden layer", low=1, high=65536)
    channels: int = setting(16, "detectors of the first convolution", low=1, high=1024)
    dropout: float = setting(0.2, "probability that a hidden node is dropped in training", low=0.0, high=0.95)
    epochs: int | None = setting(None, "passes over the pictures; 4, or more if there are few", low=1, high=1_000_000)
    batch_size: int = setting(512, "pictures a step", low=1, high=10_000_000)
    learning_rate: float = setting(6e-3, "AdamW's highest learning rate", low=1e-9, high=10.0)
    weight_decay: float = setting(0.1, "weight decay: how strongly weights are pulled to 0", low=0.0, high=100.0)
    label_smoothing: float = setting(
        0.1, "label smoothing: share of the target given to all classes equally", low=0.0, high=0.9
    )
    schedule: str = setting(
        "fall",
        "the learning rate: rises and falls in straight lines or along a cosine, or is constant",
        choices=("fall", "cosine", "constant"),
    )
    vary: float | None = setting(
        None, "strength of random changes of training pictures; 1 if they are few, else 0", low=0.0, high=3.0
    )
    shift: int = setting(0, "shift training pictures at random by up to this many pixels", low=0, high=8)
    test_share: float = setting(0.2, "share held out if the data have no test part", low=0.01, high=0.9)
    precision: str = setting("auto", "number type in matrix products", choices=CHOICES)
    device: str = setting("auto", "where to compute; auto: a graphics processor if there is one", choices=DEVICES)
    checkpoint_seconds: float = setting(15.0, "seconds between checkpoints; 0 saves after every step", low=0, high=1e9)

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "fast": {},
        "notes": {
            "epochs": 5,
            "batch_size": 64,
            "learning_rate": 1e-3,
            "weight_decay": 0.0,
            "label_smoothing": 0.0,
            "schedule": "constant",
            "vary": 0.0,
            "precision": "float32",
        },
        "best": {
            "network": "convolutional",
            "hidden": 128,
            "dropout": 0.3,
            "epochs": 4,
            "batch_size": 256,
            "learning_rate": 4e-3,
            "weight_decay": 0.05,
            "label_smoothing": 0.05,
            "vary": 0.0,
            "shift": 2,
        },
    }


@dataclass
class Recogniser:
    """A network, and what it needs to know of pictures: their mean and spread, and the classes' names."""

    network: nn.Module
    mean: float
    spread: float
    classes: tuple[str, ...]
    settings: DigitsSettings

    @classmethod
    def build(cls, settings: DigitsSettings, described: dict[str, Any], parts: Parts | None = None) -> Recogniser:
        """Build the network that ``described`` (the run's ``config["model"]``) tells of, its weights new."""
        classes = tuple(described["classes"])
        if settings.network == "convolutional":
            if settings.head == "sigmoid":
                raise UserError("--set head=sigmoid: only the dense network has it. Add --set network=dense.")
            network: nn.Module = ConvolutionalNetwork(
                settings.channels, settings.hidden, len(classes), settings.dropout
            )
        else:
            network = DigitNetwork(
                described["features"],
                settings.hidden,
                len(classes),
                settings.dropout,
                settings.head,  # type: ignore[arg-type]
            )
        if parts is not None:
            parts.put_into(network)
        use_fast_dropout(network)
        return cls(network, described["mean"], described["spread"], classes, settings)

    @classmethod
    def open(cls, run: Run) -> Recogniser:
        """Open a trained run."""
        if "settings" not in run.config or "model" not in run.config:
            raise UserError(
                f"{run.folder}: nothing trained here yet (config.json names no model). "
                f"Train it: groundup train --run {run.name} --resume"
            )
        check_model(run)
        settings, described = read_run_settings(run), run.config["model"]
        run.read_shapes().refuse_larger(count_numbers(settings, described))
        recogniser = cls.build(settings, described, Parts.of(run, about.parts))
        load_into(recogniser.network, run.load_model(), str(run.path("model.safetensors")))
        recogniser.network.eval()
        return recogniser

    def scale(self, pixels: Tensor) -> Tensor:
        """Return the inputs for grey levels (uint8): mean 0 and standard deviation 1 on the training pictures."""
        return pixels.flatten(1).float().sub_(self.mean).mul_(1 / self.spread)

    def scores(self, pixels: Tensor) -> Tensor:
        """Return the network's outputs for many pictures, float32, shape (pictures, classes)."""
        device = next(self.network.parameters()).device
        with torch.inference_mode(), pick_precision(self.settings.precision, device.type).autocast():
            parts = [self.network(self.scale(part.to(device))).float() for part in pixels.split(2_000)]
        return torch.cat(parts).cpu()

    def find_dead_nodes(self, images: np.ndarray) -> list[float]:
        """Return, for each ReLU layer, the fraction of nodes that answer 0 to every one of these pictures."""
        device = next(self.network.parameters()).device
        return detect_dead_neurons(self.network, self.scale(torch.from_numpy(images.copy()).to(device)))

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return each class's probability for pictures of grey levels, float32, shape (pictures, classes).

        A sigmoid head gives every class a value of its own in (0, 1): they are divided by their sum.
        """
        scores = self.scores(torch.from_numpy(images.copy()))
        if self.settings.head == "sigmoid":
            return (scores / scores.sum(1, keepdim=True)).numpy()
        return scores.softmax(1).numpy()


def count_numbers(settings: DigitsSettings, described: dict[str, Any]) -> int:
    """Return how many numbers a network learns, without building it; parameters as of `Recogniser.build`.

    Examples
    --------
    >>> described = {"features": 784, "classes": ["0", "1"], "mean": 0.0, "spread": 1.0}
    >>> count_numbers(DigitsSettings(hidden=4), described)
    3150
    """
    features, channels = described["features"], settings.channels
    detectors = 0
    if settings.network == "convolutional":
        features = 18 * channels
        detectors = 26 * channels + (9 * channels + 1) * 2 * channels + (18 * channels + 1) * 2 * channels
    classes = len(described["classes"])
    return detectors + (features + 1) * settings.hidden + (settings.hidden + 1) * classes


def choose_strength(settings: DigitsSettings, pictures: int) -> float:
    """Return how strongly training pictures are varied.

    Examples
    --------
    >>> choose_strength(DigitsSettings(), 1_438), choose_strength(DigitsSettings(), 60_000)
    (1.0, 0.0)
    """
    return float(pictures < FEW) if settings.vary is None else settings.vary


def make_plan(
    recogniser: Recogniser, training: Images, test: Images, seed: int, parts: Parts | None = None, vary: float = 0.0
) -> Plan:
    """Return the plan by which the loop trains; with the learner's parts if there are any.

    Training pictures are varied as strongly as ``vary`` says; see `VariedPictures`.
    """
    settings = recogniser.settings
    device = pick_device(settings.device, current_process_group())
    recogniser.network.to(device)
    pixels, labels = torch.from_numpy(training.pixels).to(device), torch.from_numpy(training.labels).to(device)
    test_pixels, test_labels = torch.from_numpy(test.pixels.copy()), torch.from_numpy(test.labels)
    shuffle = Shuffle(len(training), settings.batch_size, seed)
    steps = shuffle.steps_per_epoch * (settings.epochs or 4)
    sample = torch.randperm(len(training), generator=step_generator(seed, 2**31))[:SAMPLE]
    known, known_labels = pixels[sample.to(device)], labels[sample.to(device)].cpu()

    varied = VariedPictures(pixels, vary) if vary else None

    def batches(step: int) -> tuple[Tensor, Tensor]:
        places = shuffle(step).to(device)
        batch = (
            pixels.index_select(0, places) if varied is None else varied.take(places, step_generator(seed + 2, step))
        )
        if settings.shift:
            batch = shift_pictures(batch, settings.shift, step_generator(seed + 1, step))
        return recogniser.scale(batch), labels.index_select(0, places)

    def loss_function(scores: Tensor, targets: Tensor) -> Tensor:
        if parts is not None and "loss" in parts.found:
            return parts.found["loss"](scores.float(), targets)
        return functional.cross_entropy(scores.float(), targets, label_smoothing=settings.label_smoothing)

    def evaluate() -> dict[str, float]:
        figures = {}
        for name, some, truth in (("train", known, known_labels), ("test", test_pixels, test_labels)):
            scores = recogniser.scores(some)
            figures[f"{name}_loss"] = float(functional.cross_entropy(scores, truth))
            figures[f"{name}_accuracy"] = float(share_right(scores, truth))
        return figures

    own = parts.make_optimizer(recogniser.network, settings.learning_rate) if parts is not None else None
    return Plan(
        model=recogniser.network,
        loss_function=loss_function,
        optimizer=own
        or torch.optim.AdamW(
            recogniser.network.parameters(),
            lr=settings.learning_rate,
            betas=(0.9, 0.999 if settings.schedule == "constant" else 0.95),
            weight_decay=settings.weight_decay,
            fused=True,
        ),
        batches=batches,
        steps=steps if settings.epochs else max(steps, SMALLEST_RUN),
        precision=pick_precision(settings.precision, device.type),
        device=device,
        checkpoint_seconds=settings.checkpoint_seconds,
        measure=share_right,
        evaluate=evaluate,
        description="digits",
        schedule=SCHEDULES[settings.schedule],
    )


def share_right(scores: Tensor, targets: Tensor) -> Tensor:
    """Return the share of right answers: the class with the highest score counts."""
    return (scores.argmax(1) == targets).double().mean()
