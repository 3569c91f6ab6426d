"""Checkpoints of a run by the clock: from the last one it goes on bit for bit."""

from __future__ import annotations

import time

from groundup.base.errors import UserError
from groundup.runs.checkpoint import restore_state, save_state
from groundup.runs.config import CONFIG
from groundup.runs.folder import REPORT, Run
from groundup.training.plan import Plan
from groundup.training.record import Record


class Checkpoints:
    """Restores a run, and saves it when that is due.

    Parameters
    ----------
    plan : Plan
        What is trained.
    run : Run, optional
        Where it is saved; without it nothing is saved.
    """

    def __init__(self, plan: Plan, run: Run | None) -> None:
        self.plan, self.run = plan, run
        self.last_save, self.save_seconds = time.monotonic(), 0.0
        self.was_finished = False

    def restore(self) -> Record:
        """Put model, optimizer and random state back as the last checkpoint has them; return where the run is.

        Raises
        ------
        UserError
            The run folder is damaged, or asks for more steps than a finished run has.
        """
        plan, run = self.plan, self.run
        if run is None:
            return Record()
        saved = restore_state(run, plan.model, plan.optimizer)
        if saved is None:
            run.keep_metrics_until(-1)
            return Record()
        history = run.keep_metrics_until(saved["step"], saved.get("last"))
        record = Record(saved["step"], saved["seconds"], saved["window"], saved["best"], history)
        if record.is_out_of_patience(plan):
            plan.steps = record.step
        if run.has_file(REPORT) and saved["step"] < plan.steps:
            raise UserError(
                f"{run.path(CONFIG)}: asks for steps={plan.steps}, but this run was finished after {saved['step']}. "
                "Put the file back as it was, or train again with another --run."
            )
        self.was_finished = record.step >= plan.steps
        return record

    def is_due(self) -> bool:
        """Tell whether it is time to save."""
        # A large model's checkpoint may take seconds: never spend more than a twentieth of the time on saving.
        wait = max(self.plan.checkpoint_seconds, 20 * self.save_seconds)
        return self.plan.checkpoint_seconds == 0 or time.monotonic() - self.last_save >= wait

    def save(self, record: Record) -> None:
        """Save what the run needs to go on from here."""
        if self.run is None:
            return
        before = time.monotonic()
        progress = {"step": record.step, "seconds": record.seconds, "window": record.window, "best": record.best}
        progress["last"] = record.history[-1] if record.history else None
        self.run.flush_logs()
        save_state(self.run, self.plan.model, self.plan.optimizer, progress)
        self.run.update_config(checkpoint=True)
        self.last_save = time.monotonic()
        self.save_seconds = self.last_save - before

    def finish(self, record: Record) -> None:
        """Save everything at the end; of a run that was finished before, only what was lost since."""
        if not record.history or record.history[-1]["step"] < record.step:
            record.log(self.plan, self.run)
        if self.run is None:
            return
        if not self.was_finished:
            self.save(record)
        if not self.was_finished or not self.run.has_weights():
            self.run.save_model(self.plan.weights(self.plan.model))
