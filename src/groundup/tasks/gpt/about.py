"""What can be told of the gpt task without loading it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from groundup.base.shape import fields, flag, maybe, number, one_of, whole
from groundup.tasks.figures import Curve, curve_of_choice, figure, round_figures
from groundup.tasks.protocol import SENTENCES, TABLE, TEXT, About

# Rotary positions take memory for every place, and no weights tell how many places there are.
MOST_CONTEXT = 2**20
_MANY = 10**9
_POSITIVE = number(1e-30, 1e30)

# What ``config.json`` says of a GPT: the fields of `groundup.steps.c6_gpt.gpt_settings.GPTSettings`.
GPT_MODEL = fields(
    {
        "vocabulary": whole(1, _MANY),
        "context": whole(1, MOST_CONTEXT),
        "layers": whole(1, _MANY),
        "heads": whole(1, _MANY),
        "width": whole(1, _MANY),
        "preset": one_of("modern", "classic", "plain"),
    },
    {
        "key_value_heads": whole(1, _MANY),
        "head_width": whole(1, _MANY),
        "hidden": whole(1, _MANY),
        "tied": flag,
        "dropout": number(0, 0.999),
        "rotary_base": _POSITIVE,
        "norm_epsilon": _POSITIVE,
        "query_key_norm": flag,
        "rotary_scaling": maybe(
            fields(
                {"factor": _POSITIVE, "low": _POSITIVE, "high": _POSITIVE, "context": whole(1, MOST_CONTEXT)},
                rest=False,
            )
        ),
    },
    rest=False,
)


def headline(report: Mapping[str, Any]) -> str:
    """Say the loss of the weights that are used: the best ones, where they were kept."""
    loss, vocabulary = report.get("best_validation_loss", report["validation_loss"]), report.get("vocabulary")
    told = f"a choice among {round_figures(math.exp(min(loss, 700)))} tokens on new text ({loss:.3f} nats per token)"
    return f"{told}, no better than one among all {vocabulary}" if guesses_alone(loss, vocabulary) else told


def guesses_alone(loss: float, vocabulary: int | None) -> bool:
    """Tell whether a loss in nats per token is no better than that of a model that holds all tokens for equally likely.

    Examples
    --------
    >>> guesses_alone(6.97, 51), guesses_alone(2.4, 51)
    (True, False)
    """
    return vocabulary is not None and loss >= math.log(vocabulary)


about = About(
    name="gpt",
    summary="a GPT that learns any text and continues it",
    report=fields({"validation_loss": figure}, {"best_validation_loss": figure, "vocabulary": whole(1, _MANY)}),
    headline=headline,
    model=GPT_MODEL,
    curves={
        "validation_loss": curve_of_choice("tokens", "on new text"),
        "loss": curve_of_choice("tokens", "in training"),
        "balance": Curve("balance", "balance of the experts", lambda loss: f"balance loss of the experts {loss:.3f}"),
    },
    form="writing",
    data=(TEXT, SENTENCES, TABLE),  # tables and sentences are text, too
    built_in={
        "shakespeare": "plays of Shakespeare",
        "python-reference": "the Python language reference",
        "standard-library": "the source of Python's standard library",
        "shakespeare-names": "520 names in Shakespeare's plays, to invent more",
    },
    parts=(
        "linear",
        "activation",
        "dropout",
        "loss",
        "optimiser",
        "tokenizer",
        "embedding",
        "attention",
        "multi-head-attention",
        "block",
        "experts",
        "sampler",
    ),
    parts_preset="plain",
    exports=("huggingface", "gguf", "onnx"),
    clustered=True,
    writes=True,
    begins_from="may",
)
