"""A whole GPT whose parts can be switched off, what it says after each block, and what each part adds to a logit."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

from groundup.lessons.origins import Factor, trace_sum
from groundup.lessons.pages.transformer.tracing import (
    GUESSES,
    LIKELIEST,
    Off,
    Trace,
    draw_run,
    guess,
    quote,
    read_tokens,
    split_logits,
    trace,
)
from groundup.lessons.trained import OpenedGPT, open_newest_gpt, tell_waiting
from groundup.steps.c7_beyond.logit_lens import read_stream

NOTHING = "nothing"
PARTS = {
    "attention 1": Off(attention=frozenset({0})),
    "feed-forward 1": Off(feed_forward=frozenset({0})),
    "block 1": Off(attention=frozenset({0}), feed_forward=frozenset({0})),
}


@tell_waiting
@torch.inference_mode()
def compute_path(text: str, off: str, token: int) -> dict[str, Any]:
    """Return the whole way from a text to the next token, with parts of the model switched off.

    Returns
    -------
    dict
        As of `draw_run`, and ``lens``, the likeliest next tokens after the embedding and each block; ``whole``, those
        with nothing switched off; ``losses``: the mean loss on the text's own tokens now, and with nothing switched
        off; ``off``: the heads, attentions and feed-forwards that are; ``says``.
    """
    opened = open_newest_gpt()
    settings = opened.model.settings
    switched = Off.read(off, settings.layers, settings.heads)
    tokens = read_tokens(opened, text)
    found = trace(opened, tokens, switched)
    chosen = min(token or len(tokens), len(tokens)) - 1
    whole = found if switched == Off() else trace(opened, tokens, Off())
    frame = draw_run(opened, tokens, found, chosen)
    lens = [read_stream(opened.model, level[chosen]).float() for level in found.stream]
    last, after = frame["tokens"][chosen], frame["next"][0]
    before = guess(opened, whole.logits[chosen], LIKELIEST)
    told = f"{f'After “{last}”' if last.strip() else 'Then'} the likeliest next token is “{after['text']}” with "
    told += f"{after['p']:.0%}."
    losses = [measure_text(one, tokens) for one in (found, whole)]
    if whole is not found:
        told += f" With all parts on it is “{before[0]['text']}” with {before[0]['p']:.0%}."
    if len(tokens) > 1:
        told += f" Mean loss on this text: {losses[0]:.2f}"
        told += f", with all parts on {losses[1]:.2f}." if whole is not found else "."
    return frame | {
        "lens": [guess(opened, logits, GUESSES) for logits in lens],
        "whole": before,
        "losses": losses,
        "off": {
            "heads": [[layer + 1, head + 1] for layer, head in sorted(switched.heads)],
            "attention": sorted(layer + 1 for layer in switched.attention),
            "feed_forward": sorted(layer + 1 for layer in switched.feed_forward),
            "positions": switched.positions,
        },
        "says": f"{told} {opened.whose}",
    }


def measure_text(found: Trace, tokens: list[int]) -> float | None:
    """Return the mean loss at which a text's tokens were predicted, each from those before it; None for one token."""
    if len(tokens) < 2:
        return None
    return float(nn.functional.cross_entropy(found.logits[:-1], torch.tensor(tokens[1:])))


@tell_waiting
@torch.inference_mode()
def compute_shares(text: str, rank: int, off: str) -> dict[str, Any]:
    """Return what each part of the model adds to the logit of one token after a text.

    Parameters
    ----------
    text : str
        Its last tokens are read; the token that follows is asked for.
    rank : int
        Which of the likeliest next tokens, from 1; counted with all parts on.
    off : str
        `NOTHING`, or a name in `PARTS`.

    Returns
    -------
    dict
        ``names`` and ``shares``: of each part, the embedding first; ``before``, the shares with all parts on;
        ``logit`` and ``p`` of the token, ``whole``, its logit with all parts on; ``token``; ``last``, the token after
        which it is asked for; ``origins``: where the shares and their sum come from; ``says``.
    """
    opened = open_newest_gpt()
    tokens = read_tokens(opened, text)
    whole = trace(opened, tokens, Off())
    found = whole if off == NOTHING else trace(opened, tokens, PARTS[off])
    token = int(whole.logits[-1].topk(min(rank, whole.logits.shape[1])).indices[-1])
    text_of = opened.tokenizer.decode
    written, last = quote(text_of([token])), quote(text_of([tokens[-1]]))
    (names, shares, origins), (_, before, _) = (share_out(opened, one, token, written) for one in (found, whole))
    logit, whole_logit = (float(one.logits[-1, token]) for one in (found, whole))
    most = max(range(len(shares)), key=shares.__getitem__)
    told = f"After {last}, the logit of {written} is {logit:.2f}"
    told += f" (with all parts on {whole_logit:.2f})" if found is not whole else ""
    return {
        "names": names,
        "shares": shares,
        "before": before,
        "logit": logit,
        "whole": whole_logit,
        "p": float(found.logits[-1].softmax(0)[token]),
        "token": text_of([token]),
        "last": text_of([tokens[-1]]),
        "origins": origins,
        "says": f"{told}. Most of it comes from {names[most]}: {shares[most]:.2f}. {opened.whose}",
    }


def share_out(
    opened: OpenedGPT, found: Trace, token: int, written: str
) -> tuple[list[str], list[float], dict[str, dict[str, Any]]]:
    """Return the parts that add to a token's logit at the last place, what each adds, and where these come from."""
    split = split_logits(opened, found, len(found.logits) - 1)
    size = math.sqrt(split.measure_square(len(split.names)))
    over = Factor("size", size, "size", over=True)
    names, shares = list(split.names), (split.shares[:, token] / size).tolist()
    if float(split.bias[token]):
        names.append("bias")
        shares.append(float(split.bias[token]))
    named = enumerate(zip(names, shares, strict=True))
    terms = [[Factor(name, share, f"share{place}")] for place, (name, share) in named]
    origins = {"logit": trace_sum(f"logit of {written}", float(found.logits[-1, token]), *terms)}
    for place, (name, share) in enumerate(zip(split.names, shares, strict=False)):
        read = Factor(f"row of {written} · what {name} adds", float(split.shares[place, token]))
        origins[f"share{place}"] = trace_sum(f"what {name} adds to the logit", share, [read, over])
    return names, shares, origins
