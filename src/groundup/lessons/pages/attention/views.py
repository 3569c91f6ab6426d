"""What the lesson's views show: a trained model's attention, three tokens by hand, a word's vectors, √d, and heads."""

from __future__ import annotations

import math
import re
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from groundup.base.errors import UserError
from groundup.lessons.origins import Factor, average, dot, trace_score, trace_softmax, trace_sum
from groundup.lessons.pages.attention.sentences import MEANINGS, find_examples, write_sentences
from groundup.lessons.trained import OpenedGPT, SmallModel, open_newest_gpt, open_small_gpt, tell_waiting
from groundup.lessons.views import Choice, Points, Slider, Switch, TextBox, View
from groundup.models.attention_maps import catch_inputs, head_queries_and_keys
from groundup.steps.c6_gpt.attention import (
    MultiHeadAttention,
    attention_weights,
    causal_attention,
    causal_mask,
    repeat_kv_heads,
    split_heads,
)
from groundup.steps.c7_beyond.tiled_attention import add_tile
from groundup.tasks.gpt.runs import encode_prompt

TILED_SCORES = (1.0, 0.0, 2.0, 1.0, 2.5, 0.5, 4.0, 1.0)
TILED_VALUES = (2.0, 4.0, 1.0, 3.0, 2.0, 5.0, 6.0, 1.0)
WORDS = SmallModel(
    "words",
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


def attend(
    queries: Float[Tensor, "*batch time channel"], keys: Float[Tensor, "*batch time channel"], mask: bool, scale: bool
) -> Float[Tensor, "*batch time time"]:
    """Return attention weights by the step itself; without its mask or its division by √d where they are off."""
    size = math.sqrt(queries.shape[-1])
    if mask:
        return attention_weights(queries if scale else queries * size, keys)
    scores = queries @ keys.transpose(-2, -1)
    return torch.softmax(scores / size if scale else scores, dim=-1)


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
    caught = catch_inputs(opened.model, tokens)
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
    origins = trace_head(
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
    pieces = f" Words that this model does not know are cut into pieces: {missing}." if missing else ""
    told = f"In {name} the result of {shown[chosen]} is {float(row[most]):.0%} the value of {shown[most]}.{seen}"
    scores = [origins[f"s{place + 1}"]["value"] for place in range(count)]
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
        "origins": origins,
        "says": f"{told}{pieces} {opened.whose}",
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


def trace_head(
    query: Float[Tensor, " channel"],
    keys: Float[Tensor, "time channel"],
    values: Float[Tensor, "time channel"],
    weights: Float[Tensor, " time"],
    names: list[str],
    scale: bool,
    begins: tuple[str, str] = ("", ""),
    what: str = "new vector",
) -> dict[str, Any]:
    """Return where the weights of one query and its new vector come from.

    Parameters
    ----------
    query, keys, values, weights
        Those of a head.
    names : list of str
        What the tokens are called.
    scale : bool
        Whether scores are divided by √d.
    begins : tuple of str
        The beginnings of the keys of what the head has for itself (q, w, s and new) and of its keys and values (k and
        value). The token's place and that of the channel, from 1, are added.
    what : str
        What the average of the values is called.
    """
    own, shared = begins
    scores = keys @ query / (math.sqrt(len(query)) if scale else 1)
    origins = trace_softmax("weight on", weights.tolist(), scores.tolist(), (f"{own}w", f"{own}s"), names)
    for place, (name, key) in enumerate(zip(names, keys.tolist(), strict=True), 1):
        found = f"{own}q", f"{shared}k{place}_"
        origins[f"{own}s{place}"] = trace_score(f"score of {name}", query.tolist(), key, found, scale)
    places = range(1, len(names) + 1)
    for channel, (new, column) in enumerate(zip((weights @ values).tolist(), values.T.tolist(), strict=True), 1):
        of = [f"{own}w{place}" for place in places], [f"{shared}value{place}_{channel}" for place in places]
        terms = average(names, weights.tolist(), column, of)
        origins[f"{own}new{channel}"] = trace_sum(f"{what}, number {channel}", new, *terms)
    return origins


def show(token: str) -> str:
    """Return a token as a sentence can name it."""
    return "the line's start" if token == START else f"“{token.strip() or token}”"


QUERY, KEY, VALUE = ([[0.0, 1.0], [0.0, 1.0]], [[1.0, -1.0], [0.0, 2.0]], [[2.0, 0.0], [0.0, -1.0]])
NAMES = ("tall", "man", "runs")


def compute_hand(points: list[list[float]]) -> dict[str, Any]:
    """Return attention over three tokens with two numbers each.

    Returns
    -------
    dict
        ``names``; ``x``, ``queries``, ``keys``, ``values``, ``new``, 3×2 each; ``scores``, ``scaled`` and ``weights``,
        3×3, where masked scores are ``None``; ``origins``: where these come from; ``says``.
    """
    x = torch.tensor(points, dtype=torch.float64)
    queries, keys, values = (x @ torch.tensor(matrix, dtype=torch.float64) for matrix in (QUERY, KEY, VALUE))
    scores = (queries @ keys.T).masked_fill(~causal_mask(3, 3), -torch.inf)
    weights = attention_weights(queries, keys)
    new = causal_attention(queries, keys, values)
    told = ", ".join(f"{100 * float(weight):.0f} % {name}" for name, weight in zip(NAMES, weights[2], strict=True))
    return {
        "names": NAMES,
        "x": x,
        "queries": queries,
        "keys": keys,
        "values": values,
        "scores": scores,
        "scaled": scores / math.sqrt(2),
        "weights": weights,
        "new": new,
        "origins": trace_hand(x, queries, keys, values, weights, new),
        "says": f"The new vector of runs is ({float(new[2, 0]):.4f}, {float(new[2, 1]):.4f}): {told}.",
    }


def trace_hand(
    x: Tensor, queries: Tensor, keys: Tensor, values: Tensor, weights: Tensor, new: Tensor
) -> dict[str, Any]:
    """Return where the numbers of three tokens come from, all 3×2 but the weights, which are 3×3."""
    origins: dict[str, Any] = {}
    scaled = queries @ keys.T / math.sqrt(2)
    for part, rows, matrix in (("query", queries, QUERY), ("key", keys, KEY), ("value", values, VALUE)):
        for token, row in enumerate(rows.tolist()):
            for channel, number in enumerate(row):
                terms = dot(("x", "W"), x[token].tolist(), [line[channel] for line in matrix])
                name = f"{part} of {NAMES[token]}, number {channel + 1}"
                origins[f"{part}{token}_{channel + 1}"] = trace_sum(name, number, *terms)
    for row, name in enumerate(NAMES):
        seen = row + 1
        for column in range(seen):
            keys_of = f"query{row}_", f"key{column}_"
            score = trace_score(
                f"score of {name} and {NAMES[column]}", queries[row].tolist(), keys[column].tolist(), keys_of
            )
            origins[f"scaled{row}_{column + 1}"] = score
        keys_of = f"weight{row}_", f"scaled{row}_"
        shares = weights[row, :seen].tolist()
        scores = scaled[row, :seen].tolist()
        origins |= trace_softmax(f"weight of {name} on", shares, scores, keys_of, NAMES[:seen])
        for channel in (0, 1):
            found = (
                [f"weight{row}_{place + 1}" for place in range(seen)],
                [f"value{place}_{channel + 1}" for place in range(seen)],
            )
            terms = average(NAMES[:seen], shares, values[:seen, channel].tolist(), found)
            told = trace_sum(f"new {name}, number {channel + 1}", float(new[row, channel]), *terms)
            origins[f"new{row}_{channel + 1}"] = told
    return origins


@tell_waiting
@torch.inference_mode()
def compute_lead(word: str, block: int, own: str) -> dict[str, Any]:
    """Return one word's vectors in many sentences, before the first block and after each, on a map.

    Returns
    -------
    dict
        ``meanings``; ``dots``, one ``{"sentence", "meaning"}`` each, the meaning as a number or ``None`` for the
        reader's own sentence; ``places``, one list of (x, y) per block, the embedding first; ``alike``, per block the
        mean cosine of two of the same meaning and of two of different ones; ``note``, about
        the reader's sentence; ``says``.
    """
    opened = open_small_gpt(WORDS)
    examples = find_examples(word)
    meanings = list(MEANINGS[word])
    kinds = [meanings.index(meaning) for _, meaning in examples]
    dots: list[dict[str, Any]] = [
        {"sentence": sentence, "meaning": kind} for (sentence, _), kind in zip(examples, kinds, strict=True)
    ]
    sentences = [sentence for sentence, _ in examples]
    note = f"Your sentence has no “{word}”, so it has no dot." if own.strip() else ""
    if re.search(rf"\b{word}\b", own.lower()):
        note = ""
        sentences.append(own.strip())
        dots.append({"sentence": own.strip(), "meaning": None})
    vectors = find_vectors(opened, sentences, word)
    examples_only = vectors[:, : len(examples)]
    axes = find_axes(examples_only[-1], torch.tensor(kinds))
    places = (vectors - examples_only[-1].mean(0)) @ axes
    alike = [measure_likeness(level, torch.tensor(kinds)) for level in examples_only]
    same, different = alike[min(block, len(alike) - 1)]
    where = "In the embedding" if block == 0 else f"After block {min(block, len(alike) - 1)}"
    return {
        "word": word,
        "meanings": meanings,
        "dots": dots,
        "places": places.float(),
        "alike": alike,
        "note": note,
        "says": f"{where}, two “{word}” of the same meaning have a cosine of {same:.2f}, two of different meanings "
        f"{different:.2f}. {note}".strip(),
    }


def find_vectors(opened: OpenedGPT, sentences: list[str], word: str) -> Float[Tensor, "level sentence channel"]:
    """Return a word's vector in every sentence: its embedding, then the stream after each block.

    Raises
    ------
    UserError
        A sentence is too long for the model, or the word is not one token in it.
    """
    model = opened.model
    rows, places = [], []
    for sentence in sentences:
        tokens = encode_prompt(START + sentence, opened.tokenizer)[: model.settings.context]
        texts = [opened.tokenizer.decode([token]).strip().lower() for token in tokens]
        if word not in texts:
            raise UserError(f'Write "{word}" in small letters, among the first {model.settings.context} tokens.')
        rows.append(tokens)
        places.append(texts.index(word))
    length = max(map(len, rows))
    # What stands behind a sentence does not change it: the mask.
    batch = torch.tensor([row + [0] * (length - len(row)) for row in rows])
    levels = [model.token_embedding(batch)]
    hooks = [block.register_forward_hook(lambda _, __, out: levels.append(out)) for block in model.blocks]
    try:
        model(batch)
    finally:
        for hook in hooks:
            hook.remove()
    chosen = torch.arange(len(rows)), torch.tensor(places)
    return torch.stack([level[chosen] for level in levels]).double()


def find_axes(vectors: Float[Tensor, "sentence channel"], kinds: Tensor) -> Float[Tensor, "channel 2"]:
    """Return the two directions in which vectors differ most (principal components); the first meaning is left."""
    centred = vectors - vectors.mean(0)
    axes = torch.linalg.svd(centred, full_matrices=False).Vh[:2].T
    return axes * torch.where((centred @ axes)[kinds == 0].mean(0) > 0, -1.0, 1.0)


def measure_likeness(vectors: Float[Tensor, "sentence channel"], kinds: Tensor) -> list[float]:
    """Return the mean cosine of two vectors of the same meaning, and of two of different meanings."""
    unit = vectors / vectors.norm(dim=1, keepdim=True)
    cosines = unit @ unit.T
    same = kinds[:, None] == kinds
    others = ~torch.eye(len(kinds), dtype=torch.bool)
    return [float(cosines[same & others].mean()), float(cosines[~same].mean())]


def compute_scale(width: int, divide: bool, draw: int) -> dict[str, Any]:
    """Return the attention of one query over eight keys of random numbers.

    Returns
    -------
    dict
        ``scores`` and ``weights``, 8 each; ``size``, the spread that scores have without the division; ``origins``:
        where scores and weights come from; ``says``.
    """
    generator = torch.Generator().manual_seed(draw)
    vectors = torch.randn(9, width, generator=generator)
    queries, keys = vectors[:1], vectors[1:]
    weights = attend(queries, keys, True, divide)[0]
    scores = (queries @ keys.T)[0] / (math.sqrt(width) if divide else 1)
    names = [f"key {place}" for place in range(1, len(scores) + 1)]
    origins = trace_softmax("weight of", weights.tolist(), scores.tolist(), ("w", "s"), names)
    for place, (name, key) in enumerate(zip(names, keys.tolist(), strict=True), 1):
        origins[f"s{place}"] = trace_score(f"score of {name}", queries[0].tolist(), key, scale=divide)
    return {
        "origins": origins,
        "scores": scores,
        "weights": weights,
        "size": math.sqrt(width),
        "says": f"The scores run from {float(scores.min()):.2f} to {float(scores.max()):.2f}. "
        f"The largest weight is {float(weights.max()):.0%}.",
    }


CHANNELS = 32
SENTENCE = ("The", "tall", "man", "runs")
# How many query heads share a head of keys and values; None: all of them.
SHARED = {"each": 1, "pairs": 2, "all": None}


@torch.inference_mode()
def compute_heads(heads: str, shared: str) -> dict[str, Any]:
    """Return what several heads make of the last of four tokens, with random weights.

    Parameters
    ----------
    heads : str
        The number of query heads, H.
    shared : str
        A name in `SHARED`.

    Returns
    -------
    dict
        ``tokens``; ``x`` and ``new``, the last token's vector before and after, C numbers; per query head ``queries``
        and ``results`` (H×d), its ``weights`` (H×T), and ``serves``, the number of its head of keys and values; per
        such head ``keys`` and ``values`` (G×T×d); ``origins``: where they come from; ``says``.
    """
    count = int(heads)
    groups = count // min(SHARED[shared] or count, count)
    generator = torch.Generator().manual_seed(3)
    x = torch.randn(1, len(SENTENCE), CHANNELS, generator=generator)
    attention = MultiHeadAttention(CHANNELS, count, groups)
    # Of fewer heads of keys and values, each keeps its weights.
    for linear in (attention.query, attention.key, attention.value, attention.output):
        weights = torch.randn(CHANNELS, CHANNELS, generator=generator) * 1.3 / math.sqrt(CHANNELS)
        linear.weight.copy_(weights[: len(linear.weight)])
    queries = split_heads(attention.query(x), count)
    keys, values = (split_heads(linear(x), groups) for linear in (attention.key, attention.value))
    used = repeat_kv_heads(keys, count), repeat_kv_heads(values, count)
    serves = repeat_kv_heads(torch.arange(float(groups)).reshape(1, groups, 1, 1), count).flatten().long()
    width, kept = CHANNELS // count, keys.numel() + values.numel()
    sharing = "" if groups == count else f" {count // groups} query heads share each."
    last, asked = x[0, -1], queries[0, :, -1]
    heads_weights = attention_weights(queries, used[0])[0, :, -1]
    results, new = causal_attention(queries, *used)[0, :, -1], attention(x)[0, -1]
    places = [(head, channel) for head in range(count) for channel in range(1, width + 1)]
    mixed = [
        Factor(f"head {head + 1}, {channel}", value, f"h{head}new{channel}")
        for (head, channel), value in zip(places, results.flatten().tolist(), strict=True)
    ]
    origins = {}
    for row, (value, row_of_weights) in enumerate(zip(new.tolist(), attention.output.weight.tolist(), strict=True), 1):
        terms = [[one, Factor("w", weight)] for one, weight in zip(mixed, row_of_weights, strict=True)]
        origins[f"new{row}"] = trace_sum(f"new vector, number {row}", value, *terms)
    for head, group in enumerate(serves.tolist()):
        begins, what = (f"h{head}", f"g{group}"), f"result of head {head + 1}"
        of = asked[head], keys[0, group], values[0, group], heads_weights[head]
        origins |= trace_head(*of, list(SENTENCE), scale=True, begins=begins, what=what)
    return {
        "tokens": SENTENCE,
        "x": last,
        "queries": asked,
        "keys": keys[0],
        "values": values[0],
        "serves": serves,
        "weights": heads_weights,
        "results": results,
        "new": new,
        "origins": origins,
        "says": f"Keys and values: 2 × {groups} {'head' if groups == 1 else 'heads'} × {width} numbers × "
        f"{len(SENTENCE)} tokens = {kept} numbers.{sharing}",
    }


def compute_tiles(tile: int, read: int, late: float) -> dict[str, Any]:
    """Return a running softmax over eight keys, after some of their tiles.

    Parameters
    ----------
    tile : int
        How many keys are read at once.
    read : int
        How many tiles were read; all, if there are fewer.
    late : float
        The score of the seventh key.

    Returns
    -------
    dict
        ``scores`` and ``values``, 8 each; ``count``, the keys read; ``weights``, the exponential of each key that was
        read, as it is counted now; ``largest``, ``total``, ``result`` and ``mean``: m, l, o and o / l, None before the
        first tile; ``shrink``: by what the last tile multiplied what stood there; ``whole``, the average by a softmax
        over the whole row; ``origins``; ``says``.
    """
    scores = torch.tensor([*TILED_SCORES[:6], late, TILED_SCORES[7]], dtype=torch.float64)
    values = torch.tensor(TILED_VALUES, dtype=torch.float64)
    largest, total, result = scores.new_full((1, 1), -torch.inf), scores.new_zeros(1, 1), scores.new_zeros(1, 1)
    count, shrink = 0, 1.0
    for begin in list(range(0, len(scores), tile))[:read]:
        count, before = min(begin + tile, len(scores)), largest
        largest, total, result = add_tile(largest, total, result, scores[None, begin:count], values[begin:count, None])
        shrink = float((before - largest).exp())
    whole = float(scores.softmax(dim=0) @ values)
    frame = {"scores": scores, "values": values, "count": count, "whole": whole, "shrink": shrink, "origins": {}}
    if not count:
        says = "Nothing is read yet: m = −∞, l = 0, o = 0."
        return {**frame, "weights": [], "largest": None, "total": None, "result": None, "mean": None, "says": says}
    m, l, o = float(largest), float(total), float(result)  # noqa: E741 - the formula's letters
    says = f"After {count} of 8 keys: m = {m:g}, l = {l:.4g}, o = {o:.4g}, so the average is o / l = {o / l:.4f}. "
    if count > tile and shrink < 1:
        says += f"This tile had a larger score: what stood there before was multiplied by {shrink:.4g}. "
    if count == len(scores):
        says += f"A softmax over the whole row gives {whole:.4f}."
    weights = (scores[:count] - m).exp()
    powers = [Factor(f"exp(s{place} − m)", float(weight), f"w{place}") for place, weight in enumerate(weights, 1)]
    valued = [Factor(f"v{place}", float(value)) for place, value in enumerate(values[:count], 1)]
    origins = {
        "l": trace_sum("l", l, *([power] for power in powers)),
        "o": trace_sum("o", o, *zip(powers, valued, strict=True)),
        "mean": trace_sum("o / l", o / l, [Factor("o", o, "o"), Factor("l", l, "l", over=True)]),
    }
    for place, weight in enumerate(weights, 1):
        terms = [Factor(f"s{place}", float(scores[place - 1]), f"s{place}")], [Factor("−m", -m, "m")]
        origins[f"w{place}"] = trace_sum(f"exp(s{place} − m)", float(weight), *terms, then="exp(·)")
    numbers = {"weights": weights, "largest": m, "total": l, "result": o, "mean": o / l, "origins": origins}
    return {**frame, **numbers, "says": says.strip()}


VIEWS = {
    "words": View(
        "Words on a line, and what each new vector is mixed from",
        compute_words,
        (
            TextBox("sentence", "sentence", "The long river runs", most=120),
            Choice("model", "model", "small", ("small", "yours"), ("this lesson's", "your newest run")),
            Slider("head", "head", 0, low=0, high=4096, step=1, hidden=True),
            Slider("word", "word", 5, low=1, high=MOST_TOKENS, step=1, hidden=True),
            Slider("to", "looked for", 4, low=0, high=MOST_TOKENS, step=1, hidden=True),
            Slider("read", "keys compared", ALL_READ, low=0, high=ALL_READ, step=1, hidden=True, plays=True),
            Switch("mask", "causal mask", True),
            Switch("scale", "divide by √d", True),
        ),
        lazy=True,
    ),
    "hand": View(
        "Three tokens in a plane, their attention, and their new vectors",
        compute_hand,
        (Points("points", "the vectors of tall, man and runs", ((1.0, 0.0), (0.0, 1.0), (1.0, 1.0)), least=3, most=3),),
    ),
    "lead": View(
        "One word in many sentences, on a map",
        compute_lead,
        (
            Choice("word", "word", "lead", tuple(MEANINGS)),
            Slider("block", "after block", 0, low=0, high=2, step=1, plays=True),
            TextBox("own", "your sentence", "The old king will lead the horse home.", most=120),
        ),
        lazy=True,
    ),
    "scale": View(
        "The weights of eight random keys, for queries of any length",
        compute_scale,
        (
            Slider("width", "numbers in a query d", 1, low=1, high=1024, step=1, log=True),
            Switch("divide", "divide by √d", False),
            Slider("draw", "draw other numbers", 0, low=0, high=30, step=1),
        ),
    ),
    "heads": View(
        "The queries, keys, values and results of several heads",
        compute_heads,
        (
            Choice("heads", "query heads H", "4", ("1", "2", "4", "8")),
            Choice(
                "shared",
                "heads of keys and values",
                "each",
                tuple(SHARED),
                ("one per query head", "one per two", "one for all"),
            ),
        ),
    ),
    "tiles": View(
        "A softmax over eight keys that are read tile by tile",
        compute_tiles,
        (
            Slider("read", "tiles read", 0, low=0, high=8, step=1, plays=True),
            Slider("tile", "keys per tile", 2, low=1, high=8, step=1),
            Slider("late", "score of key 7", 4.0, low=-4.0, high=8.0, step=0.5),
        ),
    ),
}
