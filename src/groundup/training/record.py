"""The figures of a run: gathered from its steps, written to its log, and evaluated on held-out data."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch

from groundup.base.errors import UserError
from groundup.runs.folder import Run
from groundup.steps.c4_training.early_stopping import improves, stop_early
from groundup.training.accumulation import Step
from groundup.training.plan import Plan
from groundup.training.sharding import is_sharded


@dataclass
class Record:
    """Where the run is, and the figures gathered since the last line of the log.

    Attributes
    ----------
    step : int
        The number of steps taken.
    seconds_before : float
        How long the run was trained before this process went on with it.
    window : list of float
        The sums of losses and of measures since the last line of the log, and their number.
    best : float
        The smallest value so far of the figure that ``Plan.keep_best`` names.
    history : list of dict
        The figures logged, oldest first.
    shown : dict
        The figures of the last step, for the progress bar.
    unread : list of Step
        Steps whose figures are still on the device.
    started : float
        The clock when this process began.
    """

    step: int = 0
    seconds_before: float = 0.0
    window: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    best: float = math.inf
    history: list[dict[str, float]] = field(default_factory=list)
    shown: dict[str, float] = field(default_factory=dict)
    unread: list[Step] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """How long the run has been trained in all."""
        return self.seconds_before + time.monotonic() - self.started

    def count(self, plan: Plan, step: Step) -> None:
        """Count a step and take its figures.

        Raises
        ------
        UserError
            Its loss is no number.
        """
        self.step += 1
        self.unread.append(step)
        # To read a figure is to wait for the device: on the CPU at once, elsewhere when it is needed.
        if plan.device.type == "cpu" or self.log_due(plan) or any(step.signals):
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
        """Tell whether a line of the log is due after this step."""
        return self.step % plan.log_every == 0 or self.step == plan.steps or self.evaluation_due(plan)

    def evaluation_due(self, plan: Plan) -> bool:
        """Tell whether the model is evaluated after this step."""
        if plan.evaluate is None:
            return False
        return self.step == plan.steps or (plan.evaluate_every > 0 and self.step % plan.evaluate_every == 0)

    def log(self, plan: Plan, run: Run | None) -> None:
        """Write a line of the log: means since the last one, and what is evaluated where that is due."""
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

    def is_out_of_patience(self, plan: Plan) -> bool:
        """Tell whether the training ends early; it depends on the log alone, so that a resumed run ends there, too."""
        if plan.patience is None or plan.keep_best is None:
            return False
        return has_stopped(self.history, plan.keep_best, plan.patience)

    def evaluate(self, plan: Plan, run: Run | None) -> dict[str, float]:
        """Evaluate the model, keep its weights where they are the best so far, and return the figures."""
        figures = evaluate_quietly(plan)
        if plan.keep_best is not None and run is not None and improves(figures[plan.keep_best], self.best):
            self.best = figures[plan.keep_best]
            run.save_model(plan.weights(plan.model), "best.safetensors")
        if plan.after_evaluation is not None and (plan.team.is_main or is_sharded(plan.model)):
            plan.after_evaluation(self.step, figures)
        return figures


def has_stopped(history: Sequence[Mapping[str, float]], figure: str, patience: int) -> bool:
    """Tell whether the last evaluations of a figure, ``patience`` of them, were no new best.

    Examples
    --------
    >>> has_stopped([{"step": step, "there": loss} for step, loss in enumerate([0.9, 0.5, 0.6, 0.7])], "there", 2)
    True
    """
    losses = [line[figure] for line in history if figure in line]
    if not losses:
        return False
    best, last = stop_early(losses, patience)
    return last - best >= patience


def evaluate_quietly(plan: Plan) -> dict[str, float]:
    """Return what a plan evaluates, without gradients, and leave the model in training mode."""
    assert plan.evaluate is not None
    plan.model.eval()
    # FSDP2 gathers weights into buffers that are used in training again: they must not be inference's.
    quiet = torch.no_grad() if is_sharded(plan.model) else torch.inference_mode()
    with quiet, plan.precision.autocast():
        figures = plan.evaluate()
    plan.model.train()
    return figures
