"""The chat task: the weights of a GPT go on learning, from dialogues, with the loss on the answers alone."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import torch
from rich.markup import escape
from torch import Tensor

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.base.writing import write_atomically
from groundup.data.corpus.chat_marks import PlainEncoder, add_marks, find_marks
from groundup.data.corpus.dialogues import Dialogue, Dialogues, read_dialogues, read_jsonl
from groundup.data.corpus.tokens import Tokenizer, read_tokenizer_file
from groundup.parts.swap import Parts
from groundup.runs.config import CONFIG
from groundup.runs.folder import Run
from groundup.runs.reading import AGAIN
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c7_beyond.answer_loss import answer_loss
from groundup.tasks.chat.about import about
from groundup.tasks.chat.conversation import Conversation, open_chat
from groundup.tasks.chat.rows import ChatBatches, Rows, ask_packed, make_rows, measure_answers
from groundup.tasks.forms import read_text as read_typed
from groundup.tasks.gpt.about import MOST_CONTEXT
from groundup.tasks.gpt.budget import fit_steps
from groundup.tasks.gpt.corpus import TOKENIZER
from groundup.tasks.gpt.hyperparameters import make_recipe
from groundup.tasks.gpt.origin import (
    choose_low_rank,
    count_trained,
    describe_best,
    describe_start,
    describe_stop,
    read_start,
)
from groundup.tasks.gpt.placement import refuse_too_large
from groundup.tasks.protocol import Report, TrainRequest
from groundup.tasks.time_budget import count_steps, plan_time
from groundup.training.device import DEVICES, pick_device
from groundup.training.distributed import current_process_group
from groundup.training.loop import fit
from groundup.training.plan import Plan
from groundup.training.precision import CHOICES, pick_precision
from groundup.training.record import evaluate_quietly
from groundup.training.settings import MOST, setting

LONGEST_ANSWER = 200
EVALUATIONS = 5


@dataclass(frozen=True)
class ChatSettings:
    """What `groundup train chat --set KEY=VALUE` can set."""

    context: int | None = setting(None, "how many tokens the model sees at once", low=8, high=MOST_CONTEXT)
    dropout: float = setting(0.0, "share of channels dropped in training", low=0, high=0.9)
    lora: int | None = setting(
        None, "train only changes of this rank of the blocks' matrices (LoRA), and the marks", low=1, high=65_536
    )
    lora_alpha: float | None = setting(
        None, "what the changes are multiplied by, times their rank; twice the rank if left out", low=1e-6, high=1e6
    )
    batch_size: int = setting(16, "rows of packed dialogues that a step learns from", low=1, high=1_000_000)
    steps: int = setting(500, "training steps; --minutes plans them itself", low=1, high=MOST)
    learning_rate: float | None = setting(None, "of the matrices; small by default", low=0, high=1e30)
    clip_norm: float | None = setting(None, "longest gradient let through", low=1e-6, high=1e30)
    precision: str = setting("auto", "number type in matrix products", choices=CHOICES)
    device: str = setting("auto", "where to compute; auto: a graphics processor if there is one", choices=DEVICES)
    evaluate_every: int | None = setting(None, "steps between measurements on held-out dialogues", low=1, high=MOST)
    patience: int | None = setting(
        None, "end after so many measurements in a row without a new best; never by default", low=1, high=MOST
    )
    checkpoint_seconds: float = setting(30.0, "seconds between checkpoints; 0 saves after every step", low=0, high=1e9)


class ChatTask:
    """Messages in, answers out; see `groundup.tasks.protocol.Task`."""

    name: ClassVar[str] = about.name
    settings_type: ClassVar[type] = ChatSettings

    def train(self, request: TrainRequest, run: Run, reporter: Reporter) -> Report:
        """Train into ``run``, or go on with it."""
        s: ChatSettings = request.settings
        start = read_start(run)
        if start is None:
            raise UserError(f"{run.path(CONFIG)}: damaged (it does not say what the run goes on from). {AGAIN}")
        context = s.context or start.settings.context
        low_rank = choose_low_rank(s.lora, s.lora_alpha, start)
        tokenizer = keep_marks(run)
        sizes = start.choose_settings(context, s.dropout)
        sizes = dataclasses.replace(sizes, vocabulary=max(sizes.vocabulary, tokenizer.size))
        dialogues = read_dialogues(request.data, context_characters(context))
        _check_same(run, dialogues)
        device = pick_device(s.device)
        refuse_too_large(sizes, device, current_process_group())
        encode, packed = PlainEncoder(tokenizer), sizes.preset != "plain"
        marks = find_marks(tokenizer) or {}

        def fill_rows(part: Sequence[Dialogue]) -> Rows:
            return make_rows(part, encode, marks, context, packed, dialogues.name)

        training, held_out = fill_rows(dialogues.training), fill_rows(dialogues.held_out)
        run.update_config(text=dialogues.facts, model=dataclasses.asdict(sizes))
        precision = pick_precision(s.precision, device.type)
        parts = Parts.of(run, about.parts)
        own = answer_loss if parts is None else parts.found.get("answer-loss", answer_loss)

        def prepare(steps: int, evaluate_every: int) -> Plan:
            torch.manual_seed(request.seed)
            fresh = sizes.vocabulary - start.settings.vocabulary
            recipe = make_recipe(
                sizes,
                None,
                steps,
                precision,
                s.learning_rate,
                place=lambda model: _move(model, device),
                start=start.load_into,
                low_rank=low_rank,
                fresh=fresh,
            )
            model = recipe.model
            return Plan(
                model,
                partial(loss_on_answers, function=own),
                recipe.optimizer,
                ChatBatches(training, s.batch_size, request.seed, device),
                steps,
                schedule=recipe.schedule,
                precision=precision,
                clip_norm=s.clip_norm,
                evaluate=lambda: {"validation_loss": measure_answers(model, held_out)},
                evaluate_every=evaluate_every,
                after_evaluation=_AfterEvaluation(model, tokenizer, dialogues, request.seed, run, reporter),
                keep_best="validation_loss",
                patience=s.patience,
                ask=partial(ask_packed, model),
                weights=recipe.weights,
                checkpoint_seconds=s.checkpoint_seconds,
                device=device,
                description=about.name,
            )

        if "validation_loss" not in run.config["origin"]:
            before = evaluate_quietly(prepare(s.steps, 1))["validation_loss"]
            run.update_config(origin={**run.config["origin"], "validation_loss": before})
        budget = plan_time(request, run, lambda: prepare(s.steps, 1), fit_steps)
        steps = run.config.get("steps", s.steps)
        every = s.evaluate_every or run.config.get("evaluate_every") or max(1, -(-steps // EVALUATIONS))
        plan = prepare(steps, every)
        plan.budget = budget
        model = plan.model
        assert isinstance(model, GPT)
        _describe_rows(reporter, run, dialogues, training, held_out, model, plan)
        history = fit(plan, run, reporter)
        report = _report(history, run, model, held_out, plan.steps)
        describe_stop(report, history, s.patience)
        return report

    def parse(self, run: Run, words: Sequence[str], reporter: Reporter) -> list[str]:
        """Take messages as they were typed."""
        return list(words)

    def read_form(self, run: Run, form: Mapping[str, Any]) -> list[str]:
        """Read the message that was typed."""
        return [read_typed(form)]

    def predict(self, run: Run, inputs: Sequence[str]) -> Answers:
        """Answer each message as the first of a conversation, always with the likeliest token."""
        model, tokenizer = open_chat(run)
        answers = []
        for text in inputs:
            pieces = Conversation(model, tokenizer).answer(text, tokens=LONGEST_ANSWER, temperature=0)
            answers.append("".join(pieces))
        return Answers(list(inputs), answers)

    def evaluate(self, run: Run, data: str | None, folder: Path, reporter: Reporter) -> Report:
        """Measure the loss on answers: of the held-out dialogues, or of all dialogues of a file."""
        model, tokenizer = open_chat(run)
        context = model.settings.context
        if data is not None:
            dialogues, name = read_jsonl(data)[1], data
            if not dialogues:
                raise UserError(f"{data}: no dialogues in it.")
        else:
            found = read_dialogues(run.config.get("data"), context_characters(context))
            _check_same(run, found)
            dialogues, name = found.held_out, "the held-out dialogues"
        packed = model.settings.preset != "plain"
        rows = make_rows(dialogues, PlainEncoder(tokenizer), find_marks(tokenizer) or {}, context, packed, name)
        with torch.inference_mode():
            loss = measure_answers(model, rows)
        perplexity = math.exp(min(loss, 700.0))
        facts = {"data": data or "held out", "loss": loss, "perplexity": perplexity, "tokens": rows.answers}
        facts |= {"dialogues": len(dialogues) - rows.left_out, "left_out": rows.left_out}
        words = f"{name}: {loss:.4f} nats per token of the answers, perplexity {perplexity:.3f}"
        return Report(facts=facts, lines=[f"{escape(words)} ({rows.answers:,} tokens)."])

    def draw(self, run: Run, folder: Path) -> list[Path]:
        """Draw the curves."""
        from groundup.tasks.gpt.plots import draw_curves

        path = folder / "curves.png"
        draw_curves(run, path)
        return [path]

    def describe_form(self, run: Run) -> dict[str, Any]:
        """Return nothing: every text is accepted."""
        return {}


@dataclass(frozen=True)
class Answers:
    """Messages and what the model answered.

    Attributes
    ----------
    texts, answers : list of str
        One of each per message.
    """

    texts: list[str]
    answers: list[str]

    def report(self) -> Report:
        """Return the answers, one per line."""
        pairs = list(zip(self.texts, self.answers, strict=True))
        facts = {"predictions": [{"text": text, "answer": answer} for text, answer in pairs]}
        return Report(facts=facts, lines=[f"{escape(repr(text))} → {escape(repr(answer))}" for text, answer in pairs])


def loss_on_answers(prediction: Tensor, targets: Tensor, function: Callable[..., Tensor] = answer_loss) -> Tensor:
    """Return the loss of logits in float32: the step's, or a learner's of the same signature."""
    return function(prediction.float(), targets)


def context_characters(context: int) -> int:
    """Return how many characters a dialogue of two messages may have: the others are marks, two per message."""
    return context - 3


def keep_marks(run: Run) -> Tokenizer:
    """Return a run's tokenizer with the marks of the chat template, which are added to its file once."""
    path = run.path(TOKENIZER)
    tokenizer = read_tokenizer_file(path)
    if find_marks(tokenizer) is None:
        tokenizer = add_marks(tokenizer)
        write_atomically(path, tokenizer.to_json())
    return tokenizer


def _move(model: torch.nn.Module, device: torch.device) -> None:
    model.to(device)


def _check_same(run: Run, dialogues: Dialogues) -> None:
    known = run.config.get("text")
    if known is not None and known != dialogues.facts:
        raise UserError(
            f"{dialogues.name}: not the dialogues this run began with. Put them back, or start a new run with --run."
        )


def _describe_rows(
    reporter: Reporter, run: Run, dialogues: Dialogues, training: Rows, held_out: Rows, model: GPT, plan: Plan
) -> None:
    left_out = training.left_out + held_out.left_out
    reporter.say(
        f"{len(dialogues.training)} dialogues to learn from, {len(dialogues.held_out)} held out, in "
        f"{len(training.tokens)} and {len(held_out.tokens)} rows of {training.tokens.shape[1]} tokens"
        + (f"; {left_out} are too long for that and left out." if left_out else ".")
    )
    before = run.config["origin"]["validation_loss"]
    reporter.say(
        f"From {run.begun_from}, whose loss on the held-out answers is {before:.4f}; {count_trained(model)} weights "
        f"are trained, {count_steps(plan.steps)} in {plan.precision.name}."
    )


def _report(history: list[dict[str, float]], run: Run, model: GPT, held_out: Rows, steps: int) -> Report:
    last = history[-1]
    best = min((line for line in history if "validation_loss" in line), key=lambda line: line["validation_loss"])
    facts = {
        "validation_loss": last["validation_loss"],
        "best_validation_loss": best["validation_loss"],
        "best_step": best["step"],
        "training_loss": last["loss"],
        "answer_tokens": held_out.answers,
        "steps": steps,
        "seconds": last["seconds"],
        "weights": model.count_weights(),
    }
    lines = [
        f"Loss on held-out answers [bold]{best['validation_loss']:.4f}[/bold] nats per token; {count_steps(steps)}, "
        f"{last['seconds']:.1f} s of training."
    ]
    report = Report(facts=facts, lines=lines)
    describe_best(report, "dialogues")
    describe_start(report, run, count_trained(model))
    report.lines.append(f"Try it: groundup chat {run.name}")
    return report


@dataclass(frozen=True)
class _AfterEvaluation:
    """Tells how far the training is, and shows an answer to the first held-out message."""

    model: GPT
    tokenizer: Tokenizer
    dialogues: Dialogues
    seed: int
    run: Run
    reporter: Reporter

    def __call__(self, step: int, figures: dict[str, float]) -> None:
        self.reporter.say(f"step {step}: loss on held-out answers {figures['validation_loss']:.4f} nats per token")
        cue = next(one["content"] for one in self.dialogues.held_out[0] if one["role"] == "user")
        self.model.eval()
        conversation = Conversation(self.model, self.tokenizer)
        generator = torch.Generator().manual_seed(self.seed)  # its own: what is shown changes nothing that is trained
        try:
            answer = "".join(conversation.answer(cue, tokens=LONGEST_ANSWER, generator=generator))
        except UserError:  # a message that fits the training's rows only without an answer
            return
        finally:
            self.model.train()
        self.run.log_sample(step, f"{cue}\n→ {answer}")
        self.reporter.say(f"    {cue}\n    → {answer}".replace("\n", "\n    "))


task = ChatTask()
