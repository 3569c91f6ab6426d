"""What the views show: a GPT in training, one loss in three units, and where a model is surprised."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from typing import Any

import torch
from jaxtyping import Int
from torch import Tensor

from groundup.base.errors import UserError
from groundup.data.corpus.texts import read_text
from groundup.lessons.origins import Factor, trace_sum
from groundup.lessons.reading import number_characters, read
from groundup.lessons.trained import open_newest_gpt, tell_waiting
from groundup.lessons.views import Slider, TextBox, View
from groundup.steps.c4_training.optimisers import Adam
from groundup.steps.c5_words.batches import create_batches
from groundup.steps.c5_words.bigram import count_pairs, find_shares, measure_loss
from groundup.steps.c5_words.vocabulary import CharacterVocabulary
from groundup.steps.c6_gpt.gpt_training import next_token_loss
from groundup.steps.c6_gpt.plain_gpt import PlainGPT

CONTEXT, BATCH, STEPS, HEADS = 32, 16, 1000, 4
DECAY = 0.01
SHOWN_AT = (0, 10, 25, 50, 100, 150, 250, 400, 600, 800, 1000)
LETTERS = 60
STEPS_PER_FRAME = 2


@cache
def read_characters() -> tuple[CharacterVocabulary, Int[Tensor, " token"]]:
    """Return the built-in text as characters: the vocabulary and the numbers."""
    content = read_text("python-reference").content
    characters = CharacterVocabulary(content)
    return characters, number_characters(characters, content)


@cache
def find_floors() -> tuple[float, float]:
    """Return the smallest losses, in nats, of a model that ignores the text before, and of one that sees one character.

    Both are those of the counted shares on the text that they were counted on.
    """
    characters, data = read_characters()
    shares = torch.bincount(data).double() / len(data)
    counts = count_pairs(data, len(characters))
    return float(-(shares * shares.clamp(min=1e-30).log()).sum()), measure_loss(find_shares(counts), counts)


def train_live(prompt: str, width: int, blocks: int, rate: float) -> Iterator[dict[str, Any]]:
    """Train a plain GPT, a frame for every second step.

    Yields
    ------
    dict
        ``step``, ``steps``; ``losses``, one row (step, mean loss of the last batches) per frame so far; ``samples``:
        ``{"step", "loss", "text"}``, what the model writes after ``prompt`` at some steps; ``nothing``, ``letters`` and
        ``pairs``: the losses of models that know nothing, how often each character occurs, and which follows which;
        ``weights``, their number; ``says``. The very first frame is ``partial``: without its sample.

    Raises
    ------
    UserError
        The prompt has characters that the text does not have, or none.
    """
    characters, data = read_characters()
    letters, pairs = find_floors()
    if not prompt:
        raise UserError("Type at least one character for the model to begin with.")
    try:
        begun = characters.encode(prompt)
    except ValueError as error:
        raise UserError(f"The text that the model reads has no such character: {error}.") from error
    training = data[: -len(data) // 10]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = PlainGPT(len(characters), CONTEXT, width, blocks, HEADS, dropout=0.0)
    optimizer = Adam(model.parameters(), rate, weight_decay=DECAY)
    generator = torch.Generator().manual_seed(1)
    recent: list[float] = []
    losses: list[list[float]] = []
    samples: list[dict[str, Any]] = []

    def show(step: int, mean: float, partial: bool = False) -> dict[str, Any]:
        return {
            "partial": partial,
            "step": step,
            "steps": STEPS,
            "prompt": prompt,
            "losses": losses,
            "samples": samples,
            "nothing": math.log(len(characters)),
            "letters": letters,
            "pairs": pairs,
            "weights": model.count_weights(),
            "says": f"Step {step} of {STEPS}: loss {mean:.2f} nats per character, perplexity {math.exp(mean):.1f}, "
            f"{mean / math.log(2):.2f} bits. {model.count_weights():,} weights.",
        }

    for step in range(STEPS + 1):
        inputs, targets = create_batches(training, CONTEXT, BATCH, generator)
        optimizer.zero_grad()
        loss = next_token_loss(model, inputs, targets)
        recent = [*recent, loss.item()][-10:]
        mean = sum(recent) / len(recent)
        shown = step % STEPS_PER_FRAME == 0 or step in SHOWN_AT
        if shown:
            losses = [*losses, [float(step), mean]]
        if not step:
            yield show(step, mean, partial=True)  # it takes longer to write than to compute all the rest
        if step in SHOWN_AT:
            samples = [*samples, {"step": step, "loss": mean, "text": write(model, characters, begun)}]
        if shown:
            yield show(step, mean)
        loss.backward()
        optimizer.step()


def write(model: PlainGPT, characters: CharacterVocabulary, begun: list[int]) -> str:
    """Return what a model writes now; always with the same random numbers."""
    model.eval()
    with torch.inference_mode():
        drawn = list(model.generate(begun, LETTERS, 0.8, generator=torch.Generator().manual_seed(1)))
    model.train()
    return characters.decode(drawn)


def compute_units(loss: float) -> dict[str, Any]:
    """Return a loss in nats as perplexity and as bits.

    Returns
    -------
    dict
        ``loss``, ``perplexity``, ``bits``; ``known``: losses to compare with, ``{"name", "loss"}`` each; ``ticks``:
        whole bits and perplexities, each with its loss in nats; ``origins``: where bits and perplexity come from;
        ``says``.
    """
    letters, pairs = find_floors()
    characters, _ = read_characters()
    perplexity, bits = math.exp(loss), loss / math.log(2)
    known = [
        {"name": "knows nothing", "loss": math.log(len(characters))},
        {"name": "character frequency", "loss": letters},
        {"name": "bigrams", "loss": pairs},
        {"name": "two equal choices", "loss": math.log(2)},
    ]
    return {
        "loss": loss,
        "perplexity": perplexity,
        "bits": bits,
        "origins": {
            "bits": trace_sum("bits", bits, [Factor("nats", loss, "nats"), Factor("log 2", math.log(2), over=True)]),
            "perplexity": trace_sum("perplexity", perplexity, [Factor("nats", loss, "nats")], then="exp(·)"),
        },
        "known": known,
        "ticks": {
            "bits": [[bits, bits * math.log(2)] for bits in range(8)],
            "perplexity": [[choices, math.log(choices)] for choices in (1, 2, 3, 5, 10, 20, 50, 100)],
        },
        "says": f"{loss:.4g} nats per character is {bits:.4g} bits, and a perplexity of {perplexity:.4g}: as uncertain "
        f"as a choice among {perplexity:.3g} equally likely characters.",
    }


@tell_waiting
def compute_surprise(text: str) -> dict[str, Any]:
    """Return how surprised a trained model is at every token of a text.

    Returns
    -------
    dict
        ``tokens``: ``{"text", "nats", "p", "expected"}`` each; ``nats`` is −log p, ``None`` for the first one, and
        ``expected`` the three likeliest tokens there with their probabilities; ``mean``, in nats; ``perplexity``;
        ``bits`` per character; ``whose``; ``says``.

    Raises
    ------
    UserError
        The text has fewer than two tokens, or characters that the model does not know.
    """
    opened = open_newest_gpt()
    reading = read(opened, text)
    if len(reading.tokens) < 2:
        raise UserError("Type at least two tokens: the first one only begins the text.")
    surprises = reading.surprises
    known = [nats for nats in surprises if nats is not None]
    probabilities = reading.logits.softmax(-1)
    tokens: list[dict[str, Any]] = []
    for place, (word, nats) in enumerate(zip(reading.texts, surprises, strict=True)):
        expected = []
        if nats is not None:
            likeliest = probabilities[place - 1].topk(min(3, probabilities.shape[1]))
            pairs = zip(likeliest.values.tolist(), likeliest.indices.tolist(), strict=True)
            expected = [[opened.tokenizer.decode([token]), p] for p, token in pairs]
        tokens.append(
            {"text": word, "nats": nats, "p": None if nats is None else math.exp(-nats), "expected": expected}
        )
    mean = sum(known) / len(known)
    letters = max(1, len(opened.tokenizer.decode(reading.tokens[1:])))
    worst = max(tokens[1:], key=lambda token: token["nats"])
    return {
        "tokens": tokens,
        "mean": mean,
        "perplexity": math.exp(mean),
        "bits": sum(known) / math.log(2) / letters,
        "whose": opened.whose,
        "says": f"Mean {mean:.2f} nats per token, perplexity {math.exp(mean):.1f}, "
        f"{sum(known) / math.log(2) / letters:.2f} bits per character. The most surprising: “{worst['text']}”. "
        f"{opened.whose}",
    }


VIEWS = {
    "learn": View(
        "A GPT in training, and what it writes",
        train_live,
        (
            TextBox("prompt", "it continues", "The ", most=24),
            Slider("width", "channels C", 64, low=16, high=96, step=16),
            Slider("blocks", "blocks", 2, low=1, high=4, step=1),
            Slider("rate", "learning rate α", 0.003, low=0.0001, high=0.03, step=0.0001, log=True),
        ),
        stream=True,
        lazy=True,
    ),
    "units": View(
        "One loss in three units",
        compute_units,
        (Slider("loss", "loss in nats", 2.0, low=0.0, high=5.0, step=0.01, hidden=True),),
    ),
    "surprise": View(
        "How surprising each token is to a trained model",
        compute_surprise,
        (TextBox("text", "the text", "My lord, I will be with you by and by."),),
        lazy=True,
    ),
}
