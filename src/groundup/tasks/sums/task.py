"""The sums task: question and answer as text, and a GPT that learns to answer from examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from rich.markup import escape
from torch import Tensor

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.base.writing import write_atomically
from groundup.data.corpus.texts import read_text
from groundup.data.corpus.tokens import train_tokenizer
from groundup.models.batched_decoding import sample_batch
from groundup.models.fast_gpt import last_logits
from groundup.parts.swap import Parts
from groundup.runs.config import CONFIG
from groundup.runs.folder import Run
from groundup.runs.reading import AGAIN
from groundup.steps.c6_gpt.gpt import GPT
from groundup.tasks.forms import read_text as read_typed
from groundup.tasks.gpt.corpus import TOKENIZER
from groundup.tasks.gpt.placement import refuse_too_large
from groundup.tasks.opening import read_run_settings
from groundup.tasks.protocol import Report, TrainRequest
from groundup.tasks.reports import finished_report
from groundup.tasks.sums.about import about
from groundup.tasks.sums.model import (
    FALL,
    RISE,
    OwnAnswerLoss,
    SumsSettings,
    choose_amounts,
    describe_model,
    find_exact,
    loss_on_answers,
    make_model,
    make_sums_optimizer,
    open_sums,
    share_exact,
    size_model,
)
from groundup.tasks.sums.problems import ALPHABET, Problems, Questions, is_held_out
from groundup.tasks.time_budget import count_steps, plan_time
from groundup.training.device import pick_device
from groundup.training.distributed import current_process_group
from groundup.training.loop import fit
from groundup.training.plan import Plan
from groundup.training.precision import pick_precision
from groundup.training.schedules import warmup_stable_decay

EVALUATIONS = 8
EVALUATED = 10_000  # questions that `groundup evaluate` asks
SHOWN = 5
# To say whether a question was in training, its batches are drawn again: so many questions take about 0.7 s.
MOST_DRAWN_AGAIN = 1_000_000


class SumsTask:
    """Questions with numbers in, answers out; see `groundup.tasks.protocol.Task`."""

    name: ClassVar[str] = about.name
    settings_type: ClassVar[type] = SumsSettings

    def train(self, request: TrainRequest, run: Run, reporter: Reporter) -> Report:
        """Train into ``run``, or go on with it."""
        s: SumsSettings = request.settings
        refuse_data(request.data)
        problems, sizes, amounts = s.problems, size_model(s), choose_amounts(s)
        keep_model(run, describe_model(sizes))
        team = current_process_group()
        device = pick_device(s.device, team)
        refuse_too_large(sizes, device, team)
        precision = pick_precision(s.precision, device.type)
        parts = Parts.of(run, about.parts)
        own = parts.found.get("answer-loss") if parts is not None else None
        test = problems.draw_test(s.test_questions, request.seed)
        torch.manual_seed(request.seed)
        model = make_model(sizes, device, precision, parts)

        def take_batch(step: int) -> tuple[Tensor, Tensor]:
            inputs, answers = problems.batch(amounts.batch_size, request.seed, step)
            return inputs.to(device), answers.to(device)

        plan = Plan(
            model,
            loss_on_answers if own is None else OwnAnswerLoss(own),
            make_sums_optimizer(model, s.learning_rate, precision, parts),
            take_batch,
            amounts.steps,
            schedule=warmup_stable_decay(RISE if sizes.preset == "plain" else 0.0, FALL),
            precision=precision,
            measure=share_exact,
            measure_name="training_accuracy",
            # A learner's loss gets every position, to leave out those that do not count.
            ask=None if own else lambda inputs: last_logits(model, inputs, problems.written_length),
            evaluate=lambda: {"accuracy": float(find_exact(model, problems, test).float().mean())},
            after_evaluation=partial(show_progress, reporter, len(test)),
            checkpoint_seconds=s.checkpoint_seconds,
            device=device,
            description=about.name,
        )
        plan.budget = plan_time(request, run, lambda: plan)
        plan.steps = run.config.get("steps", plan.steps)
        plan.evaluate_every = s.evaluate_every or max(1, plan.steps // EVALUATIONS)
        what = "each number behind the question" if problems.working_length else "the answer"
        turned = f" ({what} is written from its last digit on)" if s.order == "reversed" else ""
        reporter.say(
            f"Questions such as {problems.write(problems.draw(1, (request.seed, 0, 0)))[0]}{turned}, "
            f"{amounts.batch_size} per step; {model.count_weights():,} weights; {count_steps(plan.steps)} in "
            f"{precision.name}. One question in ten is held out."
        )
        history = fit(plan, run, reporter)
        figures, picture = history[-1], self.draw(run, run.folder)[0]
        facts = {
            "accuracy": figures["accuracy"],
            "test_questions": len(test),
            "loss": figures["loss"],
            "steps": plan.steps,
            "seconds": figures["seconds"],
            "weights": model.count_weights(),
            "curves": str(picture),
        }
        lines = [
            f"Exact answers to [bold]{figures['accuracy']:.2%}[/bold] of {len(test):,} questions that it never saw, "
            f"after {count_steps(plan.steps)} and {figures['seconds']:.1f} s of training.",
            f"Curves in {escape(str(picture))}",
            f"Try it: groundup predict {run.name} {write_example(problems)}",
        ]
        return Report(facts=facts, lines=lines)

    def parse(self, run: Run, words: Sequence[str], reporter: Reporter) -> list[str]:
        """Take questions as they were typed."""
        return list(words)

    def read_form(self, run: Run, form: Mapping[str, Any]) -> list[str]:
        """Read the question that was typed."""
        return [read_typed(form)]

    def predict(self, run: Run, inputs: Sequence[str]) -> Answers:
        """Answer questions such as ``12+34``."""
        model, problems = open_sums(run)
        questions = read_questions(problems, inputs)
        return answer(model, problems, questions, self.find_seen(run, questions))

    def find_seen(self, run: Run, questions: Questions) -> list[bool | None]:
        """Return which questions the run was trained on; ``None`` where that is not known."""
        seen = find_held_out(questions)
        settings: SumsSettings = read_run_settings(run)
        size, steps = choose_amounts(settings).batch_size, (finished_report(run) or {}).get("steps", 0)
        if None not in seen or not 0 < size * steps <= MOST_DRAWN_AGAIN:
            return seen
        return list(settings.problems.find_drawn(questions, size, run.config.get("seed", 0), steps))

    def evaluate(self, run: Run, data: str | None, folder: Path, reporter: Reporter) -> Report:
        """Measure exact answers on held-out questions, or on the questions of a file, a line each."""
        model, problems = open_sums(run)
        questions = self._choose_questions(run, problems, data)
        exact = find_exact(model, problems, questions).numpy()
        accuracy = float(exact.mean())
        mistakes = questions.take(np.flatnonzero(~exact)[:SHOWN])
        wrong = answer(model, problems, mistakes, self.find_seen(run, mistakes))
        facts: dict[str, Any] = {"data": data or "held out", "accuracy": accuracy, "questions": len(questions)}
        facts["mistakes"] = int((~exact).sum())
        facts["examples"] = [one for one in wrong.facts() if not one["right"]]
        what = "new questions" if data is None else f"questions of {data}"
        lines = [f"Exact answers to [bold]{accuracy:.2%}[/bold] of {len(questions):,} {escape(what)}."]
        lines += [f"  {line}" for line in wrong.lines()]
        groups, name = group_questions(problems, questions)
        rows = []
        for group in np.unique(groups):
            inside = groups == group
            rows.append([str(group), f"{int(inside.sum()):,}", f"{exact[inside].mean():.2%}"])
        facts["groups"] = {"by": name, "accuracy": {row[0]: float(exact[groups == int(row[0])].mean()) for row in rows}}
        return Report(facts=facts, lines=lines, table=([name, "questions", "exact answers"], rows))

    def _choose_questions(self, run: Run, problems: Problems, data: str | None) -> Questions:
        if data is None:
            # Not those that were measured in training, but others of the held-out ones as far as there are more.
            return problems.draw_test(EVALUATED, run.config.get("seed", 0) + 1)
        lines = [line for line in read_text(data).content.splitlines() if line.strip()]
        if not lines:
            raise UserError(f"{data}: no questions in it. Write one per line, such as {write_example(problems)}.")
        return read_questions(problems, lines)

    def draw(self, run: Run, folder: Path) -> list[Path]:
        """Draw the curves."""
        from groundup.tasks.sums.plots import draw_curves

        return [draw_curves(run, folder / "curves.png")]

    def describe_form(self, run: Run) -> dict[str, Any]:
        """Return a question to begin with, and what the page says of it."""
        problems = read_run_settings(run).problems
        return {
            "example": write_example(problems),
            "digits": problems.digits,
            "working": problems.working_length > 0,
        }


@dataclass(frozen=True)
class Answers:
    """What a model answered.

    Attributes
    ----------
    questions : list of str
        Such as ``"12+34"``.
    workings : list of str
        What the model wrote before each answer, such as ``"282 + 1410"``; empty where it writes none.
    answers : list of str
        As they are read; whatever the model wrote.
    truths : list of str
        The right ones.
    probabilities : list of float
        Of each answer as a whole, with the working before it, as the model sees it.
    held_out : list of bool
        Which questions are in no run's batches.
    seen : list of bool or None
        Which questions the run was trained on; ``None`` where that is not known.
    """

    questions: list[str]
    workings: list[str]
    answers: list[str]
    truths: list[str]
    probabilities: list[float]
    held_out: list[bool]
    seen: list[bool | None]

    def facts(self) -> list[dict[str, Any]]:
        """Return each answer as figures."""
        names = ("question", "working", "answer", "truth", "probability", "held_out", "seen_in_training")
        workings = [working or None for working in self.workings]
        columns = (self.questions, workings, self.answers, self.truths, self.probabilities, self.held_out, self.seen)
        found = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
        return [{**one, "right": one["answer"] == one["truth"]} for one in found]

    def lines(self) -> list[str]:
        """Return a line for each answer."""
        lines = []
        for one in self.facts():
            verdict = "right" if one["right"] else f"wrong: it is {one['truth']}"
            seen = {True: "; it was in training", False: "; never seen in training", None: ""}[one["seen_in_training"]]
            asked = one["question"] + (f": {one['working']}" if one["working"] else "")
            lines.append(f"{asked} = [bold]{one['answer']}[/bold]  {verdict}{seen}")
        return lines

    def report(self) -> Report:
        """Return them in words and in figures."""
        return Report(facts={"predictions": self.facts()}, lines=self.lines())


def find_held_out(questions: Questions) -> list[bool | None]:
    """Return False for the questions that no run is trained on, and ``None`` for all others."""
    return [False if new else None for new in is_held_out(questions).tolist()]


def answer(model: GPT, problems: Problems, questions: Questions, seen: list[bool | None] | None = None) -> Answers:
    """Let a model answer questions: greedily, all at once; ``seen`` says which it was trained on, if that is known."""
    if not len(questions):
        return Answers([], [], [], [], [], [], [])
    tokens = problems.encode_questions(questions).to(model.token_embedding.weight.device)
    written, chances = sample_batch(model, tokens, problems.written_length, greedy=True)
    pairs = zip(questions.left.tolist(), questions.right.tolist(), strict=True)
    return Answers(
        [f"{left}{problems.sign}{right}" for left, right in pairs],
        problems.decode_working(written),
        problems.decode_answers(problems.find_answers(written)),
        [str(number) for number in problems.solve(questions).tolist()],
        [round(chance, 6) for chance in chances.sum(1).exp().tolist()],
        is_held_out(questions).tolist(),
        seen or find_held_out(questions),
    )


def read_questions(problems: Problems, texts: Sequence[str]) -> Questions:
    """Read questions as they were typed; errors as of `Problems.read`."""
    found = [problems.read(text) for text in texts]
    return Questions(np.concatenate([q.left for q in found]), np.concatenate([q.right for q in found]))


def write_example(problems: Problems) -> str:
    """Return a question that a run can be asked.

    Examples
    --------
    >>> write_example(Problems(3)), write_example(Problems(1, "times"))
    ('123+456', '1*4')
    """
    left, right = "123456789123456789"[: problems.digits], "456789123456789123"[: problems.digits]
    return f"{left}{problems.sign}{right}"


def group_questions(problems: Problems, questions: Questions) -> tuple[np.ndarray, str]:
    """Return what makes questions hard, and what it is called: carries of a sum, digits of a product."""
    if problems.operation == "times":
        return np.char.str_len(problems.solve(questions).astype(str)), "digits of the product"
    carries = np.zeros(len(questions), np.int64)
    carry = np.zeros(len(questions), np.int64)
    for place in range(problems.digits):
        digits = [number // 10**place % 10 for number in (questions.left, questions.right)]
        carry = (digits[0] + digits[1] + carry) // 10
        carries += carry
    return carries, "carries"


def refuse_data(data: str | None) -> None:
    """Refuse data to train on."""
    if data is not None:
        raise UserError(f"--data {data}: this task makes its own questions. Leave --data out.")


def keep_model(run: Run, model: dict[str, Any]) -> None:
    """Write what a run's model is into its folder: the sizes and the tokenizer.

    Raises
    ------
    UserError
        It was begun with another model: its ``config.json`` was changed.
    """
    if run.config.get("model", model) != model:
        raise UserError(f"{run.path(CONFIG)}: damaged (its model is not the one its settings ask for). {AGAIN}")
    run.update_config(model=model)
    if not run.has_file(TOKENIZER):
        write_atomically(run.path(TOKENIZER), train_tokenizer("characters", [ALPHABET]).to_json())


def show_progress(reporter: Reporter, count: int, step: int, figures: dict[str, float]) -> None:
    """Say how many new questions are answered exactly by now."""
    reporter.say(f"step {step}: exact answers to {figures['accuracy']:.2%} of {count:,} new questions")


task = SumsTask()
