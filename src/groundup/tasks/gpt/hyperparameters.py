"""How the gpt task trains: the start, the optimiser and its rates, the schedule, and the fast way through the model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from groundup.data.corpus.windows import Tokens
from groundup.models.bigram_start import can_start_from_bigrams, start_from_bigrams
from groundup.models.fast_gpt import accelerate
from groundup.models.mixed_precision import match_norms
from groundup.parts.swap import Parts
from groundup.runs.checkpoint import model_tensors
from groundup.steps.c4_training.initialisation import xavier_deviation
from groundup.steps.c4_training.optimisers import Adam
from groundup.steps.c5_words.bigram import count_pairs
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c7_beyond.lora import add_low_rank, merged_weights
from groundup.training.muon import Muon
from groundup.training.precision import Precision
from groundup.training.schedules import warmup_stable_decay
from groundup.training.sharding import is_sharded

COUNTED_TOKENS = 2_000_000
# A busy machine may have time for one step only: with fewer steps than these, the rates are lower in proportion.
# Between ten and half of them they stay at a half.
FEW_STEPS = 40
# AdamW's first steps have their full length whatever the gradient's: at the rate of longer runs the first of them
# more than double the loss that counted pairs give, and a run of fewer steps than these is busy repairing that.
SHORT_STEPS = 100
# Runs of this many steps and more have the time not to begin with the full rates, which take the loss that counted
# pairs give from 2.4 to 8 nats in the second step. So the rates rise over this share of the run. Runs of 150 steps end
# 0.01 nats worse with such a rise, runs of 400 as well as without.
WARM_UP_STEPS = 400
WARM_UP = 0.1


@dataclass(frozen=True)
class Rates:
    """The numbers of the optimiser, found by trial on tiny Shakespeare.

    Attributes
    ----------
    matrices : float
        Muon's learning rate.
    others : float
        AdamW's, for embedding, output and norms.
    momentum, betas
        Muon's momentum, AdamW's betas. Runs of a few hundred steps want short memories.
    fall : float
        The share of the run, at its end, in which the rates fall to zero.
    weight_decay : float
        Of the matrices.
    rise : float
        The share of the run, at its beginning, in which the rates rise.
    """

    matrices: float
    others: float
    momentum: float
    betas: tuple[float, float]
    fall: float
    weight_decay: float = 0.0
    rise: float = 0.0


# For weights that have been trained: small steps that keep what is known, after a rise in which the optimiser learns
# how large the gradients are.
GOING_ON = Rates(6e-3, 3e-3, 0.95, (0.9, 0.95), 0.6, rise=0.05)
LOW_RANK = Rates(0.0, 1e-2, 0.95, (0.9, 0.95), 0.6, rise=0.05)


@dataclass(frozen=True)
class LowRank:
    """What LoRA trains.

    Attributes
    ----------
    rank : int
        r, of each change.
    alpha : float
        α; the change is multiplied by α/r.
    """

    rank: int
    alpha: float


@dataclass
class Recipe:
    """What `Plan` needs beside the data.

    Attributes
    ----------
    model : GPT
        Started, and accelerated where it can be.
    optimizer : Muon or alike
        Over all its weights.
    schedule : callable
        Progress → factor on the rates.
    weights : callable
        From the model to its weights to use; see `Plan`.
    """

    model: GPT
    optimizer: Any
    schedule: Callable[[float], float]
    weights: Callable[[nn.Module], dict[str, Tensor]] = model_tensors


def choose_rates(settings: GPTSettings, steps: int, ahead: bool, warm_up: float = WARM_UP) -> Rates:
    """Return the rates for a model and a run's length.

    Parameters
    ----------
    settings : GPTSettings
        The model's sizes and preset.
    steps : int
        How many steps the run has.
    ahead : bool
        Whether the model starts ahead (`groundup.models.bigram_start`).
    warm_up : float
        The share of such a run in which the rates rise, if it has `WARM_UP_STEPS` or more.
    """
    if ahead and steps <= 1000:
        # A rate for hundreds of steps loses the start in one, and the few that follow do not find it again.
        few = max(min(0.5, steps / 20), min(1.0, steps / FEW_STEPS))
        others = 0.03 if steps < SHORT_STEPS else 0.06
        rise = warm_up if steps >= WARM_UP_STEPS else 0.0
        return Rates(few * 0.03, few * others, 0.9, (0.4, 0.9), 0.8, rise=rise)
    if ahead:
        return Rates(0.014, 0.03, 0.95, (0.8, 0.95), 0.8, weight_decay=0.1)
    return Rates(0.02, 0.01 if settings.preset == "modern" else 3e-3, 0.95, (0.8, 0.95), 0.6)


def make_recipe(  # noqa: PLR0913 - what a start is made of, each named
    settings: GPTSettings,
    training: Tokens | None,
    steps: int,
    precision: Precision,
    learning_rate: float | None = None,
    parts: Parts | None = None,
    place: Callable[[nn.Module], None] | None = None,
    start: Callable[[GPT], None] | None = None,
    low_rank: LowRank | None = None,
    fresh: int = 0,
    enlarge: Callable[[GPT], None] | None = None,
    warm_up: float = WARM_UP,
) -> Recipe:
    """Build and start the model, with its optimiser and schedule.

    Parameters
    ----------
    settings : GPTSettings
        The model's sizes and preset.
    training : Tokens or None
        The training text, to count pairs in; ``None`` where there is a ``start``.
    steps : int
        How many steps the run has.
    precision : Precision
        What is computed in.
    learning_rate : float, optional
        Of the matrices, in place of the recipe's own; the others' goes with it.
    parts : Parts, optional
        The learner's, put in place of ours once the weights are drawn.
    place : callable, optional
        Takes the started model where it is trained: to a device, or spread over processes.
    start : callable, optional
        Puts weights that have been trained into the model, to go on from.
    low_rank : LowRank, optional
        Train changes of low rank of the blocks' matrices, and nothing else but ``fresh`` tokens.
    fresh : int
        How many tokens, the last ones, the start knows nothing of.
    enlarge : callable, optional
        Gives the new model more than its settings say, such as experts, before its weights are drawn.
    warm_up : float
        See `choose_rates`.
    """
    model = GPT(settings)
    if enlarge is not None:
        enlarge(model)
    ahead = start is None and can_start_from_bigrams(model)
    if start is not None:
        start(model)
        if low_rank is not None:
            model.requires_grad_(False)
            add_low_rank(model.blocks, low_rank.rank, low_rank.alpha)
            _train_last_rows(model, fresh)
    elif settings.preset == "modern":
        init_matrices(model)
    if ahead and training is not None:
        row = training.take(np.array([0]), min(len(training), COUNTED_TOKENS))[0]
        start_from_bigrams(model, count_pairs(torch.from_numpy(row), settings.vocabulary))
    if parts is not None:
        parts.put_into(model)
    if place is not None:
        place(model)
    dtype = torch.bfloat16 if precision.name == "bfloat16" else torch.float32
    if not is_sharded(model):
        accelerate(model, dtype)
    if precision.name == "bfloat16" and not is_sharded(model):
        match_norms(model)
    rates = choose_rates(settings, steps, ahead, warm_up)
    if start is not None:
        rates = GOING_ON if low_rank is None else LOW_RANK
    factor = 1.0 if learning_rate is None else learning_rate / (rates.matrices or rates.others)
    own: Any = parts.make_optimizer(model, rates.others * factor) if parts is not None else None
    if own is None and settings.preset == "plain":
        # Number by number: however a learner's part lays its weights out, it learns what ours would have learned.
        own = Adam(_trained(model), rates.others * factor)
    schedule = warmup_stable_decay(rates.rise, rates.fall)
    weights = model_tensors if low_rank is None else merged_tensors
    return Recipe(model, own or make_optimizer(model, rates, dtype, factor), schedule, weights)


def merged_tensors(model: nn.Module) -> dict[str, Tensor]:
    """Return a model's weights with the changes of low rank merged; tied weights occur once."""
    merged, seen = merged_weights(model), set()
    kept = {}
    for name, tensor in merged.items():
        if id(tensor) not in seen:
            seen.add(id(tensor))
            kept[name] = tensor
    return kept


def _train_last_rows(model: GPT, count: int) -> None:
    """Let the last tokens' rows of embedding and output learn; the gradient of all others is 0."""
    if not count:
        return
    for parameter in {model.token_embedding.weight, model.output.weight}:
        parameter.requires_grad_(True)
        last = torch.zeros(len(parameter), 1)
        last[-count:] = 1
        parameter.register_hook(lambda gradient, last=last: gradient * last.to(gradient))


def _trained(model: nn.Module) -> list[nn.Parameter]:
    return [parameter for parameter in model.parameters() if parameter.requires_grad]


def count_numbers(settings: GPTSettings, experts: int = 0) -> int:
    """Return how many numbers a model of these sizes learns, without building it.

    Parameters
    ----------
    settings : GPTSettings
        Its sizes.
    experts : int
        How many experts a block has in the place of one feed-forward; the preset is then modern.

    Examples
    --------
    >>> settings = GPTSettings(vocabulary=65, width=32)
    >>> count_numbers(settings) == GPT(settings).count_weights()
    True
    """
    s = settings
    joined, keys = s.heads * s.head_width, s.key_value_heads * s.head_width
    attention = 2 * s.width * (joined + keys)
    if s.preset == "modern":
        norms = 2 * (s.width + s.head_width * s.query_key_norm)
        feed_forward = 3 * s.hidden * s.width
        block = attention + (experts * (feed_forward + s.width) if experts else feed_forward) + norms
        around = s.width
    else:
        biases = joined + 2 * keys + s.width if s.preset == "classic" else 0
        block = attention + biases + 2 * s.hidden * s.width + s.hidden + s.width + 4 * s.width
        around = s.context * s.width + 2 * s.width + (s.vocabulary if s.preset == "plain" else 0)
    return s.vocabulary * s.width * (1 if s.tied else 2) + around + s.layers * block


@torch.no_grad()
def init_matrices(model: GPT) -> None:
    """Draw the blocks' matrices with Xavier's deviation, 1/√inputs; zero those that add to the stream.

    Orthogonalised steps are of one size whatever the matrix's; so the start has one, too. A block that adds
    nothing at first lets the first steps go to what the embeddings can do alone (Zhang et al., "Fixup", 2019).
    """
    for name, parameter in model.blocks.named_parameters():
        if name.endswith(("attention.output.weight", "contract.weight")):
            parameter.zero_()
        elif parameter.ndim == 2:
            inputs = parameter.shape[1]
            nn.init.normal_(parameter, std=xavier_deviation(inputs, inputs))


def make_optimizer(model: GPT, rates: Rates, dtype: torch.dtype, factor: float = 1.0) -> Muon:
    """Return Muon for the blocks' matrices and AdamW for the rest, each weight once."""
    matrices: list[nn.Parameter] = []
    others: list[Tensor] = []
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        if name.startswith("blocks.") and parameter.ndim == 2 and rates.matrices:
            matrices.append(parameter)
        else:
            others.append(parameter)
    return Muon(
        matrices,
        [{"params": others}],
        learning_rate=rates.matrices * factor,
        momentum=rates.momentum,
        weight_decay=rates.weight_decay,
        other_learning_rate=rates.others * factor,
        betas=rates.betas,
        dtype=dtype,
    )
