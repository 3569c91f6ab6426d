"""The plan of a gpt training: what a step learns from, and what is measured, shown and kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

import torch

from groundup.base.reporting import Reporter
from groundup.data.corpus.tokens import Tokenizer
from groundup.data.corpus.windows import TrainingWindows
from groundup.parts.swap import Parts
from groundup.runs.folder import Run
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.tasks.gpt.budget import Size, choose_size, list_sizes
from groundup.tasks.gpt.corpus import Corpus, measure_loss
from groundup.tasks.gpt.evaluation import parts_loss
from groundup.tasks.gpt.hyperparameters import Recipe
from groundup.tasks.gpt.mixture import (
    add_balance,
    list_mixtures,
    mean_balance,
    measure_load,
)
from groundup.tasks.gpt.origin import Start
from groundup.tasks.gpt.placement import gather_model
from groundup.tasks.gpt.runs import continue_text, encode_prompt
from groundup.tasks.gpt.settings import GPTTaskSettings
from groundup.training.distributed import current_process_group
from groundup.training.plan import Plan
from groundup.training.precision import Precision

# A measurement on as many tokens as so many steps learn from takes about as long as one or two of them.
CHEAP_STEPS = 4


def list_sizes_to_try(s: GPTTaskSettings, minutes: float | None, run: Run) -> list[Size]:
    """Return the sizes to choose from, the largest first, with what the settings decide in each."""
    found = {field.name: getattr(s, field.name) for field in dataclasses.fields(Size)}
    given = {name: value for name, value in found.items() if value}
    if "size" in run.config:
        return [Size(**run.config["size"])]
    if minutes is None:
        return [dataclasses.replace(choose_size(None), **given)]
    sizes = [dataclasses.replace(size, **given) for size in list_sizes(minutes)]
    return list(dict.fromkeys(sizes))  # where all is given, it is one


def choose_evaluate_every(steps: int, measured: int, size: Size) -> int:
    """Return after how many steps to measure, where nobody says it; ``measured`` is how many tokens that is done on.

    A small text is learned by heart in few steps, and the best weights are those before: where a measurement costs no
    more than a few steps, it is taken twenty times.

    Examples
    --------
    >>> size = choose_size(None)
    >>> choose_evaluate_every(1000, 111_540, size), choose_evaluate_every(1000, 400, size)
    (500, 50)
    """
    cheap = measured <= CHEAP_STEPS * size.batch_size * size.context
    return max(25 if cheap else 500, steps // 20)


def choose_model_settings(s: GPTTaskSettings, start: Start | None, vocabulary: int, size: Size) -> GPTSettings:
    """Return the model's settings: the source's own where the training goes on from one, else those of the size."""
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


def make_plan(  # noqa: PLR0913 - a setting each
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
    """Return the plan of a training that is measured on the validation text and keeps the best weights."""
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
class AfterEvaluation:
    """Tells how far the training is, and shows and keeps what the model writes by now."""

    model: GPT
    corpus: Corpus
    tokens: int
    seed: int
    run: Run
    reporter: Reporter

    def __call__(self, step: int, figures: dict[str, float]) -> None:
        """Tell the figures of an evaluation, and a text that the model writes after it."""
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
        return write_sample(model, self.corpus.tokenizer, self.tokens, self.seed)


def write_sample(model: GPT, tokenizer: Tokenizer, tokens: int, seed: int) -> str:
    """Return so many tokens that the model writes; the seed decides which."""
    # A generator of its own: what is shown must not change what is trained.
    generator = torch.Generator().manual_seed(seed)
    prompt = encode_prompt("", tokenizer)
    model.eval()
    pieces = continue_text(model, tokenizer, prompt, tokens, temperature=0.8, generator=generator)
    text = "".join(piece for _, piece in islice(pieces, tokens))
    model.train()
    return text.strip()
