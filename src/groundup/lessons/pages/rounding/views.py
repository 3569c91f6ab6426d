"""What the lesson on rounding weights shows: rows of weights on their grid, a rounded table, and a rounded GPT."""

from __future__ import annotations

import copy
import math
from functools import cache, lru_cache
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.data.corpus.windows import Tokens
from groundup.lessons.origins import Factor, trace_sum
from groundup.lessons.pages.bigram.views import ALPHABET, read_letters
from groundup.lessons.trained import OpenedGPT, open_newest_gpt, tell_waiting
from groundup.lessons.views import Choice, Points, Slider, Switch, TextBox, View
from groundup.steps.c5_words.bigram import count_pairs, learn_table, measure_table_loss
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c7_beyond.quantisation import dequantise, quantise
from groundup.tasks.gpt.corpus import measure_loss
from groundup.tasks.gpt.evaluation import read_measured_text
from groundup.tasks.gpt.runs import continue_text, encode_prompt

FEWEST, MOST = 2, 8
FULL = 32
# Ten weights of the trained table, with two decimals: the logits of five letters after u, and of the same after h.
ROWS, COLUMNS = "uh", "aeous"
WEIGHTS = ((1.7, 2.75, -0.97, -2.65, 2.81), (4.62, 5.97, 4.2, -0.32, -1.19))
STEPS, RATE = 1000, 50
SHIFTED_ROW, SHIFT = "q", 40.0
PROMPT = "The king "
MEASURED, WRITTEN = 4096, 80
PER_ROW, WHOLE = SCALES = ("row", "matrix")


def choose_scales(whole: str) -> Choice:
    """Return the control for how many scales there are; ``whole`` names the second choice."""
    return Choice("scales", "scales", PER_ROW, SCALES, ("one per row", whole))


def round_weights(
    weight: Float[Tensor, "node feature"], bits: int, scales: str
) -> tuple[Tensor, Float[Tensor, " node"], Float[Tensor, "node feature"]]:
    """Return the whole numbers, the scale of each row, and the weights that they stand for.

    One scale for the whole matrix is what the step gives for a matrix that is written as a single row.
    """
    rows = weight if scales == PER_ROW else weight.reshape(1, -1)
    numbers, found = quantise(rows, bits)
    rounded = dequantise(numbers, found)
    return numbers.view_as(weight), found.expand(len(weight)), rounded.view_as(weight)


@cache
def learn_letters() -> tuple[Float[Tensor, "letter letter"], Float[Tensor, "letter letter"]]:
    """Return the trained table of logits of the lesson on bigrams, and the counts that it learned from."""
    counts = count_pairs(read_letters(), len(ALPHABET))
    return learn_table(counts, STEPS, RATE), counts


def compute_grid(weights: list[list[float]], bits: int, scales: str) -> dict[str, Any]:
    """Return two rows of weights, and what they become when they are rounded.

    Returns
    -------
    dict
        ``weights``, ``numbers`` and ``rounded``, each 2×5; ``scales`` and ``bounds`` (half of a scale), one per row;
        ``worst``, the largest error of each row; ``largest``, the largest whole number; ``rows`` and ``columns``, the
        letters; ``origins``: where scales and whole numbers come from; ``says``.
    """
    weight = torch.tensor(weights, dtype=torch.float64).view(len(ROWS), len(COLUMNS))
    numbers, found, rounded = round_weights(weight, bits, scales)
    worst = (weight - rounded).abs().amax(dim=1)
    largest = 2 ** (bits - 1) - 1
    origins: dict[str, Any] = {}
    for row, name in enumerate(ROWS):
        scale, most = float(found[row]), float((weight[row] if scales == PER_ROW else weight).abs().max())
        if not most:
            continue  # no weight, no scale
        factors = [Factor("largest |w|", most), Factor("largest whole number", float(largest), over=True)]
        origins[f"s{row}"] = trace_sum(f"scale s of row {name}", scale, factors)
        for column, after in enumerate(COLUMNS):
            one = [Factor(f"w of {name}{after}", float(weight[row, column])), Factor("s", scale, f"s{row}", over=True)]
            q = float(numbers[row, column])
            origins[f"q{row}_{column}"] = trace_sum(f"q of {name}{after}", q, one, then="round(·)")
    told = [
        f"Row {name}: s = {scale:.3g}, largest error {error:.2g}, at most s/2 = {scale / 2:.2g}."
        for name, scale, error in zip(ROWS, found.tolist(), worst.tolist(), strict=True)
    ]
    return {
        "origins": origins,
        "weights": weight,
        "numbers": numbers,
        "rounded": rounded,
        "scales": found,
        "bounds": found / 2,
        "worst": worst,
        "largest": largest,
        "rows": list(ROWS),
        "columns": list(COLUMNS),
        "says": f"{bits} bits: whole numbers from −{largest} to {largest}. {' '.join(told)}",
    }


@cache
def measure_bits(scales: str, shifted: bool) -> list[float]:
    """Return the loss of the rounded table with 2, 3, … 8 bits, in nats."""
    table, counts = take_table(shifted)
    return [measure_table_loss(round_weights(table, bits, scales)[2], counts) for bits in range(FEWEST, MOST + 1)]


def take_table(shifted: bool) -> tuple[Float[Tensor, "letter letter"], Float[Tensor, "letter letter"]]:
    """Return the trained table, with or without a number added to one of its rows, and the counts."""
    table, counts = learn_letters()
    if shifted:
        table = table.clone()
        table[ALPHABET.index(SHIFTED_ROW)] += SHIFT
    return table, counts


def compute_table(bits: int, scales: str, shifted: bool) -> dict[str, Any]:
    """Return the rounded table of letters, and its loss with so many bits.

    Returns
    -------
    dict
        ``letters``, 27; ``table``, 27×27, after rounding; ``row`` and ``matrix``, the losses with 2, 3, … 8 bits and
        one scale per row or one for the table; ``full``, the loss without rounding; ``nothing``, that of a model that
        knows nothing; ``zeros``, how many weights became 0; ``values``, how many different ones are left; ``says``.
    """
    table, counts = take_table(shifted)
    numbers, _, rounded = round_weights(table, bits, scales)
    losses = {kind: measure_bits(kind, shifted) for kind in SCALES}
    full, loss = measure_table_loss(table, counts), losses[scales][bits - FEWEST]
    zeros = int((numbers == 0).sum())
    return {
        "letters": list(ALPHABET),
        "table": rounded,
        **losses,
        "bits": bits,
        "scales": scales,
        "full": full,
        "nothing": math.log(len(ALPHABET)),
        "zeros": zeros,
        "values": len(numbers.unique()),
        "says": f"{bits} bits, {'one scale per row' if scales == PER_ROW else 'one scale for the table'}: loss "
        f"{loss:.4f}; without rounding it is {full:.4f}. {zeros} of 729 weights became 0.",
    }


@lru_cache(maxsize=2)
def read_tokens(opened: OpenedGPT) -> Tokens:
    """Return the validation text of a GPT's run as tokens; the built-in text where the run has none of its own."""
    assert opened.run is not None
    try:
        found, _, _ = read_measured_text(opened.run, None, opened.tokenizer, Reporter.silent())
    except UserError:
        found, _, _ = read_measured_text(opened.run, "python-reference", opened.tokenizer, Reporter.silent())
    tokens: Tokens = found
    return tokens


def count_bytes(model: torch.nn.Module, bits: int, scales: str) -> float:
    """Return the size of a model's matrices in bytes: its whole numbers, and a scale of 4 bytes per row or matrix."""
    matrices = [weight for weight in model.parameters() if weight.ndim == 2]
    numbers = sum(weight.numel() for weight in matrices) * bits / 8
    return numbers + (0 if bits == FULL else 4 * sum(len(w) if scales == PER_ROW else 1 for w in matrices))


@lru_cache(maxsize=64)
def measure_rounded(opened: OpenedGPT, bits: int, scales: str) -> float:
    """Return the loss of a GPT whose matrices are rounded, in nats per token; 32 bits are not rounded."""
    return measure_loss(round_model(opened, bits, scales), read_tokens(opened), most_tokens=MEASURED)


def round_model(opened: OpenedGPT, bits: int, scales: str) -> GPT:
    """Return a copy of a GPT with rounded matrices; its vectors (norms, biases), which are few, stay as they are."""
    if bits == FULL:
        return opened.model
    model = copy.deepcopy(opened.model)
    for weight in model.parameters():
        if weight.ndim == 2:
            weight.copy_(round_weights(weight, bits, scales)[2])
    return model


def write_on(model: GPT, opened: OpenedGPT, prompt: list[int]) -> str:
    """Return how a model goes on with tokens, always with the same random numbers."""
    draw = torch.Generator().manual_seed(0)
    return "".join(part for _, part in continue_text(model, opened.tokenizer, prompt, WRITTEN, generator=draw))


@tell_waiting
@torch.inference_mode()
def compute_gpt(bits: int, scales: str, text: str) -> dict[str, Any]:
    """Return what a GPT with rounded matrices loses, and what it writes.

    Returns
    -------
    dict
        ``bits``, ``scales``; ``loss`` and ``full``, in nats per token on the validation text, with rounding and
        without; ``nothing``, the loss of a model that knows nothing; ``size`` and ``whole``, in bytes, with rounding
        and without; ``text``, and what follows it, ``written`` with rounding and ``unrounded`` without; ``widest``, the
        token in whose row of the output matrix the largest weight stands, ``largest``, its size, and ``usual``, the
        median of the largest sizes of all rows; ``whose``; ``says``.

    Raises
    ------
    UserError
        The text holds characters that the model does not know.
    """
    opened = open_newest_gpt(quantised=False)
    prompt = encode_prompt(text, opened.tokenizer)
    model = round_model(opened, bits, scales)
    written, unrounded = (write_on(one, opened, prompt) for one in (model, opened.model))
    sizes = opened.model.output.weight.abs().amax(dim=1)
    loss, full = (measure_rounded(opened, size, scales) for size in (bits, FULL))
    return {
        "bits": bits,
        "scales": scales,
        "loss": loss,
        "full": full,
        "nothing": math.log(opened.tokenizer.size),
        "size": count_bytes(model, bits, scales),
        "whole": count_bytes(model, FULL, scales),
        "text": text,
        "written": written,
        "unrounded": unrounded,
        "widest": opened.tokenizer.decode([int(sizes.argmax())]),
        "largest": sizes.max(),
        "usual": sizes.median(),
        "whose": opened.whose,
        "says": f"{bits} bits, {'one scale per row' if scales == PER_ROW else 'one scale per matrix'}: loss "
        f"{loss:.3f} per token; without rounding it is {full:.3f}. {opened.whose}",
    }


VIEWS = {
    "grid": View(
        "Ten weights and the values that they may have",
        compute_grid,
        (
            Points("weights", "weights", tuple((weight,) for row in WEIGHTS for weight in row), least=10, most=10),
            Slider("bits", "bits per weight n", 3, low=FEWEST, high=MOST, step=1),
            choose_scales("one for both"),
        ),
    ),
    "table": View(
        "A table of letters with rounded weights, and its loss",
        compute_table,
        (
            Slider("bits", "bits per weight n", MOST, low=FEWEST, high=MOST, step=1),
            choose_scales("one for the table"),
            Switch("shifted", f"{SHIFT:.0f} added to row {SHIFTED_ROW}", False),
        ),
    ),
    "rounded": View(
        "A GPT with rounded weights",
        compute_gpt,
        (
            Slider("bits", "bits per weight n", MOST, low=FEWEST, high=MOST, step=1),
            choose_scales("one per matrix"),
            TextBox("text", "text so far", PROMPT, most=100),
        ),
        lazy=True,
    ),
}
