"""The one training loop, for every network.

The five lines of the course are `train_step`. Everything else stands around them: the parts of a batch and the process
group (`groundup.training.accumulation`), the numbers' precision, the schedule of the learning rate, figures and early
stopping (`groundup.training.record`), checkpoints (`groundup.training.checkpoints`), a time budget
(`groundup.training.pace`) and Ctrl-C (`groundup.training.interrupts`). A run that is killed at any instant goes on from
its checkpoint to the same weights, bit for bit.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from groundup.base.reporting import Reporter
from groundup.runs.folder import Run
from groundup.training.accumulation import SharedStep, Step
from groundup.training.checkpoints import Checkpoints
from groundup.training.device import wait_for
from groundup.training.distributed import told_apart
from groundup.training.interrupts import Interrupted, catch_interrupts
from groundup.training.pace import Pace
from groundup.training.plan import Plan

# Steps whose result this module computes in another way, and the tests that check that the two agree.
EQUALS = {
    "neuron": "tests/steps/c3_networks/test_neuron.py::test_slopes_are_those_of_autograd",
    "backpropagation": "tests/steps/c3_networks/test_backpropagation.py::test_slopes_are_those_of_autograd",
    "autograd": "tests/steps/c3_networks/test_autograd.py::test_its_gradients_are_those_of_pytorch",
    "training_loop": "tests/training/test_loop.py::test_it_is_the_loop_of_the_course",
    "gpt_training": "tests/training/test_loop.py::test_it_trains_a_gpt_as_the_course_does",
}


def train_step(
    model: Callable[[Any], Any], loss_function: Callable[[Any, Any], Tensor], optimizer: Any, inputs: Any, targets: Any
) -> Tensor:
    """Take one step of gradient descent: the five lines of the course.

    Parameters
    ----------
    model : callable
        ``inputs -> prediction``.
    loss_function : callable
        ``(prediction, targets) -> loss``, a scalar.
    optimizer : object
        Has ``zero_grad`` and ``step``.
    inputs, targets : Any
        A batch.

    Returns
    -------
    Tensor
        The loss before the step.
    """
    optimizer.zero_grad()
    prediction = model(inputs)
    loss = loss_function(prediction, targets)
    loss.backward()
    optimizer.step()
    return loss


def take_step(plan: Plan, inputs: Any, targets: Any, signals: Sequence[bool] = ()) -> Step:
    """Take one step on the batch of all processes, with `train_step` on each part of it.

    Parameters
    ----------
    plan : Plan
        What is trained.
    inputs, targets : Any
        The batch; every process gets the same and takes its rows.
    signals : sequence of bool
        What this process asks for; see `groundup.training.accumulation.SharedStep`.
    """
    shared = SharedStep(plan, signals)
    for part in shared.split(inputs, targets):
        train_step(shared.model, shared.loss_function, shared, *part)
    return shared.result


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
    reporter = reporter or Reporter.silent()
    for group in plan.optimizer.param_groups:
        group.setdefault("initial_lr", group["lr"])
    seed = torch.initial_seed()  # before a checkpoint puts back the state that it had
    pace = Pace(plan, run)
    checkpoints = Checkpoints(plan, run)
    record = checkpoints.restore()
    told_of_changes = False
    # Where the leader's random state alone would not do, every step begins with one of its own.
    seeded = plan.team.size > 1 or plan.device.type != "cpu"
    with (
        told_apart(),
        catch_interrupts(plan.team) as interrupted,
        reporter.progress(plan.steps, plan.description, done=record.step) as progress,
    ):
        plan.model.train()
        while record.step < plan.steps:
            _set_learning_rate(plan, pace.find_progress(record.step))
            # One clock decides when to save and to change the plan: of a spread model, every process saves its share.
            clock = plan.team.is_main and checkpoints.is_due(), plan.team.is_main and pace.is_due(record)
            inputs, targets = plan.batches(record.step)
            if seeded:
                # On the CPU, `torch.manual_seed` would take most of its time for devices that nothing is on.
                generators = torch.default_generator if plan.device.type == "cpu" else torch
                generators.manual_seed((seed * 0x9E3779B97F4A7C15 + record.step * 1_048_583 + plan.team.rank) % 2**63)
            step = take_step(plan, inputs, targets, [interrupted.is_set(), *clock])
            record.count(plan, step)
            stop, save, revise = step.signals
            planned = plan.steps
            if revise and record.step < plan.steps and pace.revise(record):
                progress.set_total(plan.steps)
                if not told_of_changes:
                    told_of_changes = True
                    change = "slower" if plan.steps < planned else "faster"
                    reporter.say(
                        f"Your computer is {change} than at first: {plan.steps} instead of {planned} steps fit. "
                        "Their number follows its speed, so that the training ends in time."
                    )
            progress.advance(1, **record.shown)
            if record.log_due(plan):
                before = record.seconds
                record.log(plan, run)
                if record.evaluation_due(plan):
                    pace.count_evaluation(record.seconds - before)
                    if plan.patience is not None and plan.team.broadcast(record.is_out_of_patience(plan)):
                        plan.steps = record.step
                        progress.set_total(plan.steps)
            if stop or (save and record.step < plan.steps):
                checkpoints.save(record)
            if stop:
                raise Interrupted(record.step, plan.steps)
        checkpoints.finish(record)
    plan.model.eval()
    return record.history


def time_step(plan: Plan, steps: int = 8, warm_up: int = 3, limit: float = math.inf) -> float:
    """Return the seconds one step takes, and leave model, optimiser and random state as they were.

    Parameters
    ----------
    plan : Plan
        What is trained.
    steps, warm_up : int
        How many steps are timed, and how many are taken before: the first ones are slower.
    limit : float
        No further step is begun after so many seconds; one is timed at least. A team follows its leader's clock.
    """
    from copy import deepcopy

    weights = {name: tensor.clone() for name, tensor in plan.model.state_dict().items()}
    optimizer_state = deepcopy(plan.optimizer.state_dict())
    random_state = torch.get_rng_state()
    plan.model.train()
    began = time.perf_counter()
    for step in range(warm_up):
        take_step(plan, *plan.batches(step))
        if plan.team.broadcast(time.perf_counter() - began > limit / 4):
            break
    wait_for(plan.device)
    started = time.perf_counter()
    for step in range(steps):
        take_step(plan, *plan.batches(step))
        if plan.team.broadcast(time.perf_counter() - began > limit):
            break
    wait_for(plan.device)
    seconds = (time.perf_counter() - started) / (step + 1)
    plan.model.load_state_dict(weights)
    plan.optimizer.load_state_dict(optimizer_state)
    plan.optimizer.zero_grad()
    torch.set_rng_state(random_state)
    return seconds


def _set_learning_rate(plan: Plan, progress: float) -> None:
    factor = plan.schedule(progress)
    for group in plan.optimizer.param_groups:
        group["lr"] = group["initial_lr"] * factor
