"""The one training loop, for every network.

The five lines of every lesson stand in `train_step`: clear the gradients, predict, measure the loss, take the
gradients, step. Around them: the learning rate's schedule, figures, evaluation, and a checkpoint from which a
run killed at any instant goes on to the same weights, bit for bit.
"""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from groundup.errors import UserError
from groundup.training.checkpoint import model_tensors, restore_state, save_state
from groundup.training.precision import Precision
from groundup.training.reporting import Reporter
from groundup.training.runs import Run


class Interrupted(KeyboardInterrupt):
    """Ctrl-C between two steps, after everything was saved."""

    def __init__(self, step: int, steps: int) -> None:
        super().__init__(f"stopped at step {step} of {steps}")
        self.step, self.steps = step, steps


def constant(progress: float) -> float:
    """Keep the learning rate as it is."""
    return 1.0


@dataclass
class Plan:
    """What is trained, on what, how, and for how long.

    Attributes
    ----------
    model : nn.Module
        Called as ``model(inputs)``.
    loss_function : callable
        ``(prediction, targets) -> Tensor``, a scalar.
    optimizer : torch.optim.Optimizer or alike
        Has ``zero_grad``, ``step``, ``state_dict``, ``load_state_dict`` and ``param_groups``.
    batches : callable
        ``step -> (inputs, targets)``. A pure function of the step's number, so that a resumed run sees the same
        data.
    steps : int
        How many steps in all.
    schedule : callable
        Progress in [0, 1) → factor on each parameter group's own learning rate.
    measure : callable, optional
        ``(prediction, targets) -> Tensor``: a training figure such as accuracy, named ``measure_name``.
    evaluate : callable, optional
        ``() -> dict``: figures on held-out data, taken every ``evaluate_every`` steps and at the end.
    keep_best : str, optional
        The name of an evaluated figure: the weights at which it was smallest are kept in ``best.safetensors``.
    after_evaluation : callable, optional
        ``(step, figures) -> None``: shows samples, draws, and the like.
    """

    model: nn.Module
    loss_function: Callable[[Any, Any], Tensor]
    optimizer: Any
    batches: Callable[[int], tuple[Any, Any]]
    steps: int
    schedule: Callable[[float], float] = constant
    precision: Precision = field(default_factory=Precision)
    clip_norm: float | None = None
    measure: Callable[[Any, Any], Tensor] | None = None
    measure_name: str = "accuracy"
    evaluate: Callable[[], dict[str, float]] | None = None
    evaluate_every: int = 0
    after_evaluation: Callable[[int, dict[str, float]], None] | None = None
    keep_best: str | None = None
    log_every: int = 20
    checkpoint_seconds: float = 15.0
    description: str = "training"


def train_step(plan: Plan, inputs: Any, targets: Any) -> tuple[Tensor, Any]:
    """Take one step of gradient descent; return the loss and the prediction it was measured on."""
    plan.optimizer.zero_grad()
    with plan.precision.autocast():
        prediction = plan.model(inputs)
        loss = plan.loss_function(prediction, targets)
    loss.backward()
    if plan.clip_norm is not None:
        nn.utils.clip_grad_norm_(plan.model.parameters(), plan.clip_norm)
    plan.optimizer.step()
    return loss.detach(), prediction


def fit(plan: Plan, run: Run | None = None, reporter: Reporter | None = None) -> list[dict[str, float]]:
    """Train to the plan's last step, going on from the run's checkpoint where it has one.

    Parameters
    ----------
    plan : Plan
        What to train.
    run : Run, optional
        Where checkpoints, weights and figures go; without it everything stays in memory.
    reporter : Reporter, optional
        Where progress is shown; nowhere by default.

    Returns
    -------
    list of dict
        The figures logged, oldest first: step, loss, and what was measured and evaluated.

    Raises
    ------
    UserError
        The loss is no longer a number, or the run folder is damaged or cannot be written.
    Interrupted
        Ctrl-C; the run folder then holds everything to go on from.
    """
    for group in plan.optimizer.param_groups:
        group.setdefault("initial_lr", group["lr"])
    clock = _Clock.start(plan, run)
    with (
        _interrupts() as interrupted,
        (reporter or Reporter.silent()).progress(plan.steps, plan.description, done=clock.step) as progress,
    ):
        plan.model.train()
        while clock.step < plan.steps:
            _set_learning_rate(plan, clock.step)
            inputs, targets = plan.batches(clock.step)
            loss, prediction = train_step(plan, inputs, targets)
            clock.count(plan, loss, prediction, targets)
            progress.advance(1, **clock.shown)
            if clock.step % plan.log_every == 0 or clock.step == plan.steps or clock.evaluation_due(plan):
                clock.log(plan, run)
            if run is not None and clock.step < plan.steps and clock.save_due(plan):
                clock.save(plan, run)
            if interrupted.is_set():
                if run is not None:
                    clock.save(plan, run)
                raise Interrupted(clock.step, plan.steps)
    if run is not None:
        clock.save(plan, run)
        run.save_model(model_tensors(plan.model))
    plan.model.eval()
    return clock.history


def time_step(plan: Plan, steps: int = 8, warm_up: int = 3) -> float:
    """Return the seconds one step takes, and leave model, optimiser and random state as they were."""
    from copy import deepcopy

    weights = {name: tensor.clone() for name, tensor in plan.model.state_dict().items()}
    optimizer_state = deepcopy(plan.optimizer.state_dict())
    random_state = torch.get_rng_state()
    plan.model.train()
    for step in range(warm_up):
        train_step(plan, *plan.batches(step))
    started = time.perf_counter()
    for step in range(steps):
        train_step(plan, *plan.batches(step))
    seconds = (time.perf_counter() - started) / steps
    plan.model.load_state_dict(weights)
    plan.optimizer.load_state_dict(optimizer_state)
    plan.optimizer.zero_grad()
    torch.set_rng_state(random_state)
    return seconds


def _set_learning_rate(plan: Plan, step: int) -> None:
    factor = plan.schedule(step / plan.steps)
    for group in plan.optimizer.param_groups:
        group["lr"] = group["initial_lr"] * factor


@dataclass
class _Clock:
    """Where the run is, and the figures gathered since the last line of the log."""

    step: int = 0
    seconds_before: float = 0.0
    window: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])  # loss, measure, count
    best: float = math.inf
    history: list[dict[str, float]] = field(default_factory=list)
    shown: dict[str, float] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)
    last_save: float = field(default_factory=time.monotonic)
    save_seconds: float = 0.0

    @classmethod
    def start(cls, plan: Plan, run: Run | None) -> _Clock:
        saved = restore_state(run, plan.model, plan.optimizer) if run is not None else None
        if run is None or saved is None:
            if run is not None:
                run.keep_metrics_until(-1)
            return cls()
        run.keep_metrics_until(saved["step"])
        return cls(saved["step"], saved["seconds"], saved["window"], saved["best"], run.metrics())

    @property
    def seconds(self) -> float:
        return self.seconds_before + time.monotonic() - self.started

    def count(self, plan: Plan, loss: Tensor, prediction: Any, targets: Any) -> None:
        self.step += 1
        value = float(loss)
        if not math.isfinite(value):
            raise UserError(
                f"The loss became {value} at step {self.step} of {plan.steps}: the learning rate is too large for "
                "this network and data. Try a third of it with --set learning_rate=…"
            )
        self.window[0] += value
        self.shown = {"loss": value}
        if plan.measure is not None:
            figure = float(plan.measure(prediction, targets))
            self.window[1] += figure
            self.shown[plan.measure_name] = figure
        self.window[2] += 1

    def evaluation_due(self, plan: Plan) -> bool:
        if plan.evaluate is None:
            return False
        return self.step == plan.steps or (plan.evaluate_every > 0 and self.step % plan.evaluate_every == 0)

    def log(self, plan: Plan, run: Run | None) -> None:
        loss, measured, count = self.window
        figures: dict[str, float] = {"step": self.step, "loss": loss / count}
        if plan.measure is not None:
            figures[plan.measure_name] = measured / count
        self.window = [0.0, 0.0, 0.0]
        if self.evaluation_due(plan):
            figures.update(self.evaluate(plan, run))
        figures["learning_rate"] = plan.optimizer.param_groups[0]["lr"]
        figures["seconds"] = round(self.seconds, 3)
        self.history.append(figures)
        if run is not None:
            run.log(**figures)

    def evaluate(self, plan: Plan, run: Run | None) -> dict[str, float]:
        assert plan.evaluate is not None
        plan.model.eval()
        with torch.inference_mode(), plan.precision.autocast():
            figures = plan.evaluate()
        plan.model.train()
        if plan.keep_best is not None and run is not None and figures[plan.keep_best] < self.best:
            self.best = figures[plan.keep_best]
            run.save_model(model_tensors(plan.model), "best.safetensors")
        if plan.after_evaluation is not None:
            plan.after_evaluation(self.step, figures)
        return figures

    def save_due(self, plan: Plan) -> bool:
        # A large model's checkpoint may take seconds: never spend more than a twentieth of the time on saving.
        wait = max(plan.checkpoint_seconds, 20 * self.save_seconds)
        return plan.checkpoint_seconds == 0 or time.monotonic() - self.last_save >= wait

    def save(self, plan: Plan, run: Run) -> None:
        before = time.monotonic()
        progress = {"step": self.step, "seconds": self.seconds, "window": self.window, "best": self.best}
        save_state(run, plan.model, plan.optimizer, progress)
        self.last_save = time.monotonic()
        self.save_seconds = self.last_save - before


@contextmanager
def _interrupts() -> Iterator[threading.Event]:
    """Turn the first Ctrl-C into a request to stop after the step; a second one stops at once."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return

    def ask(signum: int, frame: object) -> None:
        asked.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)
