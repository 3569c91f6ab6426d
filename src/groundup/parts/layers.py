"""Layers and an optimiser made of a learner's functions and classes."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from groundup.base.errors import UserError
from groundup.steps.c4_training.linear import Linear
from groundup.steps.c6_gpt.attention import MultiHeadAttention
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.plain_block import PlainBlock
from groundup.steps.c6_gpt.positions import rotary_table
from groundup.steps.c6_gpt.transformer import Block
from groundup.steps.c7_beyond.experts import MixtureOfExperts


class PartLinear(nn.Module):
    """A linear layer that a learner's function computes; its weights are those of the layer it replaces."""

    def __init__(self, function: Callable[..., Tensor], old: Any) -> None:
        super().__init__()
        self.function = function
        self.weight = old.weight
        self.bias = old.bias
        # A learner's block may ask its own layers for their sizes.
        self.out_features, self.in_features = old.weight.shape

    def forward(self, x: Tensor) -> Tensor:
        """Return ``function(x, weight, bias)``."""
        bias = self.bias if self.bias is not None else torch.zeros(len(self.weight), dtype=self.weight.dtype)
        return self.function(x, self.weight, bias)


class PartActivation(nn.Module):
    """An activation that a learner's function computes, in PyTorch or in NumPy."""

    def __init__(self, function: Callable[..., Any], old: Any) -> None:  # noqa: ARG002 - the layers' shared signature
        super().__init__()
        self.function = function
        self.knows_tensors = takes_tensors(function)

    def forward(self, x: Tensor) -> Tensor:
        """Return ``function(x)``, value by value."""
        if self.knows_tensors:
            return self.function(x)
        result = _ElementwiseNumPy.apply(x, self.function)  # type: ignore[no-untyped-call]  # PyTorch's apply has no types
        assert isinstance(result, Tensor)
        return result


class PartDropout(nn.Module):
    """Dropout that a learner's function computes."""

    def __init__(self, function: Callable[..., Tensor], old: Any) -> None:
        super().__init__()
        self.function = function
        self.p = old.p

    def forward(self, x: Tensor) -> Tensor:
        """Return ``function(x, p, training)``."""
        return self.function(x, self.p, self.training)


class PartEmbedding(nn.Module):
    """An embedding that a learner's function looks up."""

    def __init__(self, function: Callable[..., Tensor], old: Any) -> None:
        super().__init__()
        self.function = function
        self.weight = old.weight
        self.num_embeddings, self.embedding_dim = old.weight.shape

    def forward(self, tokens: Tensor) -> Tensor:
        """Return ``function(weight, tokens)``."""
        return self.function(self.weight, tokens)


class PartMixture(MixtureOfExperts):
    """A mixture of experts that a learner's functions choose, mix and balance; router and experts are ours."""

    def __init__(self, functions: tuple[Callable[..., Any], ...], old: MixtureOfExperts) -> None:
        nn.Module.__init__(self)
        self.choose, self.mix, self.measure_balance = functions
        self.used, self.router, self.experts, self.balance = old.used, old.router, old.experts, None
        self.register_buffer("choices", old.choices, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the output, to be added to the stream."""
        tokens = x.flatten(0, -2)
        scores = self.router(tokens)
        weights, chosen = self.choose(scores, self.used)
        self.balance = self.measure_balance(scores, chosen)
        if not self.training:
            self.choices += torch.bincount(chosen.flatten(), minlength=len(self.choices))
        mixed: Tensor = self.mix(tokens, weights, chosen, tuple(self.experts))
        return mixed.view_as(x)


class PartOptimizer:
    """Adam, each step of it a learner's function.

    Parameters
    ----------
    function : callable
        ``adam_step(weights, gradient, m, v, step, learning_rate)`` → weights, m, v.
    parameters : iterable of Parameter
        What is trained.
    learning_rate : float
        As long as no schedule changes it.
    """

    def __init__(self, function: Callable[..., Any], parameters: Iterable[nn.Parameter], learning_rate: float) -> None:
        self.function = function
        kept = [parameter for parameter in parameters if parameter.requires_grad]
        self.param_groups: list[dict[str, Any]] = [{"params": kept, "lr": learning_rate}]
        self.moments = [(torch.zeros_like(parameter), torch.zeros_like(parameter)) for parameter in kept]
        self.steps = 0

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for parameter in self.param_groups[0]["params"]:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Let the function move every weight."""
        self.steps += 1
        (group,) = self.param_groups
        for place, parameter in enumerate(group["params"]):
            if parameter.grad is None:
                continue
            arguments = [parameter.detach(), parameter.grad, *self.moments[place]]
            found = self.function(*(value.numpy().copy() for value in arguments), self.steps, group["lr"])
            weights, first, second = (torch.as_tensor(np.asarray(value), dtype=parameter.dtype) for value in found)
            parameter.copy_(weights)
            self.moments[place] = (first, second)

    def state_dict(self) -> dict[str, Any]:
        """Return what a resumed run needs."""
        return {"steps": self.steps, "moments": [list(pair) for pair in self.moments]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a `state_dict`."""
        self.steps = state["steps"]
        self.moments = [(first.clone(), second.clone()) for first, second in state["moments"]]


def use_sampler(model: GPT, sampler: Callable[..., int]) -> None:
    """Let a learner's function draw the tokens that a model generates.

    Parameters
    ----------
    model : GPT
        Changed in place.
    sampler : callable
        ``sampler(logits, temperature, top_k)`` → token. It draws from torch's global generator.
    """

    def choose(
        logits: Tensor,
        generator: torch.Generator | None = None,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,  # noqa: ARG001 - the course's sampler has none
    ) -> int:
        seed = int(torch.randint(2**31, (), generator=generator))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            # A sampler may rely on top_k being no larger than the vocabulary.
            return int(sampler(logits.cpu(), temperature, top_k and min(top_k, len(logits))))

    model.generate = partial(type(model).generate, model, choose=choose)  # type: ignore[method-assign]


def takes_tensors(function: Callable[..., Any]) -> bool:
    """Tell whether a function of arrays takes a tensor, too, and lets its gradient through."""
    x = torch.tensor([-1.0, 0.5], requires_grad=True)
    try:
        result = function(x)
        return isinstance(result, Tensor) and result.requires_grad
    except Exception:  # noqa: BLE001 - a learner's code may raise anything
        return False


class _ElementwiseNumPy(torch.autograd.Function):
    """A NumPy function of single values. Its slope is measured: (f(x + h) − f(x − h)) / 2h in double precision."""

    @staticmethod
    def forward(context: Any, x: Tensor, function: Callable[..., Any]) -> Tensor:
        context.save_for_backward(x)
        context.function = function
        return _apply_numpy(function, x)

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (x,) = context.saved_tensors
        wide, step = x.double(), 1e-6
        rise = _apply_numpy(context.function, wide + step) - _apply_numpy(context.function, wide - step)
        return gradient * (rise / (2 * step)).to(gradient.dtype), None


def _apply_numpy(function: Callable[..., Any], x: Tensor) -> Tensor:
    found = np.asarray(function(x.detach().double().numpy().ravel()), dtype=float)
    return torch.from_numpy(found.reshape(x.shape)).to(x.dtype)


def build_block(make: Callable[..., nn.Module], old: PlainBlock) -> nn.Module:
    """Build a learner's block with the sizes and weights of ours; its heads may lack their last map."""
    width = old.attention.query.weight.shape[1]
    block = build(make, width, old.attention.heads)
    for layer in block.modules():
        if isinstance(layer, nn.Dropout):
            layer.p = old.feed_forward.drop.p
    if not fits(block, old):
        old = copy.deepcopy(old)
        old.attention.output = nn.Identity()  # type: ignore[assignment]
        refuse_unless(fits(block, old), block)
    return block


class PartBlock(nn.Module):
    """A learner's block in the place of one with rotary positions. It computes in float32, and has no cache.

    Parameters
    ----------
    block : nn.Module
        Takes the tokens' vectors and two tables, of cosines and of sines.
    width, head_width : int
        d and h.
    """

    def __init__(self, block: nn.Module, width: int, head_width: int) -> None:
        super().__init__()
        self.block, self.width, self.head_width = block, width, head_width

    def forward(self, x: Tensor, rotary: tuple[Tensor, Tensor], cache: None = None) -> Tensor:
        """Return the stream after this block."""
        assert cache is None
        with torch.autocast(x.device.type, enabled=False):
            found: Tensor = self.block(x.float() if x.dtype == torch.bfloat16 else x, *rotary)
        return found


def build_modern_block(make: Callable[..., nn.Module], old: Block) -> nn.Module:
    """Build a learner's block of the modern preset with the sizes and weights of ours.

    Raises
    ------
    UserError
        Ours drops something, or it cannot be found what the learner's weights are for.
    """
    from groundup.judge.weight_matching import find_roles, scatter

    if old.drop.p > 0:
        raise UserError(f"--set dropout={old.drop.p:g}: a block that answers modern-block drops nothing. Leave it out.")
    attention, width = old.attention, len(old.attention_norm.weight)
    hidden, head_width = old.feed_forward.expand.weight.shape[0], len(attention.query_norm.weight)
    block = build(make, width, attention.heads, hidden)
    # Some of our weights begin at 0, and all norms at 1: only random ones show which is which.
    random = torch.Generator().manual_seed(0)
    trial = copy.deepcopy(old)
    for parameter in trial.parameters():
        parameter.data.normal_(generator=random)
    probe = torch.randn(2, 4, width, generator=random)

    def read(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
        return Block.forward(trial, x, (cosines, sines))

    trial.forward = read  # type: ignore[assignment,method-assign]
    pieces = find_roles(trial, block, probe, *rotary_table(4, head_width))
    refuse_unless(pieces is not None, block)
    with torch.no_grad():
        scatter(pieces or [], dict(old.named_parameters()), dict(block.named_parameters()))
    return PartBlock(block, width, head_width)


def build_heads(make: Callable[..., nn.Module], old: MultiHeadAttention) -> nn.Module:
    """Build a learner's heads with the sizes and weights of ours; where they lack the last map, ours follows."""
    width = old.query.weight.shape[1]
    heads = build(make, width, width, old.heads)
    if fits(heads, old):
        return heads
    bare = copy.deepcopy(old)
    bare.output = nn.Identity()  # type: ignore[assignment]
    refuse_unless(fits(heads, bare), heads)
    return nn.Sequential(heads, old.output)


class SideBySide(nn.Module):
    """Single heads of a learner's, their results joined and mapped by our output layer."""

    def __init__(self, heads: list[nn.Module], output: nn.Module) -> None:
        super().__init__()
        self.heads = nn.ModuleList(heads)
        self.output = output

    def forward(self, x: Tensor) -> Tensor:
        """Return each token's new vector."""
        return self.output(torch.cat([head(x) for head in self.heads], dim=-1))


def build_attention(make: Callable[..., nn.Module], old: MultiHeadAttention) -> nn.Module:
    """Build as many of a learner's single heads as ours has, each with its share of our weights."""
    from groundup.steps.c6_gpt.attention import SingleHeadAttention

    joined, width = old.query.weight.shape
    head_width = joined // old.heads
    heads = []
    for number in range(old.heads):
        ours = SingleHeadAttention(width, head_width)
        for name in ("query", "key", "value"):
            rows = getattr(old, name).weight[number * head_width : (number + 1) * head_width]
            getattr(ours, name).weight.data.copy_(rows)
        head = build(make, width, head_width)
        refuse_unless(fits(head, ours), head)
        heads.append(head)
    return SideBySide(heads, old.output)


def build(make: Callable[..., nn.Module], *sizes: int) -> nn.Module:
    """Build a learner's module; a seed that it sets in its constructor stays without effect on the run."""
    with torch.random.fork_rng(devices=[]):
        return make(*sizes)


def fits(module: nn.Module, old: nn.Module) -> bool:
    """Give a learner's module the weights of ours, each by its role; return whether both then answer alike."""
    from groundup.judge.weight_matching import copy_by_role

    width = next(layer.weight.shape[1] for layer in old.modules() if isinstance(layer, Linear))
    probe = torch.randn(2, 4, width, generator=torch.Generator().manual_seed(0))
    return copy_by_role(old, module, probe)


def refuse_unless(right: bool, module: nn.Module) -> None:
    """Raise where the roles of a learner's weights cannot be found."""
    if not right:
        name = type(module).__name__
        raise UserError(f"{name}: what each of its weights is for cannot be told. Name them after it: query, key, …")
