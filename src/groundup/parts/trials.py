"""Tries a learner's part as a model will use it: a right answer can still be no part of something that learns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from groundup.base.errors import UserError
from groundup.steps.c7_beyond.answer_loss import IGNORED


def try_function(part: str, function: Callable[..., Any], where: str) -> None:
    """Call a part's function as a model does.

    Parameters
    ----------
    part : str
        Its name.
    function : callable
        The learner's.
    where : str
        What to call it: ``"embedding=mine.py"``.

    Raises
    ------
    UserError
        It cannot stand in a model: it fails there, returns something else, or lets no gradient through.
    """
    if part not in TRIALS:
        return
    wanted, arguments = TRIALS[part]()
    leaves = [value for value in arguments if isinstance(value, Tensor) and value.requires_grad]
    try:
        result = function(*arguments)
    except Exception as error:
        text = " ".join(str(error).split())[:200]
        raise _refuse(where, f"in a model it raises {type(error).__name__}: {text}") from error
    if not isinstance(result, Tensor):
        raise _refuse(where, f"it returns a {type(result).__name__}, and a model needs a tensor to learn through")
    if result.shape != wanted:
        raise _refuse(where, f"for a batch it returns the shape {tuple(result.shape)} instead of {tuple(wanted)}")
    if leaves and not result.requires_grad:
        raise _refuse(where, "no gradient goes through it, so that nothing before it learns")
    found = torch.autograd.grad(result.sum(), leaves, allow_unused=True) if leaves else ()
    if any(gradient is None for gradient in found):
        raise _refuse(where, "a gradient does not reach all of its arguments, so that those would not learn")


def _refuse(where: str, reason: str) -> UserError:
    return UserError(f"--with {where}: right as an answer, but no part of a model: {reason}.")


def _floats(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0)).requires_grad_()


def _try_linear() -> tuple[Any, tuple[Any, ...]]:
    return torch.Size([2, 3, 5]), (_floats(2, 3, 4), _floats(5, 4), _floats(5))


def _try_embedding() -> tuple[Any, tuple[Any, ...]]:
    return torch.Size([2, 3, 4]), (_floats(6, 4), torch.tensor([[0, 5, 2], [3, 3, 1]]))


def _try_dropout() -> tuple[Any, tuple[Any, ...]]:
    return torch.Size([2, 3, 4]), (_floats(2, 3, 4), 0.2, True)


def _try_loss() -> tuple[Any, tuple[Any, ...]]:
    return torch.Size([]), (_floats(6, 4), torch.tensor([0, 3, 1, 1, 2, 0]))


def _try_answer_loss() -> tuple[Any, tuple[Any, ...]]:
    return torch.Size([]), (_floats(2, 3, 4), torch.tensor([[IGNORED, 1, 3], [IGNORED, IGNORED, 0]]))


def _try_advantage() -> tuple[Any, tuple[Any, ...]]:
    return torch.Size([2, 3]), (torch.tensor([[1.0, 0.0, 0.0], [1.0, 1.0, 1.0]]),)


def _try_policy_loss() -> tuple[Any, tuple[Any, ...]]:
    chances = -_floats(2, 3).detach().abs()
    return torch.Size([]), (chances.clone().requires_grad_(), chances, chances, torch.tensor([1.0, -1.0]), 0.2, 0.01)


TRIALS: dict[str, Callable[[], tuple[Any, tuple[Any, ...]]]] = {
    "linear": _try_linear,
    "embedding": _try_embedding,
    "dropout": _try_dropout,
    "loss": _try_loss,
    "answer-loss": _try_answer_loss,
    "advantage": _try_advantage,
    "policy-loss": _try_policy_loss,
}


def try_module(module: nn.Module, where: str, *inputs: Any) -> None:
    """Ask a module for its gradients, in training, as a model does; errors as in `try_function`."""
    module.train()
    try:
        with torch.random.fork_rng(devices=[]):
            output = module(*inputs)
        if not isinstance(output, Tensor) or not output.requires_grad:
            raise _refuse(where, "no gradient goes through it, so that nothing in it learns")
        output.sum().backward()
    except RuntimeError as error:
        text = " ".join(str(error).split())[:160]
        raise _refuse(where, f"its gradients cannot be computed: {text}") from error
    lost = [name for name, value in module.named_parameters() if value.grad is None]
    module.zero_grad(set_to_none=True)
    if len(lost) == len(list(module.parameters())):
        raise _refuse(where, "no gradient reaches any of its weights")
