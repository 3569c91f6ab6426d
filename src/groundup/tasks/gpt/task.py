"""The gpt task: a language model of any text, trained to guess the next token."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.data.corpus.text_column import TextColumn
from groundup.data.corpus.texts import read_text
from groundup.data.corpus.tokens import Tokenizer
from groundup.data.corpus.windows import TokenRow, TrainingWindows
from groundup.parts.swap import Parts, compare_speed
from groundup.runs.config import CONFIG
from groundup.runs.folder import Run
from groundup.runs.reading import AGAIN
from groundup.steps.c5_words.perplexity import measure_bits, measure_perplexity
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.tasks.forms import read_text as read_typed
from groundup.tasks.gpt.about import MOST_CONTEXT, about
from groundup.tasks.gpt.budget import LEAST_STEPS, Size, choose_size, fit_steps, list_sizes
from groundup.tasks.gpt.corpus import TOKENIZER, Corpus, load_corpus, measure_loss
from groundup.tasks.gpt.hyperparameters import WARM_UP, LowRank, Recipe, make_recipe
from groundup.tasks.gpt.mixture import (
    add_balance,
    choose_experts,
    count_experts,
    describe_load,
    keep_experts,
    list_mixtures,
    mean_balance,
    measure_load,
    put_experts,
)
from groundup.tasks.gpt.origin import (
    Start,
    choose_low_rank,
    count_trained,
    describe_best,
    describe_start,
    describe_stop,
    read_start,
)
from groundup.tasks.gpt.placement import Place, gather_model, refuse_too_large
from groundup.tasks.gpt.runs import check_tokenizer, continue_text, encode_prompt, open_gpt, read_model_settings
from groundup.tasks.gpt.timing import count_measured, time_part, time_sizes
from groundup.tasks.opening import read_run_settings
from groundup.tasks.protocol import Report, TrainRequest
from groundup.tasks.time_budget import (
    MEASURING,
    count_steps,
    describe_shortage,
    plan_time,
    time_call,
)
from groundup.training.device import DEVICES, pick_device
from groundup.training.distributed import current_process_group
from groundup.training.loop import fit
from groundup.training.plan import Plan
from groundup.training.precision import CHOICES, Precision, pick_precision
from groundup.training.record import evaluate_quietly
from groundup.training.settings import MOST, setting
from groundup.training.sharding import SHARDED

# Steps whose result this module computes in another way, and the tests that check that the two agree.
EQUALS = {
    "answer_loss": "tests/steps/c7_beyond/test_answer_loss.py::test_the_gpt_jobs_loss_leaves_out_the_same_targets",
}


@dataclass(frozen=True)
class GPTTaskSettings:
    """What `groundup train gpt --set KEY=VALUE` can set."""

    preset: str = setting(
        "modern",
        "the architecture: modern is Qwen3, classic is GPT-2, plain has the most parts to exchange",
        choices=("modern", "classic", "plain"),
    )
    layers: int | None = setting(None, "blocks, one after the other", low=1, high=1024)
    heads: int | None = setting(None, "attention heads in a block", low=1, high=1024)
    width: int | None = setting(None, "channels of a token's vector", low=2, high=65_536)
    context: int | None = setting(None, "how many tokens the model sees at once", low=1, high=MOST_CONTEXT)
    dropout: float = setting(0.0, "share of channels dropped in training", low=0, high=0.9)
    batch_size: int | None = setting(None, "windows a step learns from", low=1, high=1_000_000)
    accumulation_steps: int = setting(
        1,
        "parts of a batch that are computed one after the other; more need less memory",
        low=1,
        high=1_000_000,
        former_name="pieces",
    )
    steps: int = setting(1000, "training steps; --minutes plans them itself", low=1, high=MOST)
    learning_rate: float | None = setting(None, "of the matrices; the preset's own if left out", low=0, high=1e30)
    clip_norm: float | None = setting(
        None, "longest gradient let through; these optimisers hardly need it", low=1e-6, high=1e30
    )
    lora: int | None = setting(
        None, "with --from: train only changes of this rank of the blocks' matrices (LoRA)", low=1, high=65_536
    )
    lora_alpha: float | None = setting(
        None, "what the changes are multiplied by, times their rank; twice the rank if left out", low=1e-6, high=1e6
    )
    experts: int | None = setting(
        None, "feed-forwards in each block, of which a token uses a few (mixture of experts)", low=1, high=1024
    )
    experts_per_token: int | None = setting(
        None, "how many of the experts a token uses; two if left out", low=1, high=1024
    )
    balance: float = setting(0.01, "weight of the loss that keeps all experts in use", low=0, high=1e3)
    tokenizer: str = setting("characters", "what a token is", choices=("characters", "bytepair"))
    vocabulary_size: int = setting(1024, "how many tokens byte pairs may have", low=256, high=10_000_000)
    text_column: str = setting(
        "", "column of Parquet, or field of JSONL, to learn from; default: text, or the only one"
    )
    precision: str = setting("auto", "number type in matrix products", choices=CHOICES)
    device: str = setting("auto", "where to compute; auto: a graphics processor if there is one", choices=DEVICES)
    sharded: str = setting("auto", "spread the weights over the processes; auto: if they do not fit", choices=SHARDED)
    compile: str = setting("no", "let torch.compile join operations", choices=("no", "yes"))
    evaluate_every: int | None = setting(None, "steps between measurements on the validation text", low=1, high=MOST)
    patience: int | None = setting(
        None, "end after so many measurements in a row without a new best; never by default", low=1, high=MOST
    )
    sample_tokens: int = setting(100, "how much text to show at each measurement; 0 shows none", low=0, high=1_000_000)
    checkpoint_seconds: float = setting(30.0, "seconds between checkpoints; 0 saves after every step", low=0, high=1e9)
    shard_above: float = setting(10.0, "from how many megabytes of text on it is tokenised to disk", low=0, high=1e9)
    shard_processes: int | None = setting(
        None, "processes that tokenise it; one a processor core if left out", low=1, high=1024
    )
    measured_tokens: int = setting(
        262_144,
        "most tokens a measurement in training asks for, evenly spaced over the validation text",
        low=1,
        high=MOST,
    )


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
        choose_settings = partial(_choose_settings, s, start, corpus.tokenizer.size)

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
            after = _AfterEvaluation(recipe.model, corpus, s.sample_tokens, request.seed, run, reporter)
            windows, measured = make_windows(chosen), count_measured(run, s.measured_tokens)
            return _make_plan(s, recipe, precision, windows, corpus, after, steps, evaluate_every, parts, measured)

        def make_place(size: Size, compiled: str = s.compile) -> Place:
            return Place(s.sharded, compiled, choose_settings(size), device, team, precision)

        def make_windows(size: Size) -> TrainingWindows:
            return TrainingWindows(
                corpus.training, size.context, size.batch_size, request.seed, str(device), corpus.describe_training()
            )

        known = run.config.get("model")
        # A run from before there was a warm-up goes on without one.
        warm_up = WARM_UP if known is None else run.config.get("warm_up", 0.0)
        sizes = _list_sizes(s, request.minutes, run)
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
            assert isinstance(plan.after_evaluation, _AfterEvaluation)
            seconds += time_call(plan.after_evaluation.write)
            measure_start()  # on no more tokens than there is time for, and within the budget
            return seconds

        budget = plan_time(request, run, lambda: prepare(s.steps, 1), fit_steps, step_seconds, time_measuring)
        measure_start()
        steps = run.config.get("steps", s.steps)
        plan = prepare(steps, s.evaluate_every or run.config.get("evaluate_every") or max(500, steps // 20))
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
        facts = {"data": data or "validation", "weights": weights, **_figures(loss, len(tokens), characters)}
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


@dataclass(frozen=True)
class NextTokens:
    """The likeliest tokens behind some texts.

    Attributes
    ----------
    texts : list of str
        Of what.
    tokens : list of list of str
        The likeliest next ones of each, the likeliest first.
    probabilities : list of list of float
        Theirs.
    """

    texts: list[str]
    tokens: list[list[str]]
    probabilities: list[list[float]]

    def report(self) -> Report:
        """Return a line for each text."""
        facts, lines = [], []
        for text, tokens, probabilities in zip(self.texts, self.tokens, self.probabilities, strict=True):
            pairs = list(zip(tokens, probabilities, strict=True))
            facts.append({"text": text, "next": [{"token": token, "probability": share} for token, share in pairs]})
            shown = "  ".join(f"{token!r} {share:.1%}" for token, share in pairs)
            lines.append(f"…{text[-40:]!r} → {shown}".replace("[", r"\["))
        return Report(facts={"predictions": facts}, lines=lines)


def read_measured_text(run: Run, data: str | None, tokenizer: Tokenizer, reporter: Reporter) -> tuple[Any, int, str]:
    """Return the tokens of the text to measure a run on, its number of characters, and its name.

    Parameters
    ----------
    run : Run
        A trained run.
    data : str or None
        A text; ``None`` takes the run's validation text.
    tokenizer : Tokenizer
        The run's own.
    reporter : Reporter
        Hears what was noticed while the text was read.

    Raises
    ------
    UserError
        There is no text, it cannot be read, or it is too short.
    """
    if data is not None:
        # The column that the run was trained on, where these data have it, too.
        column = getattr(read_run_settings(run), "text_column", "") if "text" in run.config else ""
        text = read_text(data, TextColumn(column, required=False))
        for note in text.notes:
            reporter.say(note)
        content = text.content
        tokens: Any = TokenRow(tokenizer.encode(content))
        characters, name = len(content), data
    elif "text" not in run.config:
        raise UserError(f"{run.folder} was not trained here: name a text to measure it on with --data.")
    else:
        s: GPTTaskSettings = read_run_settings(run)
        wanted = s.tokenizer, s.vocabulary_size, s.shard_above
        corpus = load_corpus(
            run.config.get("data"), *wanted, run, reporter, processes=s.shard_processes, text_column=s.text_column
        )
        tokens, characters, name = corpus.validation, corpus.validation_characters, "the validation text"
    if len(tokens) < 2:
        raise UserError(f"{name}: {len(tokens)} token(s); at least two are needed to guess one from the other.")
    return tokens, characters, name


def next_token_loss(prediction: Tensor, targets: Tensor) -> Tensor:
    """Return the mean cross-entropy of logits ``[batch, time, vocabulary]`` and targets ``[batch, time]``.

    Targets of −100 do not count.
    """
    return functional.cross_entropy(prediction.flatten(0, 1), targets.flatten())


def parts_loss(parts: Parts | None) -> Callable[[Tensor, Tensor], Tensor]:
    """Return `next_token_loss`, or the same by a learner's loss of rows of logits."""
    if parts is None or "loss" not in parts.found:
        return next_token_loss
    own = parts.found["loss"]
    return lambda prediction, targets: own(prediction.flatten(0, 1).float(), targets.flatten())


def _list_sizes(s: GPTTaskSettings, minutes: float | None, run: Run) -> list[Size]:
    """Return the sizes to choose from, the largest first, with what the settings decide in each."""
    found = {field.name: getattr(s, field.name) for field in dataclasses.fields(Size)}
    given = {name: value for name, value in found.items() if value}
    if "size" in run.config:
        return [Size(**run.config["size"])]
    if minutes is None:
        return [dataclasses.replace(choose_size(None), **given)]
    sizes = [dataclasses.replace(size, **given) for size in list_sizes(minutes)]
    return list(dict.fromkeys(sizes))  # where all is given, it is one


def _refuse_short(corpus: Corpus) -> None:
    if len(corpus.validation) < 2:
        name = corpus.facts["name"]
        raise UserError(f"{name}: the last tenth, held out to measure on, is too short. Give more text.")


def _refuse_spread(place: Place, parts: Parts | None, low_rank: LowRank | None) -> None:
    if parts is not None and place.sharded:
        raise UserError("--with: a model with a learner's parts is trained whole. Add --set sharded=no.")
    if low_rank is not None and place.sharded:
        raise UserError("--set lora: a model with changes of low rank is trained whole. Add --set sharded=no.")


def _choose_settings(s: GPTTaskSettings, start: Start | None, vocabulary: int, size: Size) -> GPTSettings:
    if start is not None:
        return start.choose_settings(size.context, s.dropout)
    return _model_settings(s, size, vocabulary)


def _model_settings(s: GPTTaskSettings, size: Size, vocabulary: int) -> GPTSettings:
    return GPTSettings(
        vocabulary=vocabulary,
        context=size.context,
        layers=size.layers,
        heads=size.heads,
        width=size.width,
        preset=s.preset,
        dropout=s.dropout,
    )


def _make_plan(  # noqa: PLR0913 - a setting each
    s: GPTTaskSettings,
    recipe: Recipe,
    precision: Precision,
    windows: TrainingWindows,
    corpus: Corpus,
    after_evaluation: Callable[[int, dict[str, float]], None],
    steps: int,
    evaluate_every: int,
    parts: Parts | None,
    measured_tokens: int,
) -> Plan:
    model = recipe.model

    def evaluate() -> dict[str, float]:
        loss = measure_loss(model, corpus.validation, current_process_group(), most_tokens=measured_tokens)
        figures = {"validation_loss": loss}
        if corpus.tokenizer.characters is None:
            figures["per_character"] = loss * (len(corpus.validation) - 1) / corpus.validation_characters
        return figures

    mixed = bool(list_mixtures(model))
    loss = parts_loss(parts)
    return Plan(
        model,
        add_balance(loss, model, s.balance) if mixed else loss,
        recipe.optimizer,
        windows.batch,
        steps,
        schedule=recipe.schedule,
        precision=precision,
        clip_norm=s.clip_norm,
        accumulation_steps=s.accumulation_steps,
        measure=(lambda *_: mean_balance(model)) if mixed else None,
        measure_name="balance",
        evaluate=(lambda: measure_load(model, evaluate)) if mixed else evaluate,
        evaluate_every=evaluate_every,
        after_evaluation=after_evaluation,
        keep_best="validation_loss",
        patience=s.patience,
        weights=recipe.weights,
        checkpoint_seconds=s.checkpoint_seconds,
        device=torch.device(windows.device),
    )


@dataclass(frozen=True)
class _AfterEvaluation:
    """Tells how far the training is, and shows and keeps what the model writes by now."""

    model: GPT
    corpus: Corpus
    tokens: int
    seed: int
    run: Run
    reporter: Reporter

    def __call__(self, step: int, figures: dict[str, float]) -> None:
        unit = "token" if "per_character" in figures else "character"
        more = f", {figures['per_character']:.4f} per character" if "per_character" in figures else ""
        self.reporter.say(f"step {step}: validation loss {figures['validation_loss']:.4f} nats per {unit}{more}")
        text = self.write()
        if text is not None:
            self.run.log_sample(step, text)
            self.reporter.say("    " + text.replace("\n", "\n    "))

    def write(self) -> str | None:
        """Return a text of the model, where one is wanted and this process has all of its weights."""
        model = gather_model(self.model)
        if not self.tokens or model is None:
            return None
        return _sample(model, self.corpus.tokenizer, self.tokens, self.seed)


def _sample(model: GPT, tokenizer: Tokenizer, tokens: int, seed: int) -> str:
    # A generator of its own: what is shown must not change what is trained.
    generator = torch.Generator().manual_seed(seed)
    prompt = encode_prompt("", tokenizer)
    model.eval()
    pieces = continue_text(model, tokenizer, prompt, tokens, temperature=0.8, generator=generator)
    text = "".join(piece for _, piece in islice(pieces, tokens))
    model.train()
    return text.strip()


def _figures(loss: float, tokens: int, characters: int) -> dict[str, float]:
    total = loss * (tokens - 1)
    return {
        "loss": loss,
        "perplexity": measure_perplexity(loss),
        "nats_per_character": total / max(1, characters),
        "bits_per_character": measure_bits([total], max(1, characters)),
        "tokens": tokens,
        "characters": characters,
    }


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
    return report


task = GPTTask()
