"""What the views show: the training loop with a line taken out, digits, three optimizers, and a schedule."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from types import CodeType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import vmap

from groundup.data.images.images import load_builtin
from groundup.lessons.origins import Factor, trace_sum
from groundup.lessons.sliders import AlongSliders, SideBySide, SideBySideSGD
from groundup.lessons.views import Choice, Points, Slider, Switch, View
from groundup.steps.c3_networks.loss import cross_entropy
from groundup.steps.c4_training import training_loop
from groundup.steps.c4_training.gradient_clipping import clip_gradients
from groundup.steps.c4_training.network import Network
from groundup.steps.c4_training.optimisers import SGD, Adam, adam_step, sgd_step
from groundup.steps.c4_training.schedule import learning_rate

EXAMPLES, BATCH, EPOCHS = 48, 8, 10
STEPS = EPOCHS * EXAMPLES // BATCH
# The first steps are shown line by line, the others as a whole.
SLOW_STEPS, LINES = 2, 5
TICKS = SLOW_STEPS * LINES + STEPS - SLOW_STEPS
# What may be taken out: the line of the step's code, and what stands there instead.
REMOVED = {
    "nothing": ("", ""),
    "optimizer.zero_grad()": ("            optimizer.zero_grad()\n", ""),
    "prediction = model(…)": ("            prediction = model(inputs[batch])\n", ""),
    "loss = loss_function(…)": ("            loss = loss_function(prediction, targets[batch])\n", ""),
    "loss.backward()": ("            loss.backward()\n", ""),
    "optimizer.step()": ("            optimizer.step()\n", ""),
    "the shuffling": ("torch.randperm(len(inputs), generator=order)", "torch.arange(len(inputs))"),
}
LEFT, CLEARED = ("prediction", "gradients", "weights"), ("before", "cleared")
TENSORS = (*LEFT, *CLEARED)
# What makes trainings fly apart.
ROUGH = ("optimizer.zero_grad()",)
MOST_STEPS = 100
TRAINED, VALIDATED = 1000, 400


@dataclass
class Record:
    """What one step of training left behind: the tensors after each of its lines."""

    before: Tensor
    cleared: Tensor
    prediction: Tensor | None = None
    loss: Tensor | None = None
    gradients: Tensor | None = None
    weights: Tensor | None = None


class Watched:
    """An optimizer that writes down weights and gradients around its two methods.

    Parameters
    ----------
    first : Tensor
        The weights of the first layer.
    inside : object
        The optimizer itself.
    loss_function : callable
        Returns a loss, or one per model where models train side by side.
    """

    def __init__(self, first: Tensor, inside: Any, loss_function: Callable[[Tensor, Tensor], Tensor]) -> None:
        self.first, self.inside, self.loss_function = first, inside, loss_function
        self.records: list[Record] = []

    @property
    def gradient(self) -> Tensor:
        """The stored gradient of the first layer's weights; zeros where there is none."""
        held = self.first.grad
        return torch.zeros_like(self.first) if held is None else held.clone()

    def zero_grad(self) -> None:
        """Clear the gradients."""
        before = self.gradient
        self.inside.zero_grad()
        self.records.append(Record(before, self.gradient))

    def note(self, prediction: Tensor, targets: Tensor) -> Tensor:
        """Return the loss, and write down what it is made of."""
        if not self.records or self.records[-1].loss is not None:
            self.records.append(Record(self.gradient, self.gradient))
        losses = self.loss_function(prediction, targets)
        record = self.records[-1]
        record.prediction, record.loss = prediction.detach(), losses.detach()
        return losses.sum()

    def step(self) -> None:
        """Change the weights."""
        self.records[-1].gradients = self.gradient
        self.inside.step()
        self.records[-1].weights = self.first.detach().clone()


@dataclass(frozen=True)
class Trained:
    """A training.

    Attributes
    ----------
    kept : dict
        A tensor of all steps, or None, for each tensor of a `Record`.
    losses : list of float
        One per step that was completed.
    parameters : dict
        Those of the network at the end.
    error : str
        What Python said, or nothing.
    """

    kept: dict[str, Tensor | None]
    losses: list[float]
    parameters: dict[str, Tensor]
    error: str


def make_examples() -> tuple[Tensor, Tensor]:
    """Return points at the corners of a square and their classes, sorted by class."""
    random = np.random.default_rng(0)
    corner = np.arange(EXAMPLES) % 4
    centre = np.array([[-1, -1], [1, 1], [-1, 1], [1, -1]])[corner]
    label = (corner >= 2).astype(int)
    points = (centre + random.normal(0, 0.35, (EXAMPLES, 2)))[np.argsort(label, kind="stable")]
    return torch.tensor(points, dtype=torch.float32), torch.tensor(np.sort(label))


@cache
def read_step() -> str:
    """Return the source of the step's `train`."""
    return inspect.getsource(training_loop.train)


@cache
def compile_without(removed: str) -> CodeType:
    """Return the step's own `train` with a line taken out, ready to run."""
    return compile(read_step().replace(*REMOVED[removed]), "train", "exec")


def make_network() -> Network:
    """Return the network before its training."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return Network([2, 8, 2])


def run_without(removed: str, model: nn.Module, optimizer: Watched) -> str:
    """Run the step's own `train` with a line taken out; return what Python says if it stops."""
    names = dict(vars(training_loop))
    exec(compile_without(removed), names)
    try:
        names["train"](model, optimizer.note, optimizer, *make_examples(), epochs=EPOCHS, batch_size=BATCH)
    except NameError as failure:
        return f"{type(failure).__name__}: {failure}"
    return ""


def train_without(removed: str, rate: float) -> Trained:
    """Train with a line taken out."""
    model = make_network()
    optimizer = Watched(next(model.parameters()), SGD(model.parameters(), rate), cross_entropy)
    error = run_without(removed, model, optimizer)
    kept = {name: stack(optimizer.records, name) for name in TENSORS}
    losses = [float(record.loss) for record in optimizer.records if record.loss is not None]
    return Trained(kept, losses, dict(model.state_dict()), error)


def train_all_without(places: list[dict[str, Any]]) -> list[Trained]:
    """Train with the same line taken out, side by side with the learning rate of each place.

    Without `zero_grad` the least rounding decides where a training ends, which is another one side by side: those train
    one by one, and only when they are asked for.
    """
    removed, rates = places[0]["removed"], [place["rate"] for place in places]
    model = SideBySide(make_network(), len(places))
    inside = SideBySideSGD([*model.stacked.values()], rates)
    optimizer = Watched(inside.parameters[0], inside, vmap(cross_entropy, (0, None)))
    error = run_without(removed, model, optimizer)
    kept = {name: stack(optimizer.records, name) for name in TENSORS}
    losses = stack([record for record in optimizer.records if record.loss is not None], "loss")
    ends = {name: parameter.detach() for name, parameter in model.stacked.items()}
    return [
        Trained(
            {name: None if all_steps is None else all_steps[:, which] for name, all_steps in kept.items()},
            [] if losses is None else losses[:, which].tolist(),
            {name: parameter[which] for name, parameter in ends.items()},
            error,
        )
        for which in range(len(places))
    ]


def stack(records: Sequence[Record], name: str) -> Tensor | None:
    """Return a tensor of all steps as one; None where a step has none."""
    found = [getattr(record, name) for record in records]
    return torch.stack(found) if found and all(one is not None for one in found) else None


def find_training(removed: str, rate: float) -> Trained:
    """Return the training with a line taken out, kept if the hand has been near."""
    return (ALONE if removed in ROUGH else TRAININGS).find(removed=removed, rate=rate)


def measure_right(trained: Trained) -> float:
    """Return the share of right examples after a training."""
    model = make_network()
    model.load_state_dict(trained.parameters)
    return training_loop.accuracy(model, *make_examples())


def compute_loop(removed: str, rate: float, tick: int) -> dict[str, Any]:  # noqa: ARG001 - only the page needs it
    """Return a training with a line taken out, beside the complete one.

    Returns
    -------
    dict
        ``code``: the five lines; ``missing``: the number of the one that is out, or None; ``whole`` and
        ``losses``: the loss of every step; ``epochs``: the means of ``losses``; ``error``; ``right``; ``records``:
        the tensors of the steps (``prediction``, ``gradients``, ``weights``, and of the first steps ``before`` and
        ``cleared``), each a list with one per step, or None where the loop without the line has none; ``per_epoch``;
        ``says``.
    """
    trained, whole = find_training(removed, rate), find_training("nothing", rate).losses
    losses, error, right = trained.losses, trained.error, measure_right(trained)
    code = [line.strip() for line in read_step().splitlines()]
    start = code.index("optimizer.zero_grad()")
    five = code[start : start + LINES]
    gone = REMOVED[removed][0].strip()
    per_epoch = STEPS // EPOCHS
    means = [float(np.mean(losses[place : place + per_epoch])) for place in range(0, len(losses), per_epoch)]
    if error:
        says = f"Python stops in the first step: {error}."
    else:
        told = "The complete loop" if removed == "nothing" else f"Without {removed.replace('the ', '')}"
        says = f"{told}: the mean loss goes from {means[0]:.3f} in epoch 1 to {means[-1]:.3f} in epoch {EPOCHS}; "
        says += f"{right:.0%} of the examples are right."
    return {
        "code": five,
        "missing": five.index(gone) if gone in five else None,
        "shuffled": removed != "the shuffling",
        "whole": whole,
        "losses": losses,
        "epochs": means,
        "error": error,
        "right": right,
        "records": {
            **{name: trained.kept[name] for name in LEFT},
            # Only the first steps are shown line by line.
            **{name: None if (kept := trained.kept[name]) is None else kept[:SLOW_STEPS] for name in CLEARED},
        },
        "per_epoch": per_epoch,
        "says": says,
    }


@lru_cache(maxsize=1)
def load_digits() -> tuple[Tensor, Tensor]:
    """Return the built-in handwritten digits in a fixed random order: pixels from 0 to 1, and labels."""
    images = load_builtin()
    pixels = torch.from_numpy(images.pixels.copy()).float().flatten(1) / 255
    order = torch.randperm(len(pixels), generator=torch.Generator().manual_seed(0))
    return pixels[order], torch.from_numpy(images.labels)[order]


def compute_digits(optimizer: str, rate: float, batch: int, epochs: int) -> Iterator[dict[str, Any]]:
    """Train a network 784-32-10 on digits, and yield its losses and accuracies.

    Yields
    ------
    dict
        ``losses``: rows (epochs so far, loss of a batch); ``accuracy``: rows (epochs so far, accuracy on digits that
        are not trained on, accuracy on those that are), one per epoch; ``names`` of the two; ``step``,
        ``epochs``; ``says``.
    """
    x, y = load_digits()
    validation = slice(TRAINED, TRAINED + VALIDATED)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = Network([784, 32, 10])
    makers: dict[str, Callable[[], Any]] = {
        "plain": lambda: SGD(model.parameters(), rate),
        "momentum": lambda: SGD(model.parameters(), rate, momentum=0.9),
        "Adam": lambda: Adam(model.parameters(), rate),
    }
    rule = makers[optimizer]()
    per_epoch = -(-TRAINED // batch)
    losses: list[list[float]] = []

    def measure(epoch: int) -> list[float]:
        new = training_loop.accuracy(model, x[validation], y[validation])
        return [epoch, new, training_loop.accuracy(model, x[:TRAINED], y[:TRAINED])]

    accuracy = [measure(0)]

    def draw(step: int) -> dict[str, Any]:
        told = f"{step} steps, {step / per_epoch:.3g} epochs" if step else "Not trained yet"
        says = f"{told}: {accuracy[-1][1]:.1%} of {VALIDATED} new digits are right."
        names = [f"new digits {accuracy[-1][1]:.1%}", f"training digits {accuracy[-1][2]:.1%}"]
        return {"losses": losses, "accuracy": accuracy, "step": step, "epochs": epochs, "names": names, "says": says}

    yield draw(0)
    order = torch.Generator().manual_seed(0)
    step = 0
    for epoch in range(1, epochs + 1):
        for rows in torch.randperm(TRAINED, generator=order).split(batch):
            rule.zero_grad()
            loss = cross_entropy(model(x[rows]), y[rows])
            loss.backward()
            rule.step()
            step += 1
            losses.append([step / per_epoch, min(loss.item(), 1e6)])
            if step % per_epoch and step % max(1, per_epoch // 16) == 0:
                yield draw(step)
        accuracy.append(measure(epoch))
        yield draw(step)


def valley(w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return height and gradient of a valley that is 100 times as steep across as along."""
    x, y = w[..., 0], w[..., 1]
    return 0.01 * x**2 + y**2, np.stack([0.02 * x, 2 * y], axis=-1)


def bowl(w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return height and gradient of a round bowl."""
    return 0.25 * (w**2).sum(axis=-1), 0.5 * w


def saddle(w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return height and gradient of a saddle between two hollows, at y = −3 and 3."""
    x, y = w[..., 0], w[..., 1]
    return 0.05 * x**2 + 0.02 * (y**2 - 9) ** 2, np.stack([0.1 * x, 0.08 * y * (y**2 - 9)], axis=-1)


def waves(w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return height and gradient of a bowl with small hollows in it."""
    x, y = w[..., 0], w[..., 1]
    height = 0.05 * x**2 + 0.1 * y**2 + 0.5 * (2 - np.cos(1.5 * x) - np.cos(1.5 * y))
    return height, np.stack([0.1 * x + 0.75 * np.sin(1.5 * x), 0.2 * y + 0.75 * np.sin(1.5 * y)], axis=-1)


LANDSCAPES = {"valley": valley, "bowl": bowl, "saddle": saddle, "waves": waves}
WIDE, HIGH = 10.0, 5.0
FAR = 1e6  # where a ball stops
# How much of its velocity momentum keeps, and how much of its means Adam; what prevents its division by 0.
KEPT, BETAS, EPSILON = 0.9, (0.9, 0.999), 1e-8


Landscape = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


def walk(landscape: Landscape, start: list[float], name: str, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Return a ball's way by one rule, one step more than is shown, and what the rule has kept after each step.

    Returns
    -------
    path : np.ndarray, shape (step, 3)
        Rows (x, y, height), the start first; it stops growing at a million.
    kept : np.ndarray, shape (step, 3, 2)
        The velocity, and Adam's running means of the gradient and of its square, each along x and along y.
    """
    w = np.array(start)
    velocity, first, second = np.zeros(2), np.zeros(2), np.zeros(2)
    path = [[*w, landscape(w)[0]]]
    kept = [[velocity, first, second]]
    for step in range(1, MOST_STEPS + 2):
        gradient = landscape(w)[1]
        if name == "plain":
            w = sgd_step(w, gradient, rate)
        elif name == "momentum":
            velocity = KEPT * velocity + gradient
            w = sgd_step(w, velocity, rate)
        else:
            w, first, second = adam_step(w, gradient, first, second, step, rate)
        w = np.clip(w, -FAR, FAR)
        path.append([*w, landscape(w)[0]])
        kept.append([velocity, first, second])
    return np.array(path), np.array(kept)


def trace_steps(
    landscape: Landscape, ways: dict[str, tuple[np.ndarray, np.ndarray]], rates: dict[str, float], step: int
) -> dict[str, Any]:
    """Return where the rules' steps from ``step`` to the next one come from.

    The keys hold rule, direction and ``step``, such as ``adam_x0``.
    """
    found: dict[str, Any] = {}
    for name, (path, kept) in ways.items():
        gradient = landscape(path[step, :2])[1]
        for place, along in enumerate("xy"):
            if abs(path[step + 1, place]) >= FAR:
                continue  # it stands still there
            move = float(path[step + 1, place] - path[step, place])
            key = f"_{along}{step}"
            g, before = float(gradient[place]), kept[step, :, place].tolist()
            slope, back = Factor("gradient g", g), Factor("−α", -rates[name])
            title = f"step of the {('first', 'second')[place]} weight"
            if name == "plain":
                found[f"plain{key}"] = trace_sum(title, move, [back, slope])
            elif name == "momentum":
                u = KEPT * before[0] + g
                found[f"u{key}"] = trace_sum(
                    "velocity u", u, [Factor(f"{KEPT:g}", KEPT), Factor("u before", before[0])], [slope]
                )
                found[f"momentum{key}"] = trace_sum(title, move, [back, Factor("u", u, f"u{key}")])
            else:
                found |= trace_adam(title, move, back, slope, before[1:], key, step + 1)
    return found


def trace_adam(
    title: str, move: float, back: Factor, slope: Factor, before: list[float], key: str, step: int
) -> dict[str, Any]:
    """Return where a step of Adam comes from: its running means, their corrections, and the quotient of both.

    Parameters
    ----------
    title, move : str and float
        The step.
    back, slope : Factor
        The learning rate, negative, and the derivative.
    before : list of float
        Both running means before the step.
    key : str
        The end of all keys.
    step : int
        Its number, from 1.
    """
    first, second = BETAS
    m = first * before[0] + (1 - first) * slope.value
    v = second * before[1] + (1 - second) * slope.value**2
    shares = [1 - first**step, 1 - second**step]
    mean, root = m / shares[0], float(np.sqrt(v / shares[1])) + EPSILON
    return {
        f"m{key}": trace_sum(
            "m", m, [Factor("β₁", first), Factor("m before", before[0])], [Factor("(1 − β₁)", 1 - first), slope]
        ),
        f"v{key}": trace_sum(
            "v",
            v,
            [Factor("β₂", second), Factor("v before", before[1])],
            [Factor("(1 − β₂)", 1 - second), slope, slope],
        ),
        f"mean{key}": trace_sum(
            "m corrected", mean, [Factor("m", m, f"m{key}"), Factor(f"(1 − β₁^{step})", shares[0], over=True)]
        ),
        f"root{key}": trace_sum(
            "root of v corrected",
            root,
            [Factor("v", v, f"v{key}"), Factor(f"(1 − β₂^{step})", shares[1], over=True)],
            then="√(·)",
        ),
        f"adam{key}": trace_sum(
            title,
            move,
            [
                back,
                Factor("m corrected", mean, f"mean{key}"),
                Factor("root of v corrected", root, f"root{key}", over=True),
            ],
        ),
    }


def compute_race(
    landscape: str, start: list[list[float]], plain: float, momentum: float, adam: float, steps: int
) -> dict[str, Any]:
    """Return the ways of three balls from the same start.

    Returns
    -------
    dict
        ``heights``: the landscape on a grid of 51 rows (y from −5 to 5) of 41 columns (x from −10 to 10); ``paths``:
        per rule, rows (x, y, height); ``moves``: per rule, how far each step goes along x and y, also the one after the
        last; ``origins``: of the moves from ``steps`` on (`trace_steps`); ``says``: where the balls are then.
    """
    function = LANDSCAPES[landscape]
    begin = [min(WIDE, max(-WIDE, start[0][0])), min(HIGH, max(-HIGH, start[0][1]))]
    x, y = np.meshgrid(np.linspace(-WIDE, WIDE, 41), np.linspace(-HIGH, HIGH, 51))
    rates = {"plain": plain, "momentum": momentum, "adam": adam}
    ways = {name: walk(function, begin, name, rate) for name, rate in rates.items()}
    paths = {name: path[:-1] for name, (path, _) in ways.items()}
    words = {"plain": "plain descent", "momentum": "momentum", "adam": "Adam"}
    told = ", ".join(f"{words[name]} {path[steps][2]:.3g}" for name, path in paths.items())
    return {
        "heights": function(np.stack([x, y], axis=-1))[0],
        "paths": paths,
        "moves": {name: np.diff(path[:, :2], axis=0) for name, (path, _) in ways.items()},
        "origins": trace_steps(function, ways, rates, steps),
        "says": f"Heights at step {steps}: {told}.",
    }


SCHEDULED, PEAK = 200, 0.1


def compute_schedule(warm_up: int, lowest: float, step: int) -> dict[str, Any]:
    """Return the learning rate of every step of a training.

    Parameters
    ----------
    warm_up : int
        How many steps rise.
    lowest : float
        The learning rate at the end.
    step : int
        The step that is told.

    Returns
    -------
    dict
        ``rates``, one per step from 0 to the last; ``origins``: of the rate of the step that is told (``rate20``);
        ``says``.
    """
    rates = [learning_rate(place, SCHEDULED, warm_up, PEAK, lowest) for place in range(SCHEDULED + 1)]
    part = "warm-up" if step < warm_up else "cosine"
    if step < warm_up:
        terms = [
            [Factor("α max", PEAK), Factor("t", float(step)), Factor("steps of the warm-up", float(warm_up), over=True)]
        ]
        origins = {}
    else:
        past, falling = float(step - warm_up), float(SCHEDULED - warm_up)
        cosine = math.cos(math.pi * past / falling)
        angle = [
            Factor("π", math.pi),
            Factor("steps since the warm-up", past),
            Factor("steps that fall", falling, over=True),
        ]
        origins = {f"cosine{step}": trace_sum("cosine", cosine, angle, then="cos(·)")}
        half = [Factor("(α max − α min)", PEAK - lowest), Factor("2", 2.0, over=True)]
        terms = [[Factor("α min", lowest)], half, [*half, Factor("cosine", cosine, f"cosine{step}")]]
    origins[f"rate{step}"] = trace_sum(f"rate of step {step}", rates[step], *terms)
    return {
        "rates": rates,
        "origins": origins,
        "says": f"Step {step} of {SCHEDULED}, {part}: the learning rate is {rates[step]:.3g}.",
    }


HELPED_EPOCHS, HELPED_BATCH, LONGEST, ODD_STEP, ODD_FACTOR = 3, 32, 1.0, 50, 100


def train_helped(
    optimizer: str, rate: float, warm_up: int, cosine: bool, clip: bool, odd: bool
) -> Iterator[dict[str, Any]]:
    """Train the same network on digits twice: with a constant rate, and with a schedule and clipping.

    Parameters
    ----------
    optimizer : {"plain", "Adam"}
        The rule of both.
    rate : float
        The constant learning rate of the first, and the highest of the second.
    warm_up : int
        How many steps the second one's rate rises.
    cosine : bool
        Whether it then falls along half a cosine.
    clip : bool
        Whether the second one's gradients are clipped to the length 1.
    odd : bool
        Whether one batch of both is unusual: its pixels are multiplied by 100.

    Yields
    ------
    dict
        ``losses``: two lists, one number per step so far; ``rates`` and ``lengths``: the second one's learning rates
        and the lengths of its gradients before clipping; ``right``: both accuracies on digits that are not trained
        on; ``step``, ``steps``; ``says``.
    """
    x, y = load_digits()
    new = slice(TRAINED, TRAINED + VALIDATED)
    models = []
    for _ in range(2):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            models.append(Network([784, 32, 10]))
    rules = [{"plain": SGD, "Adam": Adam}[optimizer](model.parameters(), rate) for model in models]
    steps = HELPED_EPOCHS * -(-TRAINED // HELPED_BATCH)
    losses: list[list[float]] = [[], []]
    rates: list[float] = []
    lengths: list[float] = []

    def draw() -> dict[str, Any]:
        right = [training_loop.accuracy(model, x[new], y[new]) for model in models]
        told = f"Step {len(rates)} of {steps}" if rates else "Not trained yet"
        says = f"{told}: {right[1]:.1%} of {VALIDATED} new digits are right, {right[0]:.1%} without the help."
        found = {"losses": losses, "rates": rates, "lengths": lengths, "right": right, "clip": clip, "rate": rate}
        return {**found, "step": len(rates), "steps": steps, "longest": LONGEST, "says": says}

    yield draw()
    order = torch.Generator().manual_seed(0)
    batches = [
        rows for _ in range(HELPED_EPOCHS) for rows in torch.randperm(TRAINED, generator=order).split(HELPED_BATCH)
    ]
    for step, rows in enumerate(batches):
        inputs = x[rows] * (ODD_FACTOR if odd and step == ODD_STEP else 1)
        for place, (model, rule) in enumerate(zip(models, rules, strict=True)):
            rule.zero_grad()
            loss = cross_entropy(model(inputs), y[rows])
            loss.backward()
            if place:
                helped = learning_rate(step, steps, warm_up, rate, 0.0 if cosine else rate)
                rule.param_groups[0]["lr"] = helped
                rates.append(helped)
                weights = [weight for weight in model.parameters() if weight.grad is not None]
                gradients = [weight.grad for weight in weights if weight.grad is not None]
                clipped, length = clip_gradients(gradients, LONGEST)
                lengths.append(length)
                if clip:
                    for weight, gradient in zip(weights, clipped, strict=True):
                        weight.grad = gradient
            rule.step()
            losses[place].append(min(loss.item(), 1e6))
        if (step + 1) % 4 == 0:
            yield draw()


def _rate(name: str, label: str, value: float) -> Slider:
    return Slider(name, label, value, low=0.01, high=2.0, step=0.01, log=True)


RATE = Slider("rate", "learning rate α", 0.3, low=0.01, high=1.0, step=0.01, log=True)
TRAININGS = AlongSliders(train_without, train_all_without, [RATE])
ALONE = AlongSliders(train_without, train_all_without, [])
VIEWS = {
    "loop": View(
        "The training loop, with one line taken out",
        compute_loop,
        (
            Choice("removed", "take out", "nothing", tuple(REMOVED)),
            RATE,
            Slider("tick", "moment", 0, low=0, high=TICKS, step=1, plays=True, hidden=True),
        ),
    ),
    "digits": View(
        "A network learns handwritten digits",
        compute_digits,
        (
            Choice("optimizer", "optimizer", "plain", ("plain", "momentum", "Adam")),
            Slider("rate", "learning rate α", 0.1, low=0.0003, high=3.0, step=0.0001, log=True),
            Slider("batch", "examples per batch", 32, low=1, high=1000, step=1, log=True),
            Slider("epochs", "epochs", 3, low=1, high=10, step=1),
        ),
        stream=True,
        lazy=True,
    ),
    "race": View(
        "Three optimizers on one landscape, from the same start",
        compute_race,
        (
            Choice("landscape", "landscape", "valley", tuple(LANDSCAPES)),
            _rate("plain", "plain descent α", 0.1),
            _rate("momentum", "momentum α", 0.1),
            _rate("adam", "Adam α", 0.1),
            Points("start", "start", ((-9.0, 4.0),), least=1, most=1),
            Slider("steps", "steps", 0, low=0, high=MOST_STEPS, step=1, plays=True),
        ),
    ),
    "helped": View(
        "The same training with and without a schedule and clipping",
        train_helped,
        (
            Choice("optimizer", "optimizer", "Adam", ("plain", "Adam")),
            Slider("rate", "highest rate", 0.1, low=0.001, high=2.0, step=0.001, log=True),
            Slider("warm_up", "steps of the warm-up", 0, low=0, high=48, step=1),
            Switch("cosine", "then fall along a cosine", False),
            Switch("clip", "clip at c = 1", False),
            Switch("odd", "one batch 100 times as bright", False),
        ),
        stream=True,
        lazy=True,
    ),
    "schedule": View(
        "The learning rate of every step",
        compute_schedule,
        (
            Slider("warm_up", "steps of the warm-up", 20, low=0, high=100, step=1),
            Slider("lowest", "lowest rate", 0.0, low=0.0, high=0.1, step=0.005),
            Slider("step", "step t", 0, low=0, high=SCHEDULED, step=1),
        ),
    ),
}
