"""One token's vector on its way through one block of a GPT: what each box reads and what it returns."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from groundup.lessons.pages.transformer.tracing import read_tokens
from groundup.lessons.trained import open_newest_gpt, tell_waiting
from groundup.models.attention_maps import catch_inputs, head_weights
from groundup.steps.c7_beyond.logit_lens import recorded_stream

MOST_CELLS = 72  # of more numbers, every second, third, … is drawn
BOXES = ("norm", "attention", "+", "norm", "feed-forward", "+")


@tell_waiting
@torch.inference_mode()
def follow_vector(text: str, box: int, block: int, token: int) -> dict[str, Any]:
    """Return what one box of a block does to the vector of one token.

    Parameters
    ----------
    text : str
        Its last 16 tokens are read.
    box, block, token : int
        All from 1; the last block or token where there are fewer.

    Returns
    -------
    dict
        ``boxes``, their names; ``box``, ``block`` and ``token``, from 0; ``tokens``; ``strips``: what the box reads and
        returns, ``{"name", "numbers", "count", "size"}`` each, where ``size`` is the root of the mean square of all
        ``count`` numbers; ``weights``: for attention how much each head takes from each token, H×T, else ``None``;
        ``says``.
    """
    opened = open_newest_gpt()
    model = opened.model
    tokens = read_tokens(opened, text)
    texts = [opened.tokenizer.decode([number]) for number in tokens]
    layer, place = min(block, len(model.blocks)) - 1, min(token, len(tokens)) - 1
    attention, read_by_attention, rotary = catch_inputs(model, tokens)[layer]
    feed_forward: nn.Module = model.blocks[layer].feed_forward  # type: ignore[assignment]
    found: dict[str, Tensor] = {}
    with ExitStack() as hooks:
        stream = hooks.enter_context(recorded_stream(model))

        def keep(name: str, part: nn.Module) -> None:
            def look(_: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
                found[f"{name} reads"], found[name] = inputs[0][0, place].float(), output[0, place].float()

            hooks.callback(part.register_forward_hook(look).remove)

        keep("attention", attention)
        keep("feed-forward", feed_forward)
        if isinstance(contract := getattr(feed_forward, "contract", None), nn.Module):
            keep("contract", contract)
        model(torch.tensor([tokens]))
    x, after = (level[0, place].float() for level in stream[layer : layer + 2])
    middle = x + found["attention"]
    hidden = found.get("contract reads")
    of = f"“{texts[place]}”"
    shown: list[list[tuple[str, Tensor]]] = [
        [("x, the stream", x), ("norm(x)", found["attention reads"])],
        [("norm(x)", found["attention reads"]), ("attention", found["attention"])],
        [("x", x), ("attention", found["attention"]), ("x + attention", middle)],
        [("x, the stream", middle), ("norm(x)", found["feed-forward reads"])],
        [
            ("norm(x)", found["feed-forward reads"]),
            *([("hidden", hidden)] if hidden is not None else []),
            ("feed-forward", found["feed-forward"]),
        ],
        [("x", middle), ("feed-forward", found["feed-forward"]), ("x + feed-forward", after)],
    ]
    strips = [describe(name, numbers) for name, numbers in shown[box - 1]]
    weights = head_weights(attention, read_by_attention, rotary)[0, :, place, : place + 1].float()
    before, came = strips[0]["size"], strips[-1]["size"]
    told = {
        "norm": f"The norm brings the vector of {of} from size {before:.2g} to {came:.2g}.",
        "attention": f"Each of {len(weights)} heads takes from tokens up to {of}. The results are joined and mixed.",
        "feed-forward": f"Here {of} is alone: {len(x)} numbers become {0 if hidden is None else len(hidden)}, and "
        f"these {len(x)} again.",
        "+": f"What was computed is added to the stream: size {before:.2g} before, {came:.2g} after.",
    }
    return {
        "boxes": BOXES,
        "box": box - 1,
        "block": layer,
        "token": place,
        "tokens": texts,
        "strips": strips,
        "weights": weights if BOXES[box - 1] == "attention" else None,
        "says": f"Block {layer + 1}, box {box}. {told[BOXES[box - 1]]}",
    }


def describe(name: str, numbers: Float[Tensor, " channel"]) -> dict[str, Any]:
    """Return a vector as a strip of at most `MOST_CELLS` of its numbers."""
    every = -(-len(numbers) // MOST_CELLS)
    size = float(numbers.square().mean().sqrt())
    return {"name": name, "numbers": numbers[::every], "count": len(numbers), "size": size}
