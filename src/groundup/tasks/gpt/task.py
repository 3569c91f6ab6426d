"""The gpt task: a language model of any text, trained to guess the next token."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import torch

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.data.corpus.windows import TrainingWindows
from groundup.parts.swap import Parts, compare_speed
from groundup.runs.config import CONFIG
from groundup.runs.folder import Run
from groundup.runs.reading import AGAIN
from groundup.steps.c6_gpt.gpt import GPT
from groundup.tasks.forms import read_text as read_typed
from groundup.tasks.gpt.about import about, guesses_alone
from groundup.tasks.gpt.budget import LEAST_STEPS, Size, fit_steps
from groundup.tasks.gpt.corpus import TOKENIZER, Corpus, load_corpus, measure_loss
from groundup.tasks.gpt.evaluation import list_figures, read_measured_text
from groundup.tasks.gpt.hyperparameters import WARM_UP, LowRank, make_recipe
from groundup.tasks.gpt.mixture import (
    choose_experts,
    count_experts,
    describe_load,
    keep_experts,
    put_experts,
)
from groundup.tasks.gpt.next_tokens import NextTokens
from groundup.tasks.gpt.origin import (
    choose_low_rank,
    count_trained,
    describe_best,
    describe_start,
    describe_stop,
    read_start,
)
from groundup.tasks.gpt.placement import Place, refuse_too_large
from groundup.tasks.gpt.planning import (
    AfterEvaluation,
    choose_evaluate_every,
    choose_model_settings,
    list_sizes_to_try,
    make_plan,
)
from groundup.tasks.gpt.runs import check_tokenizer, encode_prompt, open_gpt, read_model_settings
from groundup.tasks.gpt.settings import GPTTaskSettings
from groundup.tasks.gpt.timing import count_measured, time_part, time_sizes
from groundup.tasks.protocol import Report, TrainRequest
from groundup.tasks.time_budget import (
    MEASURING,
    count_steps,
    describe_shortage,
    plan_time,
    time_call,
)
from groundup.training.device import pick_device
from groundup.training.distributed import current_process_group
from groundup.training.loop import fit
from groundup.training.plan import Plan
from groundup.training.precision import pick_precision
from groundup.training.record import evaluate_quietly


class GPTTask:
    """Text in, a model that goes on with text out."""

    name: ClassVar[str] = about.name
    settings_type: ClassVar[type] = GPTTaskSettings

    def train(self, request: TrainRequest, run: Run, reporter: Reporter) -> Report:
        """Train into ``run``, or go on with it."""
        s: GPTTaskSettings = request.settings
        parts = Parts.of(run, about.parts)
        start = read_start(run)
        low_rank = choose_low_rank(s.lora, s.lora_alpha, start)
        merge = parts.found.get("tokenizer") if parts is not None else None
        team = current_process_group()
        own = parts.names if parts is not None else []
        beside = start is not None, team.size > 1, s.compile == "yes"
        experts = choose_experts(s.experts, s.experts_per_token, s.preset, own, *beside)
        device = pick_device(s.device, team)
        with team.main_first():
            wanted = s.tokenizer, s.vocabulary_size, s.shard_above
            corpus = load_corpus(
                request.data,
                *wanted,
                run,
                reporter,
                merge,
                s.shard_processes,
                s.text_column,
                request.cluster if team.is_main else None,
            )
        precision = pick_precision(s.precision, device.type)
        choose_settings = partial(choose_model_settings, s, start, corpus.tokenizer.size)

        def prepare(steps: int, evaluate_every: int, parts: Parts | None = parts, trial: Size | None = None) -> Plan:
            torch.manual_seed(request.seed)
            chosen = trial or size
            recipe = make_recipe(
                choose_settings(chosen),
                corpus.training,
                steps,
                precision,
                s.learning_rate,
                parts,
                place if trial is None else make_place(chosen, "no"),
                start.load_into if start is not None else None,
                low_rank,
                enlarge=lambda model: put_experts(model, experts),
                warm_up=warm_up,
            )
            after = AfterEvaluation(recipe.model, corpus, s.sample_tokens, request.seed, run, reporter)
            windows, measured = make_windows(chosen), count_measured(run, s.measured_tokens)
            return make_plan(s, recipe, precision, windows, corpus, after, steps, evaluate_every, parts, measured)

        def make_place(size: Size, compiled: str = s.compile) -> Place:
            return Place(s.sharded, compiled, choose_settings(size), device, team, precision)

        def make_windows(size: Size) -> TrainingWindows:
            return TrainingWindows(
                corpus.training, size.context, size.batch_size, request.seed, str(device), corpus.describe_training()
            )

        known = run.config.get("model")
        # A run from before there was a warm-up goes on without one.
        warm_up = WARM_UP if known is None else run.config.get("warm_up", 0.0)
        sizes = list_sizes_to_try(s, request.minutes, run)
        size, step_seconds = sizes[0], None
        model_settings = choose_settings(size)
        vocabulary = known["vocabulary"] if known is not None else model_settings.vocabulary
        check_tokenizer(corpus.tokenizer, vocabulary, str(run.path(TOKENIZER)), imported=start is not None)
        if known is not None and read_model_settings(run) != model_settings:
            raise UserError(f"{run.path(CONFIG)}: damaged (its model is not the one its settings ask for). {AGAIN}")
        refuse_too_large(model_settings, device, team, count_experts(experts))
        make_windows(size)  # the text is long enough
        _refuse_short(corpus)
        place = make_place(size)
        planned: dict[str, Any] = {}
        if len(sizes) > 1 and known is None:
            reporter.say(MEASURING)
            size, step_seconds = time_sizes(
                request, sizes, lambda size: prepare(s.steps, 1, trial=size), choose_settings
            )
            if s.compile == "yes":  # to compile each size would take longer than to train one
                step_seconds = None
            model_settings, place = choose_settings(size), make_place(size)
            planned = {"size": dataclasses.asdict(size)}
        elif request.minutes is not None and "steps" not in run.config:
            reporter.say(MEASURING)
        run.update_config(text=corpus.facts, model=dataclasses.asdict(model_settings), warm_up=warm_up, **planned)
        keep_experts(run, experts, begun=known is not None)

        _refuse_spread(place, parts, low_rank)

        speed = compare_speed(prepare(s.steps, 1), prepare(s.steps, 1, None)) if parts is not None else None

        def measure_start() -> None:
            if start is not None and "validation_loss" not in run.config["origin"]:
                before = evaluate_quietly(prepare(s.steps, 1))["validation_loss"]
                run.update_config(origin={**run.config["origin"], "validation_loss": before})

        def time_measuring(plan: Plan) -> float:
            assert request.minutes is not None
            seconds = time_part(plan, corpus, s.measured_tokens, run, request.minutes)
            assert isinstance(plan.after_evaluation, AfterEvaluation)
            seconds += time_call(plan.after_evaluation.write)
            measure_start()  # on no more tokens than there is time for, and within the budget
            return seconds

        budget = plan_time(request, run, lambda: prepare(s.steps, 1), fit_steps, step_seconds, time_measuring)
        measure_start()
        steps = run.config.get("steps", s.steps)
        measured = min(len(corpus.validation), s.measured_tokens)
        evaluate_every = s.evaluate_every or run.config.get("evaluate_every")
        plan = prepare(steps, evaluate_every or choose_evaluate_every(steps, measured, size))
        plan.budget = budget
        model = plan.model
        assert isinstance(model, GPT)
        reporter.say(
            f"{len(corpus.training):,} tokens to train on, {len(corpus.validation):,} to measure on; "
            f"{corpus.tokenizer.size:,} different ones; {model.count_weights():,} weights in the {s.preset} preset; "
            f"{count_steps(plan.steps)} in "
            f"{plan.precision.name}{place.describe()}."
        )
        describe_shortage(request, plan.steps, LEAST_STEPS, budget, reporter)
        if len(corpus.validation) - 1 > count_measured(run, s.measured_tokens):
            reporter.say(
                f"In training, measured on {count_measured(run, s.measured_tokens):,} of them, evenly spaced; "
                f"groundup evaluate {run.name} measures all."
            )
        if start is not None:
            reporter.say(
                f"It goes on from {start.source}, whose loss on this validation text is "
                f"{run.config['origin']['validation_loss']:.4f}; {count_trained(model)} weights are trained."
            )
        history = fit(plan, run, reporter)
        report = _report(history, model, corpus, plan.steps)
        describe_stop(report, history, s.patience)
        describe_load(report, history[-1], experts)
        if start is not None:
            describe_start(report, run, count_trained(model))
        if speed is not None:
            report.facts["speed_with_parts"] = speed
            report.lines.append(f"A step takes {speed['times']:g} times as long with the learner's parts as with ours.")
        # The built-in dialogues have no characters but those of the built-in text.
        answers = request.data is None and parts is None and experts is None
        then = f"\nLet it learn to answer: groundup train chat --from {run.name}" if answers else ""
        report.lines.append(f"Try it: groundup generate {run.name}{then}")
        return report

    def parse(self, run: Run, words: Sequence[str], reporter: Reporter) -> list[str]:
        """Take texts as they were typed."""
        return list(words)

    def read_form(self, run: Run, form: Mapping[str, Any]) -> list[str]:
        """Read the ``text`` that was typed."""
        return [read_typed(form)]

    def predict(self, run: Run, inputs: Sequence[str]) -> NextTokens:
        """Find the likeliest next tokens of each text."""
        model, tokenizer, _ = open_gpt(run)
        answer = NextTokens([], [], [])
        for text in inputs:
            tokens = encode_prompt(text, tokenizer)[-model.settings.context :]
            with torch.inference_mode():
                probabilities = model(torch.tensor([tokens]))[0, -1].float().softmax(0)
            likeliest = probabilities.topk(min(10, tokenizer.size))
            answer.texts.append(text)
            answer.tokens.append([tokenizer.decode([token]) for token in likeliest.indices.tolist()])
            answer.probabilities.append(likeliest.values.tolist())
        return answer

    def evaluate(self, run: Run, data: str | None, folder: Path, reporter: Reporter) -> Report:
        """Measure loss, bits per character and perplexity; on the validation text where no data are named."""
        model, tokenizer, weights = open_gpt(run)
        tokens, characters, name = read_measured_text(run, data, tokenizer, reporter)
        with torch.inference_mode():
            loss = measure_loss(model, tokens)
        facts = {"data": data or "validation", "weights": weights, **list_figures(loss, len(tokens), characters)}
        words = f"{name}: {loss:.4f} nats per token, perplexity {facts['perplexity']:.3f}, "
        return Report(facts=facts, lines=[words + f"{facts['bits_per_character']:.4f} bits per character"])

    def draw(self, run: Run, folder: Path) -> list[Path]:
        """Draw the curves."""
        from groundup.tasks.gpt.plots import draw_curves

        path = folder / "curves.png"
        draw_curves(run, path)
        return [path]

    def describe_form(self, run: Run) -> dict[str, Any]:
        """Return nothing: every text is accepted."""
        return {}


def _refuse_short(corpus: Corpus) -> None:
    if len(corpus.validation) < 2:
        name = corpus.facts["name"]
        raise UserError(f"{name}: the last tenth, held out to measure on, is too short. Give more text.")


def _refuse_spread(place: Place, parts: Parts | None, low_rank: LowRank | None) -> None:
    if parts is not None and place.sharded:
        raise UserError("--with: a model with a learner's parts is trained whole. Add --set sharded=no.")
    if low_rank is not None and place.sharded:
        raise UserError("--set lora: a model with changes of low rank is trained whole. Add --set sharded=no.")


def _report(history: list[dict[str, float]], model: GPT, corpus: Corpus, steps: int) -> Report:
    last = history[-1]
    # The first of equals, as `Record.evaluate` keeps it.
    best = min((line for line in history if "validation_loss" in line), key=lambda line: line["validation_loss"])
    facts = {
        "validation_loss": last["validation_loss"],
        "best_validation_loss": best["validation_loss"],
        "best_step": best["step"],
        "training_loss": last["loss"],
        "steps": steps,
        "seconds": last["seconds"],
        "weights": model.count_weights(),
        "vocabulary": corpus.tokenizer.size,
        **{key: best[key] for key in ("per_character",) if key in best},
    }
    unit = "character" if corpus.tokenizer.characters is not None else "token"
    more = f" ({best['per_character']:.4f} per character)" if "per_character" in best else ""
    lines = [
        f"Validation loss {best['validation_loss']:.4f} nats per {unit}{more}; {count_steps(steps)}, "
        f"{last['seconds']:.1f} s of training."
    ]
    report = Report(facts=facts, lines=lines)
    describe_best(report, "text")
    if guesses_alone(best["validation_loss"], corpus.tokenizer.size):
        lines.append(
            f"That is no better than a choice among all {corpus.tokenizer.size} tokens: it knows its own text, and "
            "nothing of new text. Give it more text."
        )
    return report


task = GPTTask()
