"""A batch shared by several processes, and computed in parts: what stands around `groundup.training.loop.train_step`.

The step knows nothing of it. It is called once per part, with a loss function and an optimizer that do what is needed:
the loss counts by its part's share of the batch, and the optimizer clears the gradients before the first part only,
and steps after the last one only, when the gradients are summed over the processes (data parallelism) and clipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from groundup.training.plan import Plan
from groundup.training.sharding import is_sharded

# Steps whose result this module computes in another way, and the tests that check that the two agree.
EQUALS = {
    "gradient_accumulation": "tests/training/test_accumulation.py::test_a_batch_in_parts_is_the_step_of_the_course",
    "gradient_clipping": "tests/training/test_accumulation.py::test_clipped_gradients_are_those_of_the_course",
}


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


class SharedStep:
    """The loss function and the optimizer of one step.

    Parameters
    ----------
    plan : Plan
        What is trained.
    signals : sequence of bool
        What this process asks for; it is sent with the gradients, and every process learns what any asked for.
    """

    def __init__(self, plan: Plan, signals: Sequence[bool] = ()) -> None:
        self.plan, self.signals = plan, list(signals)
        self.alone = plan.team.size == plan.accumulation_steps == 1
        self.share, self.is_first, self.is_last = 1.0, True, True
        self.figures: Tensor | None = None
        self.model = plan.precision.wrap(plan.ask or plan.model)
        self._measure_loss = plan.precision.wrap(plan.loss_function)

    def split(self, inputs: Any, targets: Any) -> Iterator[tuple[Any, Any]]:
        """Yield this process's parts of a batch, one after the other.

        Raises
        ------
        UserError
            The batch has fewer rows than there are processes times parts.
        """
        if self.alone:
            yield inputs, targets
            return
        rows = self.plan.team.take_rows(len(targets), self.plan.accumulation_steps)
        for number, part in enumerate(rows, start=1):
            self.share = (part.stop - part.start) / len(targets)
            self.is_first, self.is_last = number == 1, number == len(rows)
            if is_sharded(self.plan.model):
                self.plan.model.set_requires_gradient_sync(self.is_last)  # type: ignore[operator]
            yield inputs[part], targets[part]

    def loss_function(self, prediction: Any, targets: Any) -> Tensor:
        """Return the loss, multiplied by the part's share of the batch; what is measured is kept for `result`."""
        loss = self._measure_loss(prediction, targets)
        value = loss.detach().float()
        measured = torch.zeros_like(value)
        if self.plan.measure is not None:
            with torch.no_grad():
                measured = torch.as_tensor(self.plan.measure(prediction, targets)).float()
        if self.alone:
            self.figures = torch.stack([value, measured])
            return loss
        if self.figures is None:
            self.figures = torch.zeros(2, device=targets.device)
        self.figures += self.share * torch.stack([value, measured])
        return loss if self.share == 1 else loss * self.share

    def zero_grad(self) -> None:
        """Clear the gradients before the first part."""
        if self.is_first:
            self.plan.optimizer.zero_grad()

    def step(self) -> None:
        """Sum the gradients over the processes, clip them, and move the weights, after the last part."""
        if not self.is_last:
            return
        if not self.alone:
            self._all_reduce()
        if self.plan.clip_norm is not None:
            nn.utils.clip_grad_norm_(self.plan.model.parameters(), self.plan.clip_norm)
        self.plan.optimizer.step()

    @property
    def result(self) -> Step:
        """What the step told, once it is done."""
        assert self.figures is not None
        return Step(self.figures[0], self.figures[1], self.signals)

    def _all_reduce(self) -> None:
        """Sum gradients and figures; each process's signals go out with them."""
        assert self.figures is not None
        team, model = self.plan.team, self.plan.model
        gradients = [] if is_sharded(model) else [one.grad for one in model.parameters() if one.grad is not None]
        message, asked = [*gradients, self.figures], torch.tensor([float(one) for one in self.signals])
        if self.figures.device.type == "cpu":
            team.all_reduce_sum([*message, asked])
        else:  # signals are read at once: a message of their own does not wait until the device has done the step
            team.all_reduce_sum(message)
            team.all_reduce_sum([asked])
        self.signals = asked.bool().tolist()
