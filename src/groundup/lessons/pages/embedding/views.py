"""What the lesson on embeddings shows: words placed by the words near them, one row of a table, and two arrows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize

from groundup.base.errors import UserError
from groundup.data.corpus.texts import read_text
from groundup.data.texts.words import split_words
from groundup.lessons.origins import Factor, dot, trace_sum
from groundup.lessons.views import Points, Slider, TextBox, View
from groundup.steps.c4_training.linear import Linear
from groundup.steps.c4_training.optimisers import Adam
from groundup.steps.c4_training.training_loop import train
from groundup.steps.c5_words.embedding import Embedding, find_nearest, look_up, measure_cosines, one_hot
from groundup.steps.c5_words.vocabulary import Vocabulary

LEAST = 50  # how often a word must occur to get a place
REACH = 2  # how many words before and after a word are near it
CHANNELS, STEPS, RATE = 16, 100, 0.05
START = 0.1  # the spread of the first places: what is left of a large random start would hide what is learned
NEAREST, ALSO_NEAR = 6, 5
# Words sorted by hand before any table was looked at; they choose nothing, and only measure what was learned.
GROUPS = {
    "fighting": "sword war arms fight",
    "places": "rome england house city",
    "praise": "sweet gentle fair gracious noble worthy kind",
    "dying": "death dead die grave",
    "moving": "go come away hence leave stay",
    "asking": "what where why how who when",
    "owning": "my thy his her our your their mine thine",
    "wanting and having to": "shall will would should could may might must can",
    "nature": "earth heaven sea sun fire",
    "greeting": "sir madam lady lord",
}


@dataclass(frozen=True)
class Reading:
    """What a model reads: words that occur often enough, and what stands near them.

    Attributes
    ----------
    words : list of str
        In alphabetical order.
    times : list of int
        How often each occurs.
    shares : Tensor, shape (V, V)
        For each word, the share that each word has of all those near it.
    """

    words: list[str]
    times: list[int]
    shares: Float[Tensor, "vocabulary vocabulary"]

    def find(self, word: str) -> int:
        """Return a word's row, or say which words have none."""
        wanted = word.strip().lower()
        if wanted not in self.words:
            raise UserError(
                f"“{word.strip()[:40]}” does not occur {LEAST} times in the plays. Try king, mother, sea or sweet."
            )
        return self.words.index(wanted)


@cache
def read_plays() -> Reading:
    """Count which words stand near which in the plays of Shakespeare, without the names of the speakers."""
    text = re.sub(r"(?m)^[^\n]*:$", "", read_text("shakespeare").content).lower()
    said = re.findall(r"'?[a-z]+", text)
    times = Counter(said)
    words = sorted(word for word, count in times.items() if count >= LEAST)
    size, numbers = len(words), {word: number for number, word in enumerate(words)}
    row = np.array([numbers.get(word, -1) for word in said])
    near = np.zeros((size, size))
    for far in range(1, REACH + 1):
        before, after = row[:-far], row[far:]
        both = (before >= 0) & (after >= 0)
        near += np.bincount(before[both] * size + after[both], minlength=size**2).reshape(size, size)
    near += near.T
    shares = torch.from_numpy(near / near.sum(axis=1, keepdims=True)).float()
    return Reading(words, [times[word] for word in words], shares)


@cache
def learn_places(steps: int) -> tuple[list[Float[Tensor, "vocabulary channel"]], list[float]]:
    """Train a table to predict the words near each word; return it before and after each step, and all losses.

    With all words in each step, it takes less than a second.
    """
    shares = read_plays().shares
    torch.manual_seed(0)
    embedding = Embedding(len(shares), CHANNELS)
    with torch.no_grad():
        embedding.weight.mul_(START)
    model = nn.Sequential(embedding, Linear(CHANNELS, len(shares)))
    optimizer = Adam(model.parameters(), RATE)
    tables, losses = [embedding.weight.detach().clone()], []
    for _ in range(steps):
        losses += train(model, cross_entropy, optimizer, torch.arange(len(shares)), shares, 1, len(shares))
        tables.append(embedding.weight.detach().clone())
    return tables, losses


def find_table(steps: int) -> Float[Tensor, "vocabulary channel"]:
    """Return the table after so many steps; before the first, nothing needs to be trained."""
    return learn_places(STEPS if steps else 0)[0][steps]


def measure_all(table: Float[Tensor, "vocabulary channel"]) -> Float[Tensor, "vocabulary vocabulary"]:
    """Return the cosines of all rows with each other: row by row `measure_cosines`, as one matrix product."""
    directions = normalize(table, dim=1)
    return directions @ directions.T


def count_in_group(cosines: Float[Tensor, "vocabulary vocabulary"]) -> tuple[int, int]:
    """Return how many words of `GROUPS` have one of their own group as the nearest of these words, and of how many."""
    reading = read_plays()
    group = [name for name, words in GROUPS.items() for _ in words.split()]
    rows = [reading.find(word) for words in GROUPS.values() for word in words.split()]
    nearest = cosines[rows][:, rows].fill_diagonal_(-1).argmax(dim=1).tolist()
    return sum(group[row] == group[other] for row, other in enumerate(nearest)), len(rows)


def compute_words(across: str, upward: str, word: str, steps: int) -> dict[str, Any]:
    """Place each word of the plays by its cosines with two chosen words, and find the nearest words of a third.

    Parameters
    ----------
    across, upward, word : str
        Words that occur in the plays `LEAST` times or more.
    steps : int
        0 to 100: how long the table has been trained.

    Returns
    -------
    dict
        ``words``; ``places``: array (words, 2), the cosines with ``across`` and with ``upward``; ``times``: how often
        each word occurs; ``near``: array (words, 5), the rows of the words nearest to each; ``axes`` and ``chosen``:
        the rows of the words that were typed; ``nearest``: the six nearest words, each with its ``row`` and
        ``cosine``; ``origins``: where these cosines come from.
    """
    reading = read_plays()
    right, up, row = (reading.find(typed) for typed in (across, upward, word))
    table = find_table(steps)
    found, cosines = find_nearest(table, row, NEAREST)
    cosine_table = measure_all(table)
    name = reading.words[row]
    origins: dict[str, Any] = {}
    for place, other in enumerate(found.tolist()):
        origins |= trace_cosine(f"{place}", (name, table[row]), (reading.words[other], table[other]))
    own, count = count_in_group(cosine_table)
    places = cosine_table[:, [right, up]]
    nearest = [
        {"word": reading.words[other], "row": other, "cosine": cosine}
        for other, cosine in zip(found.tolist(), cosines.tolist(), strict=True)
    ]
    listed = ", ".join(one["word"] for one in nearest)
    return {
        "words": reading.words,
        "times": reading.times,
        "places": places,
        "near": cosine_table.fill_diagonal_(-1).topk(ALSO_NEAR).indices,
        "axes": [right, up],
        "chosen": row,
        "nearest": nearest,
        "origins": origins,
        "own": own,
        "says": f"At step {steps} the words nearest to {name} are {listed}. Of {count} words sorted into "
        f"{len(GROUPS)} groups by hand, {own} have a word of their own group as their nearest.",
    }


def trace_cosine(
    key: str, one: tuple[str, Float[Tensor, " channel"]], other: tuple[str, Float[Tensor, " channel"]]
) -> dict[str, Any]:
    """Return where the cosine of two words' vectors comes from, and where the numbers in it do."""
    (name, a), (second, b) = one, other
    product, lengths = float(a @ b), [float(a.norm()), float(b.norm())]
    cosine = float(measure_cosines(b[None], a)[0])
    factors = [
        Factor(f"length of {word}", length, f"length{key}{side}", over=True)
        for word, length, side in zip((name, second), lengths, "ab", strict=True)
    ]
    origins = {
        f"cosine{key}": trace_sum(
            f"cosine of {name} and {second}", cosine, [Factor("dot product", product, f"dot{key}"), *factors]
        ),
        f"dot{key}": trace_sum(
            f"dot product of {name} and {second}", product, *dot((f"{name} ", f"{second} "), a.tolist(), b.tolist())
        ),
    }
    for word, vector, length, side in zip((name, second), (a, b), lengths, "ab", strict=True):
        squares = dot((f"{word} ", f"{word} "), vector.tolist(), vector.tolist())
        origins[f"length{key}{side}"] = trace_sum(f"length of {word}", length, *squares, then="√(·)")
    return origins


def compute_lookup(sentence: str, place: int) -> dict[str, Any]:
    """Multiply a word's one-hot vector by a small table.

    Parameters
    ----------
    sentence : str
        Its different words are the vocabulary, at most eight of them.
    place : int
        Which word of the sentence is looked up, from 1.

    Returns
    -------
    dict
        ``rows``: the name of each row; ``one_hot``: array (rows,); ``table``: array (rows, 4); ``products``: array
        (rows, 4), each row times its number of the one-hot vector; ``result``: their sum, array (4,).
    """
    words = split_words(sentence)
    if not words:
        raise UserError("Type a sentence: its words are the rows of the table.")
    vocabulary = Vocabulary([" ".join(words)])
    if len(vocabulary.words) > 8:
        raise UserError(f"These are {len(vocabulary.words)} different words. Use at most 8, so that the table fits.")
    place = min(place, len(words))
    number = vocabulary.encode(words[place - 1])[0]
    table = torch.randn(len(vocabulary), 4, generator=torch.Generator().manual_seed(3)).mul(10).round() / 10
    vector = one_hot(torch.tensor([[number]]), len(vocabulary))[0, 0]
    result = look_up(table, torch.tensor(number))
    return {
        "sentence": words,
        "place": place - 1,
        "rows": ["padding", *vocabulary.words, "unknown"],
        "one_hot": vector,
        "table": table,
        "products": vector[:, None] * table,
        "result": result,
        "row": number,
        "says": f"“{words[place - 1]}” has the id {number}. Its one-hot vector times the table is row {number}.",
    }


def compute_lengths(arrows: Sequence[Sequence[float]]) -> dict[str, Any]:
    """Compare two vectors by their dot product and by the cosine of their angle.

    Parameters
    ----------
    arrows : sequence of pairs
        The ends of the two arrows, which begin at 0.

    Returns
    -------
    dict
        ``a`` and ``b``: the vectors; ``lengths``; ``dot``; ``cosine``; ``shadow``: where b falls on the line of a;
        ``origins``: where the numbers come from.
    """
    if len(arrows) != 2:
        raise UserError("There must be two arrows: no more and no fewer.")
    a, b = torch.tensor(arrows, dtype=torch.float32)[:, :2]
    dot, lengths = float(a @ b), [float(a.norm()), float(b.norm())]
    cosine = float(measure_cosines(b[None], a)[0])
    square = lengths[0] ** 2
    origins = {}
    for name, vector, length in zip("ab", (a, b), lengths, strict=True):
        squares = [
            [Factor(f"{name}{axis + 1}", float(one)), Factor(f"{name}{axis + 1}", float(one))]
            for axis, one in enumerate(vector)
        ]
        origins[f"length_{name}"] = trace_sum(f"length of {name}", length, *squares, then="√(·)")
    products = [
        [Factor(f"a{axis + 1}", float(one)), Factor(f"b{axis + 1}", float(other))]
        for axis, (one, other) in enumerate(zip(a, b, strict=True))
    ]
    origins["dot"] = trace_sum("a · b", dot, *products)
    if all(lengths):
        over = [
            Factor(f"length of {name}", length, f"length_{name}", over=True)
            for name, length in zip("ab", lengths, strict=True)
        ]
        origins["cosine"] = trace_sum("cosine", cosine, [Factor("a · b", dot, "dot"), *over])
    return {
        "origins": origins,
        "a": a,
        "b": b,
        "lengths": lengths,
        "dot": dot,
        "cosine": cosine,
        "shadow": a * (dot / square) if square else a,
        "says": f"The dot product is {dot:.1f}, the lengths are {lengths[0]:.1f} and {lengths[1]:.1f}, "
        f"and the cosine is {cosine:.2f}.",
    }


VIEWS = {
    "words": View(
        "Words, placed by the company they keep",
        compute_words,
        (
            TextBox("across", "right:", "king", most=40),
            TextBox("upward", "up:", "father", most=40),
            TextBox("word", "nearest to:", "brother", most=40),
            Slider("steps", "steps of training", 0, low=0, high=STEPS, step=2, plays=True),
        ),
    ),
    "lookup": View(
        "One row of the table",
        compute_lookup,
        (
            TextBox("sentence", "a sentence", "the soup was warm", most=100),
            Slider("place", "word", 2, low=1, high=12, step=1),
        ),
    ),
    "lengths": View(
        "Dot product and cosine",
        compute_lengths,
        (Points("arrows", "two arrows", ((2.0, 1.0), (2.0, 4.0)), least=2, most=2),),
    ),
}
