"""A time budget that is kept: the number of steps follows the clock while a run is trained.

How long a step takes changes on the way: other programs start and end, a processor grows hot. From time to time the
steps that still fit are counted again. Every change is written into the run's ``config.json`` before it is made, so
that a run that is stopped at any instant goes on to the weights that it would have had. The learning rate goes on
from where it is, and falls to its end over the steps that are left.
"""

from __future__ import annotations

from dataclasses import dataclass

from groundup.runs.folder import Run
from groundup.training.plan import Plan
from groundup.training.record import Record

# The clock is looked at after such a share of the budget, and a change is made if it moves the end by as much.
LOOK_SHARE = 0.02
LEAST_WAIT = 0.5  # seconds
MOST_SLOWER = 2.0
CHANGES = "changes"


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
        # Steps, whose threads wait for each other, suffer more from other work than evaluations do.
        slower = min(MOST_SLOWER, self._step_seconds / (self._evaluated_at or self._step_seconds))
        evaluation = self._evaluation * slower
        shared = evaluation / plan.evaluate_every if plan.evaluate_every > 0 else 0.0
        left = seconds - now - evaluation
        fitting = step + max(1, int(left / (self._step_seconds + shared)))
        moved = abs(fitting - plan.steps) * self._step_seconds
        return fitting if moved > LOOK_SHARE * seconds else plan.steps
