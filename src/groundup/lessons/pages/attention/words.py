"""What a trained model's heads look at: the words of a sentence, and what the new vectors are mixed from."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from groundup.base.errors import UserError
from groundup.lessons.pages.attention.sentences import write_sentences
from groundup.lessons.pages.attention.weights import attend, trace_head
from groundup.lessons.trained import OpenedGPT, SmallModel, open_newest_gpt, open_small_gpt, tell_waiting
from groundup.models.attention_maps import catch_inputs, head_queries_and_keys
from groundup.steps.c6_gpt.attention import repeat_kv_heads, split_heads
from groundup.tasks.gpt.runs import encode_prompt

WORDS = SmallModel(
    "sentences",
    "gpt",
    (
        "preset=plain",
        "tokenizer=bytepair",
        "vocabulary_size=700",
        "layers=2",
        "heads=4",
        "width=64",
        "context=24",
        "batch_size=32",
        "steps=400",
        "evaluate_every=25",
        "measured_tokens=2048",
        "sample_tokens=0",
    ),
    lambda: write_sentences(20_000),
)
MOST_TOKENS = 24
ALL_READ = MOST_TOKENS + 1
START = "\n"  # every sentence of the text stands on a line of its own


def cut(opened: OpenedGPT, sentence: str) -> tuple[list[int], list[str]]:
    """Return the tokens of a sentence, at most `MOST_TOKENS`, and their texts, a line end before them.

    Raises
    ------
    UserError
        There is nothing in it, or a character that the model does not know.
    """
    if not sentence.strip():
        raise UserError("Type a sentence.")
    start = START if opened.tokenizer.can_write(START) else ""
    tokens = encode_prompt(start + sentence.strip(), opened.tokenizer)
    tokens = tokens[: min(MOST_TOKENS, opened.model.settings.context)]
    return tokens, [opened.tokenizer.decode([token]) for token in tokens]


def choose_head(weights: list[Float[Tensor, "head time time"]], head: int, word: int, to: int) -> tuple[int, int]:
    """Return the layer and head that are meant, from 0.

    Parameters
    ----------
    weights : list of Tensor
        One per layer.
    head : int
        The heads of the first layer are 1, 2, …, those of the second go on. 0, or one that is not there: the head whose
        weight from ``word`` to ``to`` is largest.
    word, to : int
        Tokens, from 0; ``to`` below 0 means any other token but the first.
    """
    layers, heads = len(weights), len(weights[0])
    if not 1 <= head <= layers * heads:
        row = torch.stack(weights)[:, :, word].clone()
        row[:, :, word] = 0
        row[:, :, 0] = 0
        head = 1 + int((row[:, :, to] if 0 <= to < row.shape[2] else row.amax(2)).argmax())
    return (head - 1) // heads, (head - 1) % heads


@tell_waiting
@torch.inference_mode()
def compute_words(
    sentence: str, model: str, head: int, word: int, to: int, mask: bool, scale: bool, read: int = ALL_READ
) -> dict[str, Any]:
    """Return the attention of every head for a sentence; ``read``: with how many keys the query was compared so far.

    Returns
    -------
    dict
        ``tokens``, T texts; ``weights``, one T×T per layer and head; ``layer`` and ``head``, from 0; ``word``, the
        chosen token, from 0; ``keys``, ``values`` and ``new``, T×d of the chosen head; ``query``, d, and ``scores``
        of the chosen token with each that it may see; ``read``; ``mask``; ``whose``;
        ``origins``: where the chosen token's weights and the head's result come from; ``says``.
    """
    opened = open_small_gpt(WORDS) if model == "small" else open_newest_gpt()
    tokens, texts = cut(opened, sentence)
    logits: list[Tensor] = []
    hook = opened.model.register_forward_hook(lambda _, __, output: logits.append(output[0, -1]))
    try:
        caught = catch_inputs(opened.model, tokens)
    finally:
        hook.remove()
    weights = [attend(*head_queries_and_keys(*one), mask, scale)[0].float() for one in caught]
    chosen = min(word, len(tokens)) - 1
    layer, number = choose_head(weights, head, chosen, to - 1)
    attention, x, _ = caught[layer]
    values = repeat_kv_heads(split_heads(attention.value(x), attention.key_value_heads), attention.heads)[0, number]
    row = weights[layer][number][chosen]
    most = int(row.argmax())
    queries, keys = (part[0, number].float() for part in head_queries_and_keys(*caught[layer]))
    count = chosen + 1 if mask else len(tokens)
    name = f"head {layer + 1}.{number + 1}"
    shown = [show(text) for text in texts]
    trace = partial(
        trace_head,
        queries[chosen],
        keys[:count],
        values[:count].float(),
        row[:count],
        ["⏎" if text == START else show(text) for text in texts[:count]],
        scale,
        what="result",
    )
    seen = "" if mask else " The mask is off, so the words after it count, too."
    missing = ", ".join(f"“{word}”" for word in find_cut_words(texts)) if model == "small" else ""
    pieces = f"Words that this model does not know are cut into pieces: {missing}. " if missing else ""
    told = f"In {name} the result of {shown[chosen]} is {float(row[most]):.0%} the value of {shown[most]}.{seen}"
    if mask and scale:  # what the model itself computes
        probability, token = logits[0].softmax(dim=-1).max(dim=-1)
        told += f" The model's next token: {show(opened.tokenizer.decode([int(token)]))}, {float(probability):.0%}."
    scores = (keys[:count] @ queries[chosen] / (math.sqrt(keys.shape[1]) if scale else 1)).tolist()
    if read == 0:
        told = f"In {name} {shown[chosen]} has the query at the right. It meets one key after the other."
    elif read <= count:
        told = f"The query of {shown[chosen]} meets the key of {shown[read - 1]}: score {scores[read - 1]:.3g}."
    return {
        "tokens": texts,
        "weights": [one.numpy().round(4) for one in weights],
        "layer": layer,
        "head": number,
        "word": chosen,
        "query": queries[chosen],
        "keys": keys,
        "scores": scores,
        "read": read,
        "values": values.float(),
        "new": weights[layer][number] @ values.float(),
        "mask": mask,
        "whose": opened.whose,
        "origins": trace,
        "says": f"{pieces}{told} {opened.whose}",
    }


def find_cut_words(texts: list[str]) -> list[str]:
    """Return the words that are cut into several tokens.

    Examples
    --------
    >>> find_cut_words(["The", " man", " w", "it", "h", " a", " hat", "."])
    ['with']
    """
    words: list[list[str]] = []
    for text in texts:
        if words and text[:1].isalnum() and words[-1][-1][-1:].isalnum():
            words[-1].append(text)
        else:
            words.append([text])
    return ["".join(pieces).strip() for pieces in words if len(pieces) > 1]


def show(token: str) -> str:
    """Return a token as a sentence can name it."""
    return "the line's start" if token == START else f"“{token.strip() or token}”"
