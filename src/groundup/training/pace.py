"""A time budget that is kept: the number of steps follows the clock while a run is trained.

How long a step takes changes on the way: other programs start and end, a processor grows hot. From time to time the
steps that still fit are counted again. Every change is written into the run's ``config.json`` before it is made, so
that a run that is stopped at any instant goes on to the weights that it would have had. The learning rate goes on
from where it is, and falls to its end over the steps that are left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from groundup.runs.folder import Run
from groundup.training.plan import Plan
from groundup.training.record import Record

# The clock is looked at after such a share of the budget, and a change is made if it moves the end by as much.
LOOK_SHARE = 0.02
LEAST_WAIT = 0.5  # seconds
MOST_SLOWER = 2.0
CHANGES = "changes"


def fit_last_step(step: int, left: float, step_seconds: float, evaluation_seconds: float, evaluate_every: int) -> int:
    """Return the last step that fits, with the evaluations on the way and the one at the end; the next one at least.

    Parameters
    ----------
    step : int
        The step that was just taken. Its own evaluation, where one is due, is still to come.
    left : float
        The seconds that are left.
    step_seconds, evaluation_seconds : float
        What a step and an evaluation take.
    evaluate_every : int
        Steps between evaluations; 0 for none but the last.

    Examples
    --------
    >>> [fit_last_step(10, 60.0, 0.1, 2.0, every) for every in (0, 600, 500)]
    [590, 590, 570]
    """

    def fit(evaluations: int) -> int:
        return step + int((left - evaluations * evaluation_seconds) / step_seconds)

    if evaluate_every <= 0:
        return max(step + 1, fit(1))
    # With so many evaluations the last step is at most the next multiple of `evaluate_every`, which has the last of
    # them, and at most the one that there is time for. The one rises with their number, the other falls.
    begun = (step - 1) // evaluate_every
    reach = left + (step - begun * evaluate_every) * step_seconds
    crossing = int(reach / (evaluate_every * step_seconds + evaluation_seconds))
    counts = {max(1, crossing), max(1, crossing + 1)}
    return max(step + 1, *(min(fit(count), (begun + count) * evaluate_every) for count in counts))


@dataclass
class Pace:
    """The steps of a run as they were planned first, and the changes since.

    Parameters
    ----------
    plan : Plan
        What is trained. Its ``steps`` are kept up to date; without a budget they stay as they are.
    run : Run, optional
        Where changes are read and written.

    Attributes
    ----------
    first : int
        The steps that were planned first.
    changes : list of (int, int)
        After which step, and how many steps in all from then on; the oldest first.
    """

    plan: Plan
    run: Run | None = None

    def __post_init__(self) -> None:
        self.first = self.plan.steps
        known = self.run.config.get(CHANGES, []) if self.run is not None else []
        self.changes: list[tuple[int, int]] = [(step, steps) for step, steps in known]
        if self.changes:
            self.plan.steps = self.changes[-1][1]
        self._looked_at: tuple[int, float] | None = None
        self._evaluating = 0.0  # since the clock was looked at
        self._step_seconds: float | None = self.plan.budget.step_seconds
        self._evaluation, self._evaluated_at = self.plan.budget.evaluation_seconds, self._step_seconds

    def find_progress(self, step: int) -> float:
        """Return how far the run is after ``step`` steps, from 0 to 1.

        Examples
        --------
        >>> from types import SimpleNamespace
        >>> from groundup.training.plan import TimeBudget
        >>> pace = Pace(SimpleNamespace(steps=100, budget=TimeBudget()))
        >>> pace.changes = [(50, 75)]
        >>> [pace.find_progress(step) for step in (0, 25, 50, 60, 75)]
        [0.0, 0.25, 0.5, 0.7, 1.0]
        """
        since, progress, steps = 0, 0.0, self.first
        for changed, more in self.changes:
            if changed > step:
                break
            progress += (1 - progress) * (changed - since) / (steps - since)
            since, steps = changed, more
        return progress + (1 - progress) * (step - since) / (steps - since)

    def count_evaluation(self, seconds: float) -> None:
        """Note how long an evaluation took: it is no part of a step."""
        self._evaluation, self._evaluated_at = seconds, self._step_seconds
        self._evaluating += seconds

    def is_due(self, record: Record) -> bool:
        """Tell whether it is time to look at the clock."""
        if self.plan.budget.seconds is None or (self.changes and record.step < self.changes[-1][0]):
            return False
        if self._looked_at is None:
            self._looked_at = record.step, record.seconds
            return False
        return record.seconds - self._looked_at[1] >= max(LEAST_WAIT, LOOK_SHARE * self.plan.budget.seconds)

    def revise(self, record: Record) -> bool:
        """Count the steps that fit into the time that is left; return whether the plan changed.

        All processes of a team have to call it after the same step.
        """
        plan = self.plan
        steps = plan.team.broadcast(self._count_steps(record) if plan.team.is_main else None)
        if steps == plan.steps:
            return False
        self.changes.append((record.step, steps))
        if self.run is not None:
            self.run.update_config(**{CHANGES: [list(change) for change in self.changes]})
        plan.steps = steps
        return True

    def _count_steps(self, record: Record) -> int:
        plan, step, now, seconds = self.plan, record.step, record.seconds, self.plan.budget.seconds
        assert seconds is not None
        assert self._looked_at is not None
        before, at = self._looked_at
        latest = max(1e-9, now - at - self._evaluating) / max(1, step - before)
        # A slower machine is believed at once, a faster one by half: a late end is worse than an early one.
        known = self._step_seconds or latest
        self._step_seconds = max(latest, (latest + known) / 2)
        self._looked_at, self._evaluating = (step, now), 0.0
        # Steps whose threads wait for each other suffer more from other work than evaluations do; one thread does not.
        most = MOST_SLOWER if torch.get_num_threads() > 1 else math.inf
        slower = min(most, self._step_seconds / (self._evaluated_at or self._step_seconds))
        evaluation = self._evaluation * slower
        fitting = fit_last_step(step, seconds - now, self._step_seconds, evaluation, plan.evaluate_every)
        moved = abs(fitting - plan.steps) * self._step_seconds
        return fitting if moved > LOOK_SHARE * seconds else plan.steps
