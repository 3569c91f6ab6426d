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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.runs.checkpoint import model_tensors, restore_state, save_state
from groundup.runs.config import CONFIG
from groundup.runs.folder import REPORT, Run
from groundup.training.device import wait_for
from groundup.training.distributed import ProcessGroup, current_process_group, told_apart
from groundup.training.precision import Precision
from groundup.training.sharding import is_sharded

CPU = torch.device("cpu")

# Steps whose result this module computes in another way, and the tests that check that the two agree.
EQUALS = {
    "neuron": "tests/steps/c3_networks/test_neuron.py::test_slopes_are_those_of_autograd",
    "backpropagation": "tests/steps/c3_networks/test_backpropagation.py::test_slopes_are_those_of_autograd",
    "training_loop": "tests/training/test_loop.py::test_it_is_the_loop_of_the_course",
    "gpt_training": "tests/training/test_loop.py::test_it_trains_a_gpt_as_the_course_does",
}


class Interrupted(KeyboardInterrupt):
    """Ctrl-C between two steps, after everything was saved."""

    def __init__(self, step: int, steps: int) -> None:
        super().__init__(f"stopped at step {step} of {steps}")
        self.step, self.steps = step, steps


def constant(progress: float) -> float:  # noqa: ARG001 - the signature of schedules and of signal handlers
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
    pieces : int
        In how many pieces a batch is gone through, one after the other: more need less memory, and learn the same.
    team : ProcessGroup
        The processes that train it together; each gets the same batches and takes its rows.
    device : torch.device
        Where model and batches are.
    after_evaluation : callable, optional
        ``(step, figures) -> None``: shows samples, draws, and the like; in the leader alone, but where the model is
        spread, in every process.
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
    pieces: int = 1
    log_every: int = 20
    checkpoint_seconds: float = 15.0
    description: str = "training"
    team: ProcessGroup = field(default_factory=current_process_group)
    device: torch.device = CPU


@dataclass
class Step:
    """What a step tells.

    Attributes
    ----------
    loss : Tensor
        The mean loss of the whole batch before the step, a scalar.
    measured : Tensor
        What the plan measures, on the same batch; 0 where it measures nothing.
    signals : list of bool
        What any of the processes asked for.
    """

    loss: Tensor
    measured: Tensor
    signals: list[bool]


def train_step(plan: Plan, inputs: Any, targets: Any, signals: Sequence[bool] = ()) -> Step:
    """Take one step of gradient descent.

    The batch is the whole team's. Where it is gone through in pieces or by several processes, each piece's gradient
    counts by its share of the rows. Each process's ``signals`` go out with the gradients.
    """
    plan.optimizer.zero_grad()
    team, sharded = plan.team, is_sharded(plan.model)
    if team.size == plan.pieces == 1:
        step = Step(*_learn(plan, inputs, targets, 1.0), list(signals))
    else:
        rows = team.take_rows(len(targets), plan.pieces)
        figures = torch.zeros(2, device=targets.device)
        for number, part in enumerate(rows, start=1):
            if sharded:
                plan.model.set_requires_gradient_sync(number == len(rows))  # type: ignore[operator]
            share = (part.stop - part.start) / len(targets)
            found = _learn(plan, inputs[part], targets[part], share)
            figures += share * torch.stack(found)
        gradients = [] if sharded else [one.grad for one in plan.model.parameters() if one.grad is not None]
        message, asked = [*gradients, figures], torch.tensor([float(one) for one in signals])
        if targets.device.type == "cpu":
            team.all_reduce_sum([*message, asked])
        else:  # signals are read at once: a message of their own does not wait until the device has done the step
            team.all_reduce_sum(message)
            team.all_reduce_sum([asked])
        step = Step(figures[0], figures[1], asked.bool().tolist())
    if plan.clip_norm is not None:
        nn.utils.clip_grad_norm_(plan.model.parameters(), plan.clip_norm)
    plan.optimizer.step()
    return step


def _learn(plan: Plan, inputs: Any, targets: Any, share: float) -> tuple[Tensor, Tensor]:
    """Add a batch's gradient, or that of a part of one, to the gradients; return the loss and what is measured."""
    with plan.precision.autocast():
        prediction = plan.model(inputs)
        loss = plan.loss_function(prediction, targets)
    (loss if share == 1 else loss * share).backward()
    loss = loss.detach().float()
    if plan.measure is None:
        return loss, torch.zeros_like(loss)
    with torch.no_grad():
        return loss, torch.as_tensor(plan.measure(prediction, targets)).float()


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
    seed = torch.initial_seed()  # before a checkpoint puts back the state that it had
    clock = _Clock.start(plan, run)
    # Where the leader's random state alone would not do, every step begins with one of its own.
    seeded = plan.team.size > 1 or plan.device.type != "cpu"
    with (
        told_apart(),
        _interrupts(plan.team) as interrupted,
        (reporter or Reporter.silent()).progress(plan.steps, plan.description, done=clock.step) as progress,
    ):
        plan.model.train()
        while clock.step < plan.steps:
            _set_learning_rate(plan, clock.step)
            inputs, targets = plan.batches(clock.step)
            if seeded:
                torch.manual_seed((seed * 0x9E3779B97F4A7C15 + clock.step * 1_048_583 + plan.team.rank) % 2**63)
            # One clock decides when to save: of a spread model, every process saves its share.
            step = train_step(plan, inputs, targets, [interrupted.is_set(), plan.team.is_main and clock.save_due(plan)])
            clock.count(plan, step)
            progress.advance(1, **clock.shown)
            if clock.log_due(plan):
                clock.log(plan, run)
            stop, save = step.signals
            if run is not None and (stop or (save and clock.step < plan.steps)):
                clock.save(plan, run)
            if stop:
                raise Interrupted(clock.step, plan.steps)
        clock.finish(plan, run)
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
    wait_for(plan.device)
    started = time.perf_counter()
    for step in range(steps):
        train_step(plan, *plan.batches(step))
    wait_for(plan.device)
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
    unread: list[Step] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)
    last_save: float = field(default_factory=time.monotonic)
    save_seconds: float = 0.0
    from_end: bool = False  # of a run that is taken up after its last step

    @classmethod
    def start(cls, plan: Plan, run: Run | None) -> _Clock:
        if run is None:
            return cls()
        saved = restore_state(run, plan.model, plan.optimizer)
        if saved is None:
            run.keep_metrics_until(-1)
            return cls()
        if run.has_file(REPORT) and saved["step"] < plan.steps:
            raise UserError(
                f"{run.path(CONFIG)}: asks for {plan.steps} steps, but this run was finished after {saved['step']}. "
                "Put the file back as it was, or train again with another --run."
            )
        history = run.keep_metrics_until(saved["step"], saved.get("last"))
        clock = cls(saved["step"], saved["seconds"], saved["window"], saved["best"], history)
        clock.from_end = clock.step >= plan.steps
        return clock

    def finish(self, plan: Plan, run: Run | None) -> None:
        """Save everything at the end; of a run taken up after its last step only what was lost since."""
        if not self.history or self.history[-1]["step"] < self.step:
            self.log(plan, run)
        if run is None:
            return
        if not self.from_end:
            self.save(plan, run)
        if not self.from_end or not run.has_weights():
            run.save_model(model_tensors(plan.model))

    @property
    def seconds(self) -> float:
        return self.seconds_before + time.monotonic() - self.started

    def count(self, plan: Plan, step: Step) -> None:
        self.step += 1
        self.unread.append(step)
        # To read a figure is to wait for the device: on the CPU at once, elsewhere when it is needed.
        if plan.device.type == "cpu" or self.log_due(plan) or step.signals != [False, False]:
            self._read(plan)

    def _read(self, plan: Plan) -> None:
        values = torch.stack([torch.stack([step.loss, step.measured]) for step in self.unread]).tolist()
        first = self.step - len(values) + 1
        self.unread.clear()
        for number, (loss, measured) in enumerate(values, start=first):
            if not math.isfinite(loss):
                raise UserError(
                    f"The loss became {loss} at step {number} of {plan.steps}: the learning rate is too large for "
                    "this network and data. Try a third of it with --set learning_rate=…"
                )
            self.window[0] += loss
            self.window[2] += 1
            self.shown = {"loss": loss}
            if plan.measure is not None:
                self.window[1] += measured
                self.shown[plan.measure_name] = measured

    def log_due(self, plan: Plan) -> bool:
        return self.step % plan.log_every == 0 or self.step == plan.steps or self.evaluation_due(plan)

    def evaluation_due(self, plan: Plan) -> bool:
        if plan.evaluate is None:
            return False
        return self.step == plan.steps or (plan.evaluate_every > 0 and self.step % plan.evaluate_every == 0)

    def log(self, plan: Plan, run: Run | None) -> None:
        loss, measured, count = self.window
        count = count or math.nan  # of a run taken up after its last step
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
        # FSDP2 gathers weights into buffers that are used in training again: they must not be inference's.
        quiet = torch.no_grad() if is_sharded(plan.model) else torch.inference_mode()
        with quiet, plan.precision.autocast():
            figures = plan.evaluate()
        plan.model.train()
        if plan.keep_best is not None and run is not None and figures[plan.keep_best] < self.best:
            self.best = figures[plan.keep_best]
            run.save_model(model_tensors(plan.model), "best.safetensors")
        if plan.after_evaluation is not None and (plan.team.is_main or is_sharded(plan.model)):
            plan.after_evaluation(self.step, figures)
        return figures

    def save_due(self, plan: Plan) -> bool:
        # A large model's checkpoint may take seconds: never spend more than a twentieth of the time on saving.
        wait = max(plan.checkpoint_seconds, 20 * self.save_seconds)
        return plan.checkpoint_seconds == 0 or time.monotonic() - self.last_save >= wait

    def save(self, plan: Plan, run: Run) -> None:
        before = time.monotonic()
        progress = {"step": self.step, "seconds": self.seconds, "window": self.window, "best": self.best}
        progress["last"] = self.history[-1] if self.history else None
        run.flush_logs()
        save_state(run, plan.model, plan.optimizer, progress)
        run.update_config(checkpoint=True)
        self.last_save = time.monotonic()
        self.save_seconds = self.last_save - before


@contextmanager
def _interrupts(team: ProcessGroup) -> Iterator[threading.Event]:
    """Turn the first Ctrl-C into a request to stop after the step; a second one stops at once.

    In a team every process gets the terminal's Ctrl-C and soon torchrun's SIGTERM: both ask, neither stops at once.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return

    def ask(signum: int, frame: object) -> None:  # noqa: ARG001 - the signature of schedules and of signal handlers
        asked.set()
        if team.size == 1:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    taken = [signal.SIGINT] if team.size == 1 else [signal.SIGINT, signal.SIGTERM]
    before = {number: signal.signal(number, ask) for number in taken}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
