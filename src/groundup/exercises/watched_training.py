"""A training that is watched: the model, the loss and the optimizer write down what an answer does with them."""

from __future__ import annotations

from typing import Any

# A linear model, a loss and an optimizer that write down what happens to them.
WATCHED = """
import torch

class Model(torch.nn.Module):
    def __init__(self, events, weight):
        super().__init__()
        self.weight, self.events = torch.nn.Parameter(weight.clone()), events

    def forward(self, inputs):
        self.events.append(("predict", self.training, inputs.detach().clone()))
        return inputs @ self.weight

    def zero_grad(self, set_to_none=True):
        self.events.append(("zero_grad",))
        super().zero_grad(set_to_none)

class Optimizer:
    def __init__(self, model, rate):
        self.model, self.rate = model, rate
        self.param_groups = [{"params": [model.weight], "lr": rate}]

    def zero_grad(self, set_to_none=True):
        self.model.zero_grad(set_to_none)

    def step(self):
        self.model.events.append(("step",))
        if self.model.weight.grad is not None:
            with torch.no_grad():
                self.model.weight -= self.rate * self.model.weight.grad

class Watched:
    def __init__(self, weight, rate, training, old_gradient):
        self.events = []
        self.model = Model(self.events, weight)
        self.model.weight.grad = old_gradient
        self.model.train(training)
        self.optimizer = Optimizer(self.model, rate)

    def loss_function(self, prediction, targets):
        self.events.append(("loss", prediction.detach().clone(), targets.detach().clone()))
        loss = ((prediction - targets) ** 2).mean()
        if loss.requires_grad:
            def note(slope):
                old = self.model.weight.grad
                self.events.append(("backward", old is None or not old.any()))
            loss.register_hook(note)
        return loss

    def list_events(self):
        return self.events

    def read_weight(self):
        return self.model.weight.detach().clone()


def make(weight, rate, training, old_gradient=None):
    return Watched(weight, rate, training, old_gradient)
"""
PICK = """
def make(watched, name):
    return getattr(watched, name)
"""


def is_cleared_too_late(events: list[tuple[Any, ...]]) -> bool:
    """Tell whether gradients are cleared after they were computed and before they are used."""
    names = [event[0] for event in events if event[0] in ("zero_grad", "backward", "step")]
    return any(names[place : place + 3] == ["backward", "zero_grad", "step"] for place in range(len(names)))
