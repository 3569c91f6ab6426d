r"""The logit lens: what a GPT would predict after each of its blocks.

A GPT ends with a norm and a linear layer, which make logits of the residual stream x. The same two can be applied to
the stream after any block:

.. math:: z_l = W_\text{output} \, \mathrm{norm}(x_l), \qquad p_l = \mathrm{softmax}(z_l)

x₀ is the stream after the embedding (with the positions, where these are added), and x_l the stream after block l. The
norm and W are those of the trained model; a bias is added where the model has one. After the last block this is the
model's own prediction. The earlier ones show how the prediction forms. They are readings, not what the model "thinks":
norm and W were trained for the last stream only, so a block may know what they cannot read. (nostalgebraist,
"Interpreting GPT: the logit lens", 2020.)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from jaxtyping import Float, Int
from torch import Tensor, nn

from groundup.steps.c6_gpt.gpt import GPT


@contextmanager
def recorded_stream(model: GPT) -> Iterator[list[Tensor]]:
    """Record the residual stream of a model, whichever way it is called in the meantime.

    Yields
    ------
    list of Tensor
        Empty at first. After a call of the model: B×T×C each, the stream after the embedding, then after each block.
    """
    stream: list[Tensor] = []

    def keep(_: nn.Module, inputs: tuple[Any, ...]) -> None:
        stream.append(inputs[0])

    with ExitStack() as hooks:
        # What a block adds is in the input of what comes after it.
        for module in (*model.blocks, model.final_norm):
            hooks.callback(module.register_forward_pre_hook(keep).remove)
        yield stream


def read_stream(model: GPT, x: Float[Tensor, "*batch channel"]) -> Float[Tensor, "*batch vocabulary"]:
    """Return the logits that the model's last norm and output layer make of the stream at any place."""
    return model.output(model.final_norm(x))


def logit_lens(model: GPT, tokens: Int[Tensor, "batch time"]) -> list[Float[Tensor, "batch time vocabulary"]]:
    """Return the logits after the embedding and after each block, the model's own ones last.

    Examples
    --------
    >>> import torch
    >>> from groundup.steps.c6_gpt.gpt_settings import GPTSettings
    >>> model = GPT(GPTSettings(vocabulary=9, context=8, layers=2, heads=2, width=16))
    >>> tokens = torch.tensor([[1, 2, 3]])
    >>> logits = logit_lens(model, tokens)
    >>> len(logits), torch.equal(logits[-1], model(tokens))
    (3, True)
    """
    with recorded_stream(model) as stream:
        model(tokens)
    return [read_stream(model, x) for x in stream]
