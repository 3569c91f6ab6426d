"""How a task keeps ``--minutes``: what of it the training loop has, and how many steps fit into it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from groundup.runs.folder import Run
from groundup.tasks.protocol import TrainRequest
from groundup.training.loop import time_step
from groundup.training.plan import Plan, TimeBudget
from groundup.training.record import evaluate_quietly

if TYPE_CHECKING:
    from groundup.base.reporting import Reporter

# What the command's clock does not see: Python's start before it and, after the loop, Python's end. On a busy machine
# they take so many times as long as what came before the loop, but not more than MOST_BUSY times.
END_SECONDS = 1.0
MOST_BUSY = 8.0
MEASURING = "Measuring how fast this computer is …"
# A run whose data took all the time to read still learns something.
LEAST_SHARE = 0.05
# What timing the steps may take of the budget.
TIMING_SHARE = 0.05


def fit_steps(seconds: float, step_seconds: float, evaluation_seconds: float) -> dict[str, int]:
    """Return how many steps fit into so many seconds, with an evaluation at the end.

    Examples
    --------
    >>> fit_steps(60.0, 0.05, 1.0)
    {'steps': 1180}
    """
    return {"steps": max(1, int((seconds - evaluation_seconds) / step_seconds))}


def count_left(request: TrainRequest) -> float:
    """Return how many seconds of the budget are left for the training loop."""
    assert request.minutes is not None
    budget, passed = 60 * request.minutes, time.monotonic() - request.started
    busy = min(MOST_BUSY, max(1.0, passed / max(time.process_time(), 1e-9)))
    return max(LEAST_SHARE * budget, budget - passed - busy * END_SECONDS)


def time_step_within(trial: Plan, minutes: float) -> float:
    """Return the seconds that a step takes, measured in a twentieth of the budget where that is enough for one."""
    return time_step(trial, limit=TIMING_SHARE * 60 * minutes)


def count_steps(steps: int) -> str:
    """Say how many steps.

    Examples
    --------
    >>> count_steps(1), count_steps(2000)
    ('1 step', '2,000 steps')
    """
    return "1 step" if steps == 1 else f"{steps:,} steps"


def describe_shortage(request: TrainRequest, steps: int, least: int, budget: TimeBudget, reporter: Reporter) -> None:
    """Say so, and what to do, where a budget has less than ``least`` steps on this machine.

    Parameters
    ----------
    request : TrainRequest
        Says the budget.
    steps, least : int
        How many steps it has, and how many it ought to have.
    budget : TimeBudget
        As planned now; of a run that goes on nothing is known, and nothing is said.
    reporter : Reporter
        Hears it.
    """
    if request.minutes is None or steps >= least or budget.step_seconds is None or budget.seconds is None:
        return
    # What does not grow with the steps: the start, the end, and an evaluation.
    around = 60 * request.minutes - budget.seconds + budget.evaluation_seconds
    minutes = math.ceil((around + 1.1 * least * budget.step_seconds) / 60)
    reporter.say(
        f"Your computer has time for {count_steps(steps)} in {round(request.minutes, 2):g} min, too few to learn much "
        f"(other programs may keep it busy). For about {least} steps: --minutes {max(minutes, 1)}"
    )


def plan_time(
    request: TrainRequest,
    run: Run,
    make_trial: Callable[[], Plan],
    fit: Callable[[float, float, float], Mapping[str, int]] = fit_steps,
    step_seconds: float | None = None,
    evaluate: Callable[[Plan], float] | None = None,
) -> TimeBudget:
    """Plan the steps of a run with ``--minutes``, once, and write them into its configuration.

    Parameters
    ----------
    request : TrainRequest
        Says the budget, and when it began.
    run : Run
        What is trained. Where it has steps, nothing is planned.
    make_trial : callable
        Returns a plan to time steps with.
    fit : callable
        ``(seconds, step_seconds, evaluation_seconds) -> {"steps": …}``, what is written into the configuration.
    step_seconds : float, optional
        What a step takes, where it was measured before.
    evaluate : callable, optional
        From the plan to the seconds that an evaluation takes; by default one is made.

    Returns
    -------
    TimeBudget
        For the plan. It has no seconds without ``--minutes``, and in a run that was planned before the clock was
        followed: that has steps, but no ``training_seconds``.
    """
    if request.minutes is None:
        return TimeBudget()
    if "steps" in run.config:
        return TimeBudget(run.config.get("training_seconds"))
    trial = make_trial()
    if step_seconds is None:
        step_seconds = time_step_within(trial, request.minutes)
    evaluation_seconds = (evaluate or time_evaluation)(trial)
    seconds = count_left(request)
    planned = fit(seconds, step_seconds, evaluation_seconds)
    run.update_config(**trial.team.broadcast({**planned, "training_seconds": seconds}))
    return TimeBudget(run.config["training_seconds"], step_seconds, evaluation_seconds)


def time_evaluation(plan: Plan) -> float:
    """Return the seconds that an evaluation takes."""
    return 0.0 if plan.evaluate is None else time_call(partial(evaluate_quietly, plan))


def time_call(function: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    before = time.monotonic()
    function()
    return time.monotonic() - before
