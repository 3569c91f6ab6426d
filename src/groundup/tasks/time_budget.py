"""How a task keeps ``--minutes``: what of it the training loop has, and how many steps fit into it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping

from groundup.runs.folder import Run
from groundup.tasks.protocol import TrainRequest
from groundup.training.loop import time_step
from groundup.training.plan import Plan, TimeBudget
from groundup.training.record import evaluate_quietly

# What comes after the loop: saving, drawing the curves, and Python's end.
END_SECONDS = 1.5
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


def plan_time(
    request: TrainRequest,
    run: Run,
    make_trial: Callable[[], Plan],
    fit: Callable[[float, float, float], Mapping[str, int]] = fit_steps,
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
    budget = 60 * request.minutes
    trial = make_trial()
    limit = TIMING_SHARE * budget if trial.team.size == 1 else math.inf  # a team takes its steps together
    step_seconds, evaluation_seconds = time_step(trial, limit=limit), _time_evaluation(trial)
    seconds = max(LEAST_SHARE * budget, budget - (time.monotonic() - request.started) - END_SECONDS)
    planned = fit(seconds, step_seconds, evaluation_seconds)
    run.update_config(**trial.team.broadcast({**planned, "training_seconds": seconds}))
    return TimeBudget(run.config["training_seconds"], step_seconds, evaluation_seconds)


def _time_evaluation(plan: Plan) -> float:
    if plan.evaluate is None:
        return 0.0
    before = time.monotonic()
    evaluate_quietly(plan)
    return time.monotonic() - before
