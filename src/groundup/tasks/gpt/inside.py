"""What goes on inside a GPT that reads a text: the logit lens, what each part is worth, and where its heads look."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import torch
from jaxtyping import Float, Int
from torch import Tensor

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.data.corpus.chat_marks import PlainEncoder, find_marks
from groundup.data.corpus.tokens import Tokenizer
from groundup.data.corpus.windows import measuring_windows
from groundup.models.attention_maps import catch_inputs, head_weights
from groundup.models.part_losses import measure_parts, token_losses
from groundup.runs.folder import Run
from groundup.steps.c6_gpt.attention import attention_weights
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c7_beyond.ablation import Part, list_parts
from groundup.steps.c7_beyond.chat_template import encode_chat
from groundup.steps.c7_beyond.head_scores import (
    first_token_score,
    induction_score,
    previous_token_score,
    repeat_random_tokens,
)
from groundup.steps.c7_beyond.logit_lens import read_stream, recorded_stream
from groundup.tasks.gpt.evaluation import read_measured_text
from groundup.tasks.gpt.runs import check_utf8, encode_prompt, open_gpt

TEXT, VALIDATION = "text", "validation"
GUESSES = 5
# Tokens in a batch, and numbers in its logits or in the attention weights of one layer.
MOST_AT_ONCE, MOST_NUMBERS = 4096, 16_000_000
# Random tokens that are repeated, and in how many rows: enough for a head's score to be the same to a hundredth.
MOST_REPEATED, ROWS = 50, 8


@dataclass(frozen=True)
class Level:
    """What the logit lens reads at one place of the stream.

    Attributes
    ----------
    after : str
        ``"embedding"`` or ``"block 1"``, …
    tokens : list of str
        The likeliest next token behind each token of the text.
    probabilities : list of float
        Theirs.
    next : list of tuple
        The likeliest tokens behind the last token of the text, with their probabilities.
    """

    after: str
    tokens: list[str]
    probabilities: list[float]
    next: list[tuple[str, float]]


@dataclass
class Cost:
    """What the loss rises by without a part, gathered token by token.

    Attributes
    ----------
    total, squares : float
        The sum of the rises, and of their squares.
    tokens : int
        How many there are.
    """

    total: float = 0.0
    squares: float = 0.0
    tokens: int = 0

    def add(self, rises: Float[Tensor, " token"]) -> None:
        """Count some tokens more."""
        rises = rises.double()
        self.total += float(rises.sum())
        self.squares += float(rises.square().sum())
        self.tokens += len(rises)

    @property
    def mean(self) -> float:
        """The rise per token, in nats."""
        return self.total / self.tokens

    @property
    def error(self) -> float | None:
        """The standard error of the mean, as if the tokens did not depend on each other; None of a single token."""
        if self.tokens < 2:
            return None
        variance = (self.squares - self.total * self.mean) / (self.tokens - 1)
        return math.sqrt(max(0.0, variance) / self.tokens)


@dataclass(frozen=True)
class Scores:
    """Where the heads look, one number per layer and head, from 0 to 1.

    Attributes
    ----------
    previous_token, first_token : Tensor or None
        On the measured text; None where it is a single token.
    induction : Tensor or None
        On random tokens that are repeated; None where the context is too short for that.
    length, rows : int
        How many random tokens, and in how many rows.
    even : dict
        Each score of a head that looks at all tokens alike.
    losses : tuple of float or None
        The model's loss on the random tokens, and on them when they are repeated.
    """

    previous_token: Float[Tensor, "layer head"] | None
    first_token: Float[Tensor, "layer head"] | None
    induction: Float[Tensor, "layer head"] | None
    length: int
    rows: int
    even: dict[str, float]
    losses: tuple[float, float] | None


@dataclass
class Inside:
    """What `look_inside` found.

    Attributes
    ----------
    run : str
        The run's name.
    layers, heads : int
        The sizes of its model.
    tokens : list of str
        The text as the model reads it.
    numbers : list of int
        Their numbers.
    left_out : int
        How many tokens before them did not fit.
    surprise : list of float or None
        Of each token −log of the probability that the model gave it, in nats; None of the first.
    levels : list of Level
        After the embedding and after each block.
    measured_on : str
        What the loss was measured on: ``"text"``, ``"validation"``, or the name of data.
    measured : int
        How many tokens were predicted there.
    loss : float or None
        The mean loss there; None where nothing was predicted.
    costs : dict
        Part → `Cost`.
    scores : Scores or None
        None where the heads are a learner's own, and cannot be looked into.
    parts : int
        How many parts there are to switch off.
    """

    run: str
    layers: int
    heads: int
    tokens: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    left_out: int = 0
    surprise: list[float | None] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)
    measured_on: str = TEXT
    measured: int = 0
    loss: float | None = None
    costs: dict[Part, Cost] = field(default_factory=dict)
    scores: Scores | None = None
    parts: int = 0

    @property
    def complete(self) -> bool:
        """Whether every part was switched off on every token; it is not where somebody pressed Ctrl-C."""
        return all(cost.tokens == self.measured for cost in self.costs.values()) and len(self.costs) == self.parts

    def rank(self) -> list[tuple[Part, Cost]]:
        """Return what was switched off, the costliest part first."""
        return sorted(self.costs.items(), key=lambda item: -item[1].mean)


@torch.inference_mode()
def look_inside(
    run: Run, text: str, on: str = TEXT, most_tokens: int = 4096, reporter: Reporter | None = None, longest: int = 0
) -> Inside:
    """Read a text with a run's model, and measure its parts on it or on other data.

    Parameters
    ----------
    run : Run
        A trained GPT of any task, preset and origin. A run with the marks of a chat reads the text as a message to it.
    text : str
        Cut to its last tokens where it does not fit into the context.
    on : str
        What the parts are measured on: ``"text"``, ``"validation"`` (the run's own), or data as of ``--data``.
    most_tokens : int
        How many tokens of other data than the text are measured, evenly spaced.
    reporter : Reporter, optional
        Shows the progress. On a Ctrl-C the rest of the parts is left out.
    longest : int
        Cut the text to so many tokens, 0 for the whole context.

    Raises
    ------
    UserError
        There is no text, it has characters that the model does not know, or there are no such data.
    """
    reporter = reporter or Reporter.silent()
    model, tokenizer, _ = open_gpt(run)
    settings = model.settings
    if not text:
        raise UserError('--text "": there is nothing to look at. Give some text.')
    numbers = _encode(text, tokenizer)
    kept = numbers[-min(longest or settings.context, settings.context) :]
    found = Inside(run.name, settings.layers, settings.heads, left_out=len(numbers) - len(kept), measured_on=on)
    found.numbers, found.tokens = kept, [tokenizer.decode([number]) for number in kept]
    batches = [(torch.tensor([kept[:-1]]), torch.tensor([kept[1:]]))] if len(kept) > 1 else []
    if on != TEXT:
        batches = _read_batches(run, on, model, tokenizer, most_tokens, reporter)
    _read_lens(found, model, tokenizer)
    found.scores = _score_heads(model, tokenizer, [inputs for inputs, _ in batches])
    _switch_off(found, model, batches, reporter)
    return found


def _encode(text: str, tokenizer: Tokenizer) -> list[int]:
    check_utf8(text, "--text")
    marks = find_marks(tokenizer)
    if marks is None:
        return encode_prompt(text, tokenizer)
    return encode_chat([{"role": "user", "content": text}], PlainEncoder(tokenizer), marks, ask=True)[0]


def _read_batches(
    run: Run, on: str, model: GPT, tokenizer: Tokenizer, most_tokens: int, reporter: Reporter
) -> list[tuple[Tensor, Tensor]]:
    if on == VALIDATION and run.config["task"] != "gpt":
        raise UserError(
            f"--on validation: {run.folder} is a run of {run.config['task']}, which keeps no validation text. Leave it "
            "out, or name a text: --on FILE"
        )
    if on == VALIDATION and "text" not in run.config:
        raise UserError(
            f"--on validation: {run.folder} was not trained here, so it has no validation text. Leave it out, or name "
            "a text: --on FILE"
        )
    tokens, _, _ = read_measured_text(run, None if on == VALIDATION else on, tokenizer, reporter)
    context = model.settings.context
    # Few enough for the logits of one part to fit, and for a Ctrl-C to leave something that was measured.
    at_once = max(1, min(MOST_AT_ONCE, MOST_NUMBERS // model.settings.vocabulary) // context)
    return list(measuring_windows(tokens, context, at_once, most_tokens))


def _read_lens(found: Inside, model: GPT, tokenizer: Tokenizer) -> None:
    tokens = torch.tensor([found.numbers])
    with recorded_stream(model) as stream:
        model(tokens)
    surprise: list[float | None] = [None]
    size = max(1, MOST_NUMBERS // model.settings.vocabulary)
    for place, (x,) in enumerate(stream):
        best: list[int] = []
        shares: list[float] = []
        for first in range(0, len(x), size):
            # The logits of a long text and a large vocabulary would fill the memory.
            logits = read_stream(model, x[first : first + size])
            likeliest = logits.softmax(-1).max(-1)
            best += likeliest.indices.tolist()
            shares += likeliest.values.tolist()
            following = tokens[:, first + 1 : first + 1 + size]
            if place == len(stream) - 1 and following.shape[1]:
                surprise += token_losses(logits[None, : following.shape[1]], following)[0].tolist()
        last = logits[-1].softmax(0).topk(min(GUESSES, logits.shape[-1]))
        found.levels.append(
            Level(
                f"block {place}" if place else "embedding",
                [tokenizer.decode([token]) for token in best],
                shares,
                [
                    (tokenizer.decode([token]), share)
                    for token, share in zip(last.indices.tolist(), last.values.tolist(), strict=True)
                ],
            )
        )
    found.surprise = surprise


def _score_heads(model: GPT, tokenizer: Tokenizer, texts: list[Int[Tensor, "batch time"]]) -> Scores | None:
    length = min(MOST_REPEATED, model.settings.context // 2, tokenizer.size)
    previous = first = induction = losses = None
    even: dict[str, float] = {}
    try:
        if texts and (time := texts[0].shape[1]) > 1:
            # One layer's weights of so many windows fit into the memory.
            most = max(1, MOST_NUMBERS // (model.settings.heads * time * time))
            windows = torch.cat([text for text in texts if text.shape[1] == time])[:most]
            previous, first = _score_layers(model, windows, previous_token_score, first_token_score)
            share = float(first_token_score(_spread_evenly(time)))
            even |= {"previous_token": share, "first_token": share}
        if length > 1:
            rows = repeat_random_tokens(tokenizer.size, length, ROWS, torch.Generator().manual_seed(0))
            (induction,) = _score_layers(model, rows, partial(induction_score, length=length))
            even["induction"] = float(induction_score(_spread_evenly(2 * length), length))
            surprise = token_losses(model(rows)[:, :-1], rows[:, 1:]).view(ROWS, -1)
            losses = float(surprise[:, : length - 1].mean()), float(surprise[:, length:].mean())
    except UserError:  # a learner's own attention
        return None
    return Scores(previous, first, induction, length, ROWS, even, losses)


def _score_layers(
    model: GPT, tokens: Int[Tensor, "batch time"], *scores: Callable[..., Tensor]
) -> list[Float[Tensor, "layer head"]]:
    """Return each score of every head, the mean over the texts."""
    rows = []
    for caught in catch_inputs(model, tokens):
        weights = head_weights(*caught)
        rows.append([score(weights).mean(0) for score in scores])
    return [torch.stack(column) for column in zip(*rows, strict=True)]


def _spread_evenly(time: int) -> Float[Tensor, "query key"]:
    """Return the attention weights of a head that looks at all tokens up to the query alike."""
    return attention_weights(torch.zeros(time, 1), torch.zeros(time, 1))


def _switch_off(found: Inside, model: GPT, batches: list[tuple[Tensor, Tensor]], reporter: Reporter) -> None:
    if not batches:
        return
    found.parts, found.measured = len(list_parts(model)), sum(targets.numel() for _, targets in batches)
    losses_on = Cost()
    try:
        with reporter.progress(found.parts * len(batches), "switching parts off") as bar:
            for inputs, targets in batches:
                passes = measure_parts(model, inputs, targets)
                whole = next(passes)[1][0]
                losses_on.add(whole)
                for parts, losses in passes:
                    for part, row in zip(parts, losses, strict=True):
                        found.costs.setdefault(part, Cost()).add(row - whole)
                    bar.advance(len(parts))
    except KeyboardInterrupt:
        # What was measured is shown; the command ends with the code of a Ctrl-C all the same.
        reporter.say(f"Stopped: {len(found.costs)} of {found.parts} parts were switched off.")
    found.loss = losses_on.mean if losses_on.tokens else None
