"""What is trained, on what, how, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from groundup.runs.checkpoint import model_tensors
from groundup.training.distributed import ProcessGroup, current_process_group
from groundup.training.precision import Precision

CPU = torch.device("cpu")


def constant(progress: float) -> float:  # noqa: ARG001 - the signature of schedules
    """Keep the learning rate as it is."""
    return 1.0


@dataclass(frozen=True)
class TimeBudget:
    """What the training loop needs to know to end in time.

    Attributes
    ----------
    seconds : float or None
        How long the loop may take; the plan's steps are then changed on the way (`groundup.training.pace`). ``None``
        without a budget.
    step_seconds, evaluation_seconds : float
        What a step and an evaluation took before the training, where they were timed.
    """

    seconds: float | None = None
    step_seconds: float | None = None
    evaluation_seconds: float = 0.0


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
    budget : TimeBudget
        How long the training may take.
    schedule : callable
        Progress in [0, 1) → factor on each parameter group's own learning rate.
    measure : callable, optional
        ``(prediction, targets) -> Tensor``: a training figure such as accuracy, named ``measure_name``.
    evaluate : callable, optional
        ``() -> dict``: figures on held-out data, taken every ``evaluate_every`` steps and at the end.
    keep_best : str, optional
        The name of an evaluated figure: the weights at which it was smallest are kept in ``best.safetensors``.
    patience : int or None
        After so many evaluations in a row without a new best of ``keep_best`` the training ends; never if left out.
    accumulation_steps : int
        The number of parts of a batch that are computed one after the other, their gradients summed: more parts need
        less memory, and learn the same.
    team : ProcessGroup
        The processes that train it together; each gets the same batches and takes its rows.
    device : torch.device
        Where model and batches are.
    ask : callable, optional
        ``inputs -> prediction``, where inputs are more than the model's one argument; the model itself by default.
    weights : callable
        From the model to its weights to use, by name; all its tensors by default.
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
    patience: int | None = None
    ask: Callable[[Any], Any] | None = None
    weights: Callable[[nn.Module], dict[str, Tensor]] = model_tensors
    accumulation_steps: int = 1
    log_every: int = 20
    checkpoint_seconds: float = 15.0
    description: str = "training"
    team: ProcessGroup = field(default_factory=current_process_group)
    device: torch.device = CPU
    budget: TimeBudget = field(default_factory=TimeBudget)
