"""A text on its way through the learner's GPT, one stage after the other."""

from __future__ import annotations

from typing import Any

import torch

from groundup.lessons.pages.transformer.tracing import Off, Trace, draw_run, quote, read_tokens, trace
from groundup.lessons.trained import OpenedGPT, open_newest_gpt, tell_waiting

STAGES = 7


@tell_waiting
@torch.inference_mode()
def compute_path(text: str, stage: int, token: int) -> dict[str, Any]:
    """Return the whole way from a text to the next token.

    Returns
    -------
    dict
        As of `draw_run`, and ``stage``, from 1; ``told``: for each stage what happens there; ``says``, that of the
        stage.
    """
    opened = open_newest_gpt()
    tokens = read_tokens(opened, text)
    found = trace(opened, tokens, Off())
    place = min(token or len(tokens), len(tokens)) - 1
    frame = draw_run(opened, tokens, found, place)
    told = tell_stages(opened, frame, found)
    return frame | {"stage": stage, "told": told, "says": told[stage - 1]}


def tell_stages(opened: OpenedGPT, frame: dict[str, Any], found: Trace) -> list[str]:
    """Return a sentence or two for each stage of the way, for the chosen token."""
    settings, place, count = opened.model.settings, frame["token"], len(frame["tokens"])
    name, best = quote(frame["tokens"][place]), frame["next"][0]
    layers, width = settings.layers, settings.width

    def look(layer: int) -> str:
        mean = found.weights[layer][:, place].float().mean(dim=0)
        most = int(mean.argmax())
        where = "itself" if most == place else f"token {most + 1}, {quote(frame['tokens'][most])}"
        return f"{name} takes most from {where} ({float(mean[most]):.0%}, the mean of {settings.heads} heads)"

    others = f"Block 2 {'does' if layers == 2 else f'to block {layers} do'} the same with other weights"
    return [
        f"Tokens: the text is cut into {count}. {name} is number {frame['numbers'][place]} of {settings.vocabulary}.",
        f"Vectors: each number chooses a row of a table, {width} numbers. Equal tokens have equal rows.",
        f"Attention of block 1: {look(0)}.",
        f"Feed-forward of block 1: each token alone, {width} numbers become {settings.hidden}, and {width} again.",
        f"{others}: in the last one {look(layers - 1)}." if layers > 1 else "This model has one block only.",
        f"Scores: the vector of {name} becomes {settings.vocabulary} numbers, one for each token, and a softmax makes "
        "probabilities of them.",
        f"After {name} the likeliest next token is {quote(best['text'])} with {best['p']:.0%}. It is appended, and all "
        f"begins again. {opened.whose}",
    ]
