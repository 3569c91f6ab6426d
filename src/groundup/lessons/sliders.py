"""Trainings along a slider: while a hand moves it, those for all its values are computed side by side.

A training of a few numbers spends its time on calls, not on numbers: a hundred of them at once take as long as two to
five one after another. So a hand that drags a slider waits once, and then every picture is there.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call, vmap

from groundup.lessons.views import Slider
from groundup.steps.c4_training.optimisers import sgd_step

Result = TypeVar("Result")
# After so many values of a slider, the hand is taken to move it.
MOVED = 2
MOST_RESULTS, MOST_MOVES = 600, 200


class AlongSliders(Generic[Result]):
    """Keeps results by the values of controls.

    Parameters
    ----------
    compute : callable
        Takes the values of the controls by name, returns the result.
    compute_all : callable
        Takes several such values, which differ in one slider, and returns their results.
    sliders : sequence of Slider
        Those whose values are computed at once.
    """

    def __init__(
        self,
        compute: Callable[..., Result],
        compute_all: Callable[[list[dict[str, Any]]], Sequence[Result]],
        sliders: Sequence[Slider],
    ) -> None:
        self.compute, self.compute_all = compute, compute_all
        self.values = {slider.name: slider.list_values() for slider in sliders}
        self._kept: OrderedDict[Hashable, Result] = OrderedDict()
        self._asked: OrderedDict[Hashable, set[float]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, **values: Any) -> Result:
        """Return the result for values of the controls."""
        with self._lock:
            key = _name(values)
            if key not in self._kept:
                self._add(values)
            for name in self.values:
                asked = self._asked.setdefault(_name(values, name), set())
                self._asked.move_to_end(_name(values, name))
                if len(asked) < MOVED:
                    asked.add(values[name])
            self._kept.move_to_end(key)
            while len(self._asked) > MOST_MOVES:
                self._asked.popitem(last=False)
            while len(self._kept) > MOST_RESULTS:
                self._kept.popitem(last=False)
            return self._kept[key]

    def _add(self, values: dict[str, Any]) -> None:
        for name, all_values in self.values.items():
            asked = self._asked.get(_name(values, name), ())
            if len(asked) >= MOVED and values[name] in all_values:
                places = [{**values, name: value} for value in all_values]
                for place, result in zip(places, self.compute_all(places), strict=True):
                    self._kept[_name(place)] = result
                return
        self._kept[_name(values)] = self.compute(**values)


def _name(values: Mapping[str, Any], without: str = "") -> Hashable:
    return without, tuple(sorted((name, value) for name, value in values.items() if name != without))


class SideBySide(nn.Module):
    """Copies of a model, each with parameters of its own: an answer holds those of all copies, the first one's first.

    Parameters
    ----------
    model : nn.Module
        What is copied.
    count : int
        How many copies there are.
    """

    def __init__(self, model: nn.Module, count: int) -> None:
        super().__init__()
        self.copied = [model]  # in a list, since its own parameters are none of these
        self.stacked = {
            name: parameter.detach().expand(count, *parameter.shape).clone().requires_grad_()
            for name, parameter in model.named_parameters()
        }

    def forward(self, x: Tensor) -> Float[Tensor, "copy *shape"]:
        """Return what each copy answers to the same input."""
        (model,) = self.copied
        answers: Tensor = vmap(lambda parameters: functional_call(model, parameters, (x,)))(self.stacked)
        return answers


class SideBySideSGD:
    """Gradient descent on many copies, each with a learning rate of its own: the step's `sgd_step`.

    Parameters
    ----------
    parameters : sequence of Tensor
        The copies along the first dimension of each.
    learning_rates : sequence of float
        One per copy.
    """

    def __init__(self, parameters: Sequence[Tensor], learning_rates: Sequence[float]) -> None:
        self.parameters = list(parameters)
        self.learning_rates = torch.tensor(learning_rates, dtype=self.parameters[0].dtype)

    def zero_grad(self) -> None:
        """Clear the gradients."""
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Change the parameters, using their gradients."""
        for parameter in self.parameters:
            if parameter.grad is not None:
                # The step takes one learning rate: those of the copies go into their gradients.
                scaled = self.learning_rates.view(-1, *[1] * (parameter.ndim - 1)) * parameter.grad
                parameter.copy_(sgd_step(parameter, scaled, 1.0))
