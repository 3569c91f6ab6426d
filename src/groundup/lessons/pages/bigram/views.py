"""What the lesson's views show: a table of pairs of letters, texts that tables write, and a table that is learned."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from groundup.base.errors import UserError
from groundup.data.corpus.texts import read_text
from groundup.lessons.origins import Factor, trace_sum
from groundup.lessons.views import Slider, TextBox, View
from groundup.steps.c4_training.optimisers import Adam
from groundup.steps.c4_training.schedule import learning_rate
from groundup.steps.c5_words.batches import create_batches
from groundup.steps.c5_words.bigram import BigramModel, count_pairs, find_shares, measure_loss
from groundup.steps.c5_words.sampling import choose_token
from groundup.steps.c6_gpt.gpt_training import next_token_loss

ALPHABET = " abcdefghijklmnopqrstuvwxyz"
ALL = 400_000
MOST_BACK = 6
LETTERS = 200
NEW_SHARE = 0.1
STEPS, WINDOW, BATCH = 150, 64, 512


@cache
def read_letters(text: str = "python-reference") -> Int[Tensor, " letter"]:
    """Return a built-in text as numbers in `ALPHABET`: small letters, and one space for whatever stands between."""
    return number_letters(read_text(text).content)


def number_letters(text: str) -> Int[Tensor, " letter"]:
    """Return a text as numbers in `ALPHABET`, as whole arrays: a search for patterns takes ten times as long.

    Examples
    --------
    >>> "".join(ALPHABET[number] for number in number_letters("To be, or -- NOT"))
    'to be or not'
    """
    numbers = np.zeros(256, dtype=np.int64)  # whatever is no small letter is a space
    numbers[ord("a") : ord("z") + 1] = range(1, 27)
    letters = numbers[np.frombuffer(text.lower().encode(), dtype=np.uint8)]
    follows_space = np.concatenate([[False], letters[:-1] == 0])
    return torch.from_numpy(letters[(letters > 0) | ~follows_space])


def name_letter(letter: str) -> str:
    """Return a letter as a sentence can name it."""
    return "the space" if letter == " " else letter


def compute_counts(letter: str, characters: int) -> dict[str, Any]:
    """Return how often each letter follows each other one.

    Returns
    -------
    dict
        ``letters``, 27; ``counts`` and ``shares``, 27×27, a row per letter before; ``row``, the chosen one; ``empty``,
        how many pairs never occur; ``loss``, in nats; ``origins``: where the shares of that row come from; ``says``.

    Raises
    ------
    UserError
        What is typed is no letter.
    """
    if len(letter) != 1 or letter.lower() not in ALPHABET:
        raise UserError("Type one letter from a to z, or a space.")
    row = ALPHABET.index(letter.lower())
    counts = count_pairs(read_letters()[:characters], len(ALPHABET))
    shares = find_shares(counts)
    best = int(counts[row].argmax())
    seen = int(counts[row].sum())
    told = (
        f"After {name_letter(ALPHABET[row])}, which occurs {seen:,} times, comes {name_letter(ALPHABET[best])} in "
        f"{float(shares[row, best]):.1%} of all cases."
        if seen
        else f"{name_letter(ALPHABET[row]).capitalize()} does not occur in this much text: its row is empty."
    )
    empty = int((counts == 0).sum())
    called = [name_letter(one) for one in ALPHABET]
    pairs = [(name, float(count)) for name, count in zip(called, counts[row], strict=True)]
    total = [[Factor(f"then {name}", count)] for name, count in pairs]
    origins = {"total": trace_sum(f"letters after {called[row]}", seen, *total)}
    for place, (name, count) in enumerate(pairs):
        if count:
            share = [Factor(f"then {name}", count), Factor(f"letters after {called[row]}", seen, "total", over=True)]
            title = f"share of {name} after {called[row]}"
            origins[f"share{place}"] = trace_sum(title, float(shares[row, place]), share)
    return {
        "origins": origins,
        "letters": list(ALPHABET),
        "counts": counts.long(),
        "shares": shares,
        "row": row,
        "empty": empty,
        "loss": measure_loss(shares, counts),
        "says": f"{told} {empty} of 729 pairs never occur.",
    }


@cache
def sort_contexts(back: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the ``back`` letters before each letter of the first nine tenths, as sorted numbers, and these letters."""
    letters = read_letters().numpy()
    contexts = number_contexts(letters[: int(len(letters) * (1 - NEW_SHARE))], back)
    order = np.argsort(contexts, kind="stable")
    return contexts[order], letters[back:][order].astype(np.uint8)


def number_contexts(letters: np.ndarray, back: int) -> np.ndarray:
    """Return the ``back`` letters before each place as one number in base 27, from place ``back`` on."""
    count = len(letters) - back
    contexts = np.zeros(count, dtype=np.int32)  # 27 to the power of 6 fits
    for place in range(back):
        contexts *= len(ALPHABET)
        contexts += letters[place : place + count].astype(np.int32)
    return contexts


@lru_cache(maxsize=4096)
def find_counts(context: int, back: int) -> np.ndarray:
    """Return how often each letter comes after a stretch of letters."""
    contexts, letters = sort_contexts(back)
    low, high = np.searchsorted(contexts, [context, context + 1])
    return np.bincount(letters[low:high], minlength=len(ALPHABET))


@cache
def measure_new(back: int) -> tuple[float, float]:
    """Return two shares of the places in the last tenth of the text.

    The first are those where the ``back`` letters before were never met; the second those where the letter that comes
    was never met after them, so that its probability is 0.
    """
    letters = read_letters().numpy()
    new = letters[int(len(letters) * (1 - NEW_SHARE)) :]
    contexts, after = sort_contexts(back)
    asked = number_contexts(new, back)
    pairs = np.unique(contexts.astype(np.int64) * len(ALPHABET) + after)
    unknown = ~np.isin(asked, np.unique(contexts))
    impossible = ~np.isin(asked.astype(np.int64) * len(ALPHABET) + new[back:], pairs)
    return float(unknown.mean()), float(impossible.mean())


def describe_share(share: float) -> str:
    """Return in words in how many places of new text the true letter has probability 0, in whole numbers."""
    places = next((places for places in (100, 1000, 10_000) if share * places >= 1), None)
    if places is None:
        return "In new text, each letter that really comes next has a probability above 0."
    count = round(share * places)
    return f"In {count} of {places:,} places of new text, the letter that really comes next has probability 0."


def compute_write(back: int, draw: int) -> dict[str, Any]:
    """Return what a table writes that looks so many letters back.

    Returns
    -------
    dict
        ``text``; ``choices``, for each of its letters among how many different ones it was drawn; ``impossible``, for
        each number of letters back the share of new text to which the table gives probability 0; ``back``; ``says``.
    """
    generator = torch.Generator().manual_seed(draw)
    base = len(ALPHABET)
    written = [int(letter) for letter in read_letters()[:back]]
    text, choices = [], []
    for _ in range(LETTERS):
        context = 0
        for letter in written[len(written) - back :]:
            context = context * base + letter
        counts = torch.from_numpy(find_counts(context, back)).double()
        if not counts.sum():  # only the end of the text has no letter after it
            counts = torch.from_numpy(np.bincount(read_letters().numpy(), minlength=base)).double()
        letter = choose_token(counts.log(), generator)
        written.append(letter)
        text.append(ALPHABET[letter])
        choices.append(int((counts > 0).sum()))
    shares = [measure_new(number)[1] for number in range(MOST_BACK + 1)]
    mean = sum(choices) / len(choices)
    letters = "letter" if back == 1 else "letters"
    return {
        "text": "".join(text),
        "choices": choices,
        "impossible": shares,
        "back": back,
        "says": f"Looking {back} {letters} back, there were {mean:.1f} letters to choose from on average. "
        + describe_share(shares[back]),
    }


def train_table(rate: float) -> Iterator[dict[str, Any]]:
    """Train a table of logits, a frame for every second step; the learning rate falls from ``rate`` to 0.

    Yields
    ------
    dict
        ``step``, ``steps``; ``learned`` and ``counted``, 27×27 probabilities each; ``losses``, one row (step, loss on
        the whole text) per frame so far; ``floor``, the loss of the counted table; ``nothing``; ``difference``, the
        largest between both tables in rows that occur; ``says``.
    """
    letters = read_letters()
    counts = count_pairs(letters, len(ALPHABET))
    counted = find_shares(counts)
    floor = measure_loss(counted, counts)
    model = BigramModel(len(ALPHABET))
    optimizer = Adam(model.parameters(), rate)
    generator = torch.Generator().manual_seed(0)
    losses: list[list[float]] = []
    for step in range(STEPS + 1):
        if step % 2 == 0:
            learned = model.table.detach().double().softmax(1)
            loss = measure_loss(learned, counts)
            losses = [*losses, [float(step), loss]]
            difference = float((learned - counted).abs().max())
            yield {
                "letters": list(ALPHABET),
                "step": step,
                "steps": STEPS,
                "learned": learned,
                "counted": counted,
                "losses": losses,
                "floor": floor,
                "nothing": math.log(len(ALPHABET)),
                "difference": difference,
                "says": f"Step {step} of {STEPS}: loss {loss:.3f}, the counted table has {floor:.3f}. The largest "
                f"difference between two probabilities is {difference:.2f}.",
            }
        optimizer.param_groups[0]["lr"] = learning_rate(step, STEPS, 0, rate)
        inputs, targets = create_batches(letters, WINDOW, BATCH, generator)
        optimizer.zero_grad()
        next_token_loss(model, inputs, targets).backward()
        optimizer.step()


VIEWS = {
    "counts": View(
        "Which letter follows which",
        compute_counts,
        (
            TextBox("letter", "letter", "e", most=1),
            Slider("characters", "letters of text read", ALL, low=500, high=ALL, step=500, log=True),
        ),
    ),
    "write": View(
        "What a table writes",
        compute_write,
        (
            Slider("back", "letters back", 0, low=0, high=MOST_BACK, step=1),
            Slider("draw", "draw other letters", 0, low=0, high=20, step=1),
        ),
        lazy=True,
    ),
    "neural": View(
        "A table of logits in training, beside the counted table",
        train_table,
        (Slider("rate", "learning rate α at the start", 0.2, low=0.003, high=1.0, step=0.001, log=True),),
        stream=True,
        lazy=True,
    ),
}
