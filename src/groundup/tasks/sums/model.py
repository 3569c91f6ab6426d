"""The settings of the sums task, its GPT, and how it is trained."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from groundup.models.batched_decoding import sample_batch
from groundup.models.fast_gpt import accelerate, last_logits
from groundup.models.mixed_precision import match_norms
from groundup.parts.swap import Parts
from groundup.runs.folder import Run
from groundup.steps.c4_training.optimisers import Adam
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c7_beyond.answer_loss import IGNORED, answer_loss
from groundup.tasks.gpt.hyperparameters import Rates, init_matrices, make_optimizer
from groundup.tasks.gpt.runs import open_gpt
from groundup.tasks.opening import read_run_settings
from groundup.tasks.sums.problems import ALPHABET, Problems, Questions
from groundup.training.device import DEVICES
from groundup.training.precision import CHOICES, Precision
from groundup.training.settings import MOST, setting

MEASURED_AT_ONCE = 1_000


@dataclass(frozen=True)
class QuestionSettings:
    """What is asked, and how answers are written."""

    digits: int = setting(3, "most digits of a number in a question", low=1, high=18)
    operation: str = setting("plus", "what is asked", choices=("plus", "times"))
    order: str = setting(
        "reversed",
        "how answers are written: from the last digit on, or as they are read",
        choices=("reversed", "reading"),
    )
    working: bool = setting(
        True,
        "for products: write partial products and totals before the answer, as by hand",
        in_old_runs=False,
    )

    @property
    def problems(self) -> Problems:
        """What is asked and how it is written; raises `UserError` for more digits than there can be."""
        return Problems(self.digits, self.operation, self.order, self.working)


@dataclass(frozen=True)
class SumsSettings(QuestionSettings):
    """What `groundup train sums --set KEY=VALUE` can set."""

    preset: str = setting(
        "modern", "the architecture: modern is Qwen3, plain has the most parts to exchange", choices=("modern", "plain")
    )
    layers: int = setting(2, "blocks, one after the other", low=1, high=1024)
    heads: int = setting(4, "attention heads in a block", low=1, high=1024)
    width: int | None = setting(
        None, "channels of a token's vector; if left out 64, for products without working 128", low=2, high=65_536
    )
    batch_size: int | None = setting(
        None, "questions a step learns from; if left out 256, for products without working 512", low=1, high=1_000_000
    )
    steps: int | None = setting(
        None, "training steps; as many as the digits take if left out; --minutes plans them itself", low=1, high=MOST
    )
    learning_rate: float | None = setting(
        None, "of the matrices; the others' goes with it; the preset's own if left out", low=0, high=1e30
    )
    precision: str = setting("auto", "number type in matrix products", choices=CHOICES)
    device: str = setting("auto", "where to compute; auto: a graphics processor if there is one", choices=DEVICES)
    evaluate_every: int | None = setting(None, "steps between measurements on new questions", low=1, high=MOST)
    test_questions: int = setting(2_000, "most new questions a measurement asks", low=1, high=1_000_000)
    checkpoint_seconds: float = setting(15.0, "seconds between checkpoints; 0 saves after every step", low=0, high=1e9)


@dataclass(frozen=True)
class Amounts:
    """What a run takes where its settings leave it open.

    Attributes
    ----------
    width, batch_size, steps : int
        As in `SumsSettings`.
    """

    width: int
    batch_size: int
    steps: int


def choose_amounts(settings: SumsSettings) -> Amounts:
    """Return width, batch and steps of a run; those that are not given, as the questions need them.

    Measured for sums of three and of ten digits, and for products of two and three (benchmarks/README.md); for other
    numbers of digits the steps grow in proportion. Half the width learns sums in a quarter of the time, and products
    with their working, but not without. In reading order the first digit depends on every carry, which takes longer to
    learn, and so does Adam alone, by which the plain preset learns.
    """
    worked = settings.problems.working_length > 0
    if settings.operation == "times" and not worked:
        usual = Amounts(128, 512, 400 * settings.digits)
    else:
        steps = 400 * (settings.digits - 1) if worked else 70 + 60 * max(3, settings.digits)
        times = (1 if settings.order == "reversed" else 2) * (1 if settings.preset == "modern" else 1.5)
        usual = Amounts(64, 256, round(times * steps))
    return Amounts(
        settings.width or usual.width, settings.batch_size or usual.batch_size, settings.steps or usual.steps
    )


def size_model(settings: SumsSettings) -> GPTSettings:
    """Return the sizes of the GPT: its context is a question with all that is written behind it.

    Raises
    ------
    UserError
        The sizes do not fit each other.
    """
    problems = settings.problems
    return GPTSettings(
        vocabulary=len(ALPHABET),
        context=problems.question_length + problems.written_length,
        layers=settings.layers,
        heads=settings.heads,
        width=choose_amounts(settings).width,
        preset=settings.preset,
    )


def make_model(settings: GPTSettings, device: torch.device, precision: Precision, parts: Parts | None = None) -> GPT:
    """Build and start a GPT, with the learner's parts where there are some, in its fast form where it has one."""
    model = GPT(settings)
    if settings.preset == "modern":
        init_matrices(model)
    if parts is not None:
        parts.put_into(model)
    return prepare_model(model, device, precision)


def prepare_model(model: GPT, device: torch.device, precision: Precision) -> GPT:
    """Put a model on a device and give it its fast form, in place; return it."""
    model.to(device)
    accelerate(model, torch.bfloat16 if precision.name == "bfloat16" else torch.float32)
    if precision.name == "bfloat16":
        match_norms(model)
    return model


def make_sums_optimizer(
    model: GPT, learning_rate: float | None, precision: Precision, parts: Parts | None = None
) -> Any:
    """Return Muon for the blocks' matrices and AdamW for the rest, with the rates of short runs.

    The plain preset learns by Adam, the learner's own or ours.
    """
    if model.settings.preset == "plain":
        rate = PLAIN_RATE if learning_rate is None else learning_rate
        own = parts.make_optimizer(model, rate) if parts is not None else None
        return own or Adam(list(model.parameters()), rate)
    rate = MODERN_RATE if learning_rate is None else learning_rate
    rates = Rates(rate, rate / 2, momentum=0.95, betas=(0.8, 0.95), fall=FALL)
    return make_optimizer(model, rates, torch.bfloat16 if precision.name == "bfloat16" else torch.float32)


MODERN_RATE, PLAIN_RATE = 0.02, 0.005
FALL = 0.6  # the share of the run, at its end, in which the learning rate falls to zero
RISE = 0.05  # the share of a run of the plain preset, at its start, in which it rises


def loss_on_answers(prediction: Tensor, targets: Tensor) -> Tensor:
    """Return the mean cross-entropy over what is written behind the questions: B×A×V logits and B×A tokens."""
    # Every answer stands at the same last positions: their logits alone are what the step's mask would leave.
    return answer_loss(prediction.float(), targets)


@dataclass(frozen=True)
class OwnAnswerLoss:
    """The loss of a step by a learner's answer loss, which gets every position: most of them do not count.

    Attributes
    ----------
    function : callable
        From B×T×V logits and B×T targets, `IGNORED` where none counts, to the loss.
    """

    function: Callable[..., Tensor]

    def __call__(self, prediction: Tensor, targets: Tensor) -> Tensor:
        """Return the loss, a scalar: of B×T×V logits and B×A tokens of answers."""
        every = torch.full(prediction.shape[:2], IGNORED, dtype=targets.dtype, device=targets.device)
        every[:, -targets.shape[1] :] = targets
        return self.function(prediction.float(), every)


def share_exact(prediction: Tensor, targets: Tensor) -> Tensor:
    """Return the share of answers whose every token, those of the working included, is the likeliest one.

    Without a working, this is the accuracy of greedy generation: as long as all digits so far are right, the model sees
    the same text.
    """
    return (prediction[:, -targets.shape[1] :].argmax(-1) == targets).all(-1).float().mean()


@torch.no_grad()
def find_exact(model: GPT, problems: Problems, questions: Questions) -> Tensor:
    """Return which questions a model answers exactly with its likeliest tokens; see `share_exact`.

    The working does not count, only the answer behind it. Where the model would not write the right working, it goes on
    from its own.
    """
    device = model.token_embedding.weight.device
    tokens, written = problems.encode_questions(questions), problems.encode_written(questions)
    inputs = torch.cat([tokens, written[:, :-1]], dim=1)
    found = []
    for part in range(0, len(questions), MEASURED_AT_ONCE):
        rows = slice(part, part + MEASURED_AT_ONCE)
        logits = last_logits(model, inputs[rows].to(device), written.shape[1])
        found.append((logits.argmax(-1).cpu() == written[rows]).all(-1))
    exact = torch.cat(found)
    if problems.working_length:
        for places in (~exact).nonzero()[:, 0].split(MEASURED_AT_ONCE):
            own, _ = sample_batch(model, tokens[places].to(device), written.shape[1], greedy=True)
            exact[places] = (problems.find_answers(own.cpu()) == problems.find_answers(written[places])).all(-1)
    return exact


def open_sums(run: Run) -> tuple[GPT, Problems]:
    """Rebuild a run's model, ready to use, and what it was asked.

    Raises
    ------
    UserError
        It is not trained yet, or damaged.
    """
    model, _, _ = open_gpt(run)
    return model, read_problems(run)


def read_problems(run: Run) -> Problems:
    """Return what a run of sums was asked; errors as of `read_run_settings`."""
    problems: Problems = read_run_settings(run).problems
    return problems


def describe_model(settings: GPTSettings) -> dict[str, Any]:
    """Return the sizes as ``config.json`` keeps them."""
    return dataclasses.asdict(settings)
