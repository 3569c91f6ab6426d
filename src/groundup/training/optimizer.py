"""What an optimiser has beside its rule: groups of parameters, a state for each, and a way to save both.

The same surface as ``torch.optim.Optimizer``, whose first use imports torch's compiler: 0.9 seconds that a training run
of a few seconds would rather spend on training.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from torch import Tensor

from groundup.runs.sharded_tensors import laid_like


class Optimizer:
    """Groups of parameters and their state; a subclass adds ``step``.

    Parameters
    ----------
    groups : list of dict
        ``{"params": [...], "lr": ..., …}``: a group's parameters and numbers.

    Attributes
    ----------
    param_groups : list of dict
        The groups.
    state : dict
        Parameter → what is remembered of it, by name.
    """

    def __init__(self, groups: list[dict[str, Any]]) -> None:
        self.param_groups = [{**group, "params": list(group["params"])} for group in groups]
        self.state: defaultdict[Tensor, dict[str, Any]] = defaultdict(dict)

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for parameter in self._parameters():
            parameter.grad = None

    def state_dict(self) -> dict[str, Any]:
        """Return state and groups with the parameters' places for the parameters, as ``torch.optim`` does."""
        places = {parameter: place for place, parameter in enumerate(self._parameters())}
        groups = [
            {**group, "params": [places[parameter] for parameter in group["params"]]} for group in self.param_groups
        ]
        return {"state": {places[key]: dict(value) for key, value in self.state.items()}, "param_groups": groups}

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Take back what `state_dict` gave for the same parameters in the same order.

        Raises
        ------
        ValueError
            The groups are of other sizes.
        """
        sizes = [len(group["params"]) for group in saved["param_groups"]]
        if sizes != [len(group["params"]) for group in self.param_groups]:
            raise ValueError(f"the saved groups have {sizes} parameters, these do not")
        for group, kept in zip(self.param_groups, saved["param_groups"], strict=True):
            group.update({name: value for name, value in kept.items() if name != "params"})
        parameters = self._parameters()
        self.state.clear()
        for place, remembered in saved["state"].items():
            parameter = parameters[int(place)]
            self.state[parameter] = {
                name: _placed(value, parameter) if isinstance(value, Tensor) else value
                for name, value in remembered.items()
            }

    def _parameters(self) -> list[Tensor]:
        return [parameter for group in self.param_groups for parameter in group["params"]]


def _placed(value: Tensor, parameter: Tensor) -> Tensor:
    """Return a copy of what is remembered of a parameter, where the parameter is."""
    return laid_like(value, parameter) if value.shape == parameter.shape else value.to(parameter.device, copy=True)
