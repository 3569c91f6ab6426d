"""What the lesson's views show: the next token's probabilities, ways that a text could go, and the cache at work."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from groundup.base.errors import UserError
from groundup.lessons.origins import Factor, trace_softmax, trace_sum
from groundup.lessons.pages.inside.repeating import CONTEXT as MOST_REPEATED
from groundup.lessons.pages.inside.repeating import LETTERS, Repeating
from groundup.lessons.reading import read
from groundup.lessons.trained import OpenedGPT, open_newest_gpt, open_small, tell_waiting
from groundup.lessons.views import Slider, Switch, TextBox, View
from groundup.steps.c5_words.sampling import Cached, Recompute, keep_top_k, keep_top_p
from groundup.steps.c6_gpt.gpt import GPT
from groundup.tasks.gpt.runs import continue_text, encode_prompt

MOST_WRITTEN = 60
BARS = 9
BRANCHES, DEPTH = 3, 3
PROMPT = "The king is dea"
CACHED_TEXT = "The value of the object is returned by"
MOST_CACHED = 24
PHRASE, MOST_PHRASE, MOST_READINGS = "my lord, ", 12, 4


class Writer:
    """A text that grows when more of it is asked for."""

    def __init__(self, drawn: Iterator[tuple[int, str]]) -> None:
        self.drawn, self.tokens, self.lock = drawn, list[int](), threading.Lock()

    def take(self, count: int) -> tuple[int, ...]:
        """Return the first tokens."""
        with self.lock:
            self.tokens += [token for token, _ in islice(self.drawn, max(0, count - len(self.tokens)))]
            return tuple(self.tokens[:count])


@lru_cache(maxsize=16)
def begin(opened: OpenedGPT, text: str, temperature: float, top_k: int, top_p: float, draw: int) -> Writer:
    """Return what continues a text with the step's own sampling."""
    drawn = continue_text(
        opened.model,
        opened.tokenizer,
        encode_prompt(text, opened.tokenizer),
        MOST_WRITTEN,
        temperature=temperature,
        top_k=top_k or None,
        top_p=top_p if top_p < 1 else None,
        generator=torch.Generator().manual_seed(draw),
    )
    return Writer(drawn)


def shape(
    logits: Float[Tensor, " vocabulary"], temperature: float, top_k: int, top_p: float
) -> tuple[Float[Tensor, " vocabulary"], Float[Tensor, " vocabulary"]]:
    """Return the probabilities that `choose_token` draws from, before and after top-k and top-p."""
    if temperature == 0:
        sure = torch.zeros_like(logits)
        sure[logits.argmax()] = 1.0
        return sure, sure
    scaled = (logits - logits.max()) / temperature
    kept = keep_top_k(scaled, top_k) if top_k else scaled
    kept = keep_top_p(kept, top_p) if top_p < 1 else kept
    return scaled.softmax(0), kept.softmax(0)


@tell_waiting
@torch.inference_mode()
def compute_next(text: str, temperature: float, top_k: int, top_p: float, tokens: int, draw: int) -> dict[str, Any]:
    """Return the likeliest next tokens, and the tokens that were drawn so far.

    Returns
    -------
    dict
        ``written``: for each drawn token its text and the probability that the model gave it at T = 1, ``None`` where
        it has left what the model can see; ``names``, the likeliest tokens; ``plain``, ``before`` and ``after``: their
        probabilities at T = 1, at the temperature, and after the cut; ``kept`` of ``all`` tokens can be drawn;
        ``even``, among how many equally likely tokens the
        choice is as uncertain; ``origins``: where ``after`` comes from; ``whose``; ``says``.
    """
    opened = open_newest_gpt()
    drawn = begin(opened, text, temperature, top_k, top_p, draw).take(tokens)
    reading = read(opened, text, drawn)
    surprises = [*[None] * len(drawn), *reading.surprises][-len(drawn) :] if drawn else []
    written = [
        {"text": opened.tokenizer.decode([token]), "p": None if nats is None else math.exp(-nats)}
        for token, nats in zip(drawn, surprises, strict=True)
    ]
    logits = reading.logits[-1]
    before, after = shape(logits, temperature, top_k, top_p)
    order = logits.argsort(descending=True)[:BARS]
    entropy = -(after * after.clamp(min=1e-30).log()).sum()
    kept = int((after > 0).sum())
    names = [opened.tokenizer.decode([int(token)]) for token in order]
    even = float(entropy.exp())
    return {
        "origins": trace_chances(names, logits, order, after, temperature),
        "text": text,
        "written": written,
        "names": names,
        "plain": logits.softmax(0)[order],
        "before": before[order],
        "after": after[order],
        "kept": kept,
        "all": len(logits),
        "even": even,
        "whose": opened.whose,
        "says": f"{kept} of {len(logits)} tokens can be drawn; the choice is as uncertain as among {even:.1f} equally "
        f"likely ones. {opened.whose}",
    }


def trace_chances(
    names: list[str], logits: Float[Tensor, " vocabulary"], order: Tensor, chances: Tensor, temperature: float
) -> dict[str, dict[str, Any]]:
    """Return where the probabilities come from that a token is drawn from; nothing at a temperature of 0.

    Parameters
    ----------
    names : list of str
        The likeliest tokens.
    logits : Tensor
        Those of the model, V.
    order : Tensor
        The places of ``names`` in the vocabulary.
    chances : Tensor
        The probabilities after the cut, V.
    temperature : float
        T.
    """
    if temperature == 0:
        return {}
    shown = [(name, int(token)) for name, token in zip(names, order, strict=True) if chances[token] > 0]
    places = [token for _, token in shown]
    rest = chances > 0
    rest[places] = False
    scores = torch.cat([logits[places], logits[rest]]) / temperature
    quoted = [f"“{name.replace(' ', '␣').replace(chr(10), '⏎')}”" for name, _ in shown]
    found = trace_softmax("probability of", chances[places].tolist(), scores.tolist(), ("p", "s"), quoted)
    for rank, (name, token) in enumerate(zip(quoted, places, strict=True), 1):
        logit = float(logits[token])
        score = [Factor("logit", logit), Factor("T", temperature, over=True)]
        found[f"s{rank}"] = trace_sum(f"score of {name} at T = {temperature:g}", logit / temperature, score)
    return found


@tell_waiting
@torch.inference_mode()
def compute_tree(text: str, temperature: float) -> dict[str, Any]:
    """Return the likeliest ways that a text can go.

    Returns
    -------
    dict
        ``nodes``: ``{"text", "parent", "p", "way"}`` each; ``parent`` is a number of a node, −1 for the text itself,
        ``p`` the probability of the token after its parent, ``way`` the product of all on the way; ``depth``; ``says``.
    """
    opened = open_newest_gpt()
    prompt = encode_prompt(text, opened.tokenizer)[-(opened.model.settings.context - DEPTH) :]
    nodes: list[dict[str, Any]] = []
    level: list[tuple[int, float, list[int]]] = [(-1, 1.0, prompt)]
    for _ in range(DEPTH):
        logits = opened.model(torch.tensor([tokens for _, _, tokens in level]))[:, -1].float()
        below = []
        for (parent, way, tokens), row in zip(level, logits, strict=True):
            probabilities, _ = shape(row, temperature, 0, 1.0)
            likeliest = probabilities.topk(min(BRANCHES, len(row)))
            for p, token in zip(likeliest.values.tolist(), likeliest.indices.tolist(), strict=True):
                node = {"text": opened.tokenizer.decode([token]), "parent": parent, "p": p, "way": way * p}
                nodes.append(node)
                below.append((len(nodes) - 1, way * p, [*tokens, token]))
        level = below
    best = max(level, key=lambda end: end[1])
    shown = opened.tokenizer.decode(best[2][len(prompt) :])
    shares = sum(way for _, way, _ in level)
    return {
        "nodes": nodes,
        "depth": DEPTH,
        "says": f"The likeliest way shown is “{shown}” with {best[1]:.1%}. All {len(level)} ways together have "
        f"{shares:.0%}.",
    }


@tell_waiting
@torch.inference_mode()
def compute_circle(phrase: str, readings: int) -> dict[str, Any]:
    """Return how likely each token of a phrase is that is read again and again.

    Returns
    -------
    dict
        ``models``: of the reader's newest GPT (or the lessons' small one) and of the model that continues what repeats,
        ``{"name", "tokens", "rows"}`` each. ``rows`` has a row for each reading that the model can see: the probability
        that each token had before it was read, ``None`` for the very first. ``says``.

    Raises
    ------
    UserError
        The phrase has no letter from a to z, or characters that the GPT does not know.
    """
    letters = [sign for sign in phrase.lower() if sign in LETTERS]
    if not letters:
        raise UserError("Type a phrase with a letter from a to z.")
    opened, repeater = open_newest_gpt(), open_small(Repeating())
    tokens = encode_prompt(phrase, opened.tokenizer)
    rows = read_again(opened.model, tokens, readings, opened.model.settings.context)
    with repeater.without() as model:
        again = read_again(model, [LETTERS.index(sign) for sign in letters], readings, MOST_REPEATED)
    names = opened.whose.partition(".")[0], "Two layers of attention, with induction heads"
    texts = [opened.tokenizer.decode([token]) for token in tokens]
    told = [", then ".join(f"{row[0]:.0%}" for row in one if row[0] is not None) for one in (rows, again)]
    says = f"When the phrase begins again, its first letter has {told[0]} in the GPT; with induction heads {told[1]}."
    return {
        "models": [
            {"name": names[0], "tokens": texts, "rows": rows},
            {"name": names[1], "tokens": letters, "rows": again},
        ],
        "says": says if readings > 1 else "The phrase is read once. Nothing stands before its first letter.",
    }


def read_again(model: GPT, tokens: list[int], readings: int, context: int) -> list[list[float | None]]:
    """Return the probability that each token had before it was read, one row per reading that fits into the context."""
    tokens = tokens[:context]
    row = tokens * min(readings, context // len(tokens))
    logits = model(torch.tensor([row]))[0, :-1].float()
    chances = logits.softmax(-1).gather(1, torch.tensor(row[1:], dtype=torch.int64)[:, None])[:, 0].tolist()
    every = [None, *chances]
    return [every[begin : begin + len(tokens)] for begin in range(0, len(row), len(tokens))]


def _tell_difference(differs: float) -> str:
    told = f"differ by {differs:.0e}: rounding" if differs else "are equal"
    return f" The logits of both ways {told}."


@tell_waiting
@torch.inference_mode()
def compute_cache(tokens: int, cache: bool) -> dict[str, Any]:
    """Return which keys and values are computed for the token after so many.

    Returns
    -------
    dict
        ``texts``, one per token; ``blocks``; ``computed``, for each token whether its keys and values are computed
        now; ``now`` and ``sofar``: for how many tokens each block computes them now, and in all; ``other``: ``sofar``
        with the cache switched; ``difference``, the largest difference between the logits of both ways, ``None`` for a
        model without a cache; ``says``.
    """
    opened = open_newest_gpt()
    text = (CACHED_TEXT + " ") * 8
    context = opened.model.settings.context
    read_tokens = encode_prompt(text, opened.tokenizer)[: min(MOST_CACHED, context)]
    count = min(tokens, len(read_tokens))
    computed = [not cache or place == count - 1 for place in range(count)]
    both = count, count * (count + 1) // 2
    sofar, other = both if cache else both[::-1]
    differs = compare_logits(opened, tuple(read_tokens[:count]))
    same = "" if differs is None else _tell_difference(differs)
    return {
        "texts": [opened.tokenizer.decode([token]) for token in read_tokens],
        "count": count,
        "blocks": opened.model.settings.layers,
        "computed": computed,
        "now": sum(computed),
        "sofar": sofar,
        "other": other,
        "difference": differs,
        "says": f"For token {count + 1} each block computes the keys and values of {sum(computed)} "
        f"token{'s' if sum(computed) > 1 else ''}. Since the first token: {sofar}.{same}",
    }


@lru_cache(maxsize=64)
def compare_logits(opened: OpenedGPT, tokens: tuple[int, ...]) -> float | None:
    """Return the largest difference of the next token's logits with a cache and without; ``None`` without a cache."""
    if not opened.model.has_cache:
        return None
    cached = Cached(opened.model)
    logits = cached.prefill(tokens[:1])
    for token in tokens[1:]:
        logits = cached.decode(token)
    return float((logits - Recompute(opened.model).prefill(tokens)).abs().max())


TEMPERATURE = Slider("temperature", "temperature T", 1.0, low=0.0, high=2.0, step=0.05)
VIEWS = {
    "next": View(
        "How likely each next token is",
        compute_next,
        (
            TextBox("text", "the text", PROMPT),
            TEMPERATURE,
            Slider("top_k", "top-k (0: off)", 0, low=0, high=40, step=1),
            Slider("top_p", "top-p", 1.0, low=0.05, high=1.0, step=0.05),
            Slider("tokens", "tokens drawn", 0, low=0, high=MOST_WRITTEN, step=1, plays=True),
            Slider("draw", "draw again", 0, low=0, high=20, step=1),
        ),
        lazy=True,
    ),
    "circle": View(
        "A phrase that is read again and again",
        compute_circle,
        (
            TextBox("phrase", "phrase", PHRASE, most=MOST_PHRASE),
            Slider("readings", "times read", 2, low=1, high=MOST_READINGS, step=1, plays=True),
        ),
        lazy=True,
    ),
    "tree": View(
        "The likeliest ways that the text can go",
        compute_tree,
        (TextBox("text", "the text", "The "), TEMPERATURE),
        lazy=True,
    ),
    "cache": View(
        "Which keys and values are computed for one more token",
        compute_cache,
        (
            Switch("cache", "key-value cache", False),
            Slider("tokens", "tokens", 6, low=1, high=MOST_CACHED, step=1, plays=True),
        ),
        lazy=True,
    ),
}
