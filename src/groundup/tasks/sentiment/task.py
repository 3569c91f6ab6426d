"""The sentiment task: whether a sentence is positive or negative, and which words decide."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.base.writing import write_atomically
from groundup.data.texts.label_classes import TWO
from groundup.data.texts.labelled_texts import LabelledTexts, TextSplits, load_test
from groundup.data.texts.words import make_word_tokenizer
from groundup.estimators.sentiment_classes import learn
from groundup.estimators.sentiment_models import SMOOTHING, RatioSentiment, Shares, TextModel, plan_training
from groundup.parts.swap import Parts
from groundup.runs.folder import Run
from groundup.tasks.forms import read_text
from groundup.tasks.protocol import Report, TrainRequest
from groundup.tasks.sentiment.about import about
from groundup.tasks.sentiment.runs import (
    TOKENIZER,
    check_text,
    get_reading,
    load_own_splits,
    name_own_texts,
    open_sentiment,
    read_run_classes,
    read_run_words,
)
from groundup.tasks.sentiment.several import (
    ClassPredictions,
    collect_words,
    find_most_frequent,
    format_guess,
    format_words,
    measure_guess,
    report_evaluation,
    report_training,
)
from groundup.tasks.time_budget import count_steps, plan_time
from groundup.training.loop import fit
from groundup.training.plan import Plan
from groundup.training.settings import MOST, setting
from groundup.training.threads import use_threads

LABELS = TWO


@dataclass(frozen=True)
class SentimentSettings:
    """What `groundup train sentiment --set KEY=VALUE` can set."""

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {},
        "notes": {"model": "average", "epochs": 5, "learning_rate": 0.01},
    }
    preset: str = setting("default", "notes is the course's model: average of vectors, one linear layer")
    model: str = setting(
        "ratios", "ratios: words, pairs and pieces; average: one vector per word", choices=("ratios", "average")
    )
    width: int = setting(16, "numbers in a word's vector, if model=average", low=1, high=65_536)
    smoothing: float = setting(SMOOTHING, "sentences added to every count, if model=ratios", low=1e-3, high=100)
    epochs: int = setting(2, "minimum number of passes over the data", low=1, high=1_000_000)
    least_steps: int = setting(200, "minimum number of steps: a small data set is used more often", low=1, high=MOST)
    batch_size: int = setting(64, "texts per step", low=1, high=10_000_000)
    learning_rate: float = setting(0.02, "Adam's learning rate at the start; it falls to zero", low=1e-8, high=1e30)
    text_column: str = setting("", "name or number of the column of texts; default: found automatically")
    label_column: str = setting("", "name or number of the column of labels; default: found automatically")
    labels: str = setting(
        "", "what labels mean, such as good=1,bad=0,unsure=none; classes: each is a class; usual labels are known"
    )
    checkpoint_seconds: float = setting(15.0, "seconds between checkpoints; 0 saves after every step", low=0, high=1e9)


class SentimentTask:
    """Labelled sentences in, a judge of sentences out."""

    name: ClassVar[str] = about.name
    settings_type: ClassVar[type] = SentimentSettings

    def train(self, request: TrainRequest, run: Run, reporter: Reporter) -> Report:
        """Train into ``run``, or resume it."""
        with use_threads(1):
            return self._train(request, run, reporter)

    def _train(self, request: TrainRequest, run: Run, reporter: Reporter) -> Report:
        started = time.perf_counter()
        s: SentimentSettings = request.settings
        splits = load_own_splits(run)
        for note in splits.notes:
            reporter.say(note)
        classes = splits.train.classes
        majority = find_most_frequent(splits.train.labels, classes)
        named = {"classes": list(classes)} if classes != TWO else {}
        run.update_config(scale=splits.train.scale, majority=majority, **named)
        if request.data is None:  # another set may become the built-in one
            run.update_config(built_in=name_own_texts(run))
        torch.manual_seed(request.seed)
        model, plan = _make_plan(s, splits, request, run)
        _keep_words(run, model.vocabulary.words, request.data)
        reporter.say(
            f"{len(splits.train):,} texts to train on, {len(splits.test):,} to measure on; "
            f"{len(model.vocabulary.words):,} different words; {count_steps(plan.steps)}."
        )
        history = fit(plan, run, reporter)
        seconds = time.perf_counter() - started
        table = None
        if classes != TWO:
            measured, lines, table = report_training(model, splits.test, majority)
        else:
            labels = np.array(splits.test.labels)
            accuracy = float(((model.score(splits.test.texts) > 0) == labels).mean())
            guess = measure_guess(splits.test.labels, classes, majority)
            measured = {"accuracy": round(accuracy, 5), **guess}
            lines = [
                f"[bold]{accuracy:.1%}[/bold] of {len(splits.test)} new texts are classified correctly; "
                + format_guess(guess)
            ]
        facts = {
            **measured,
            "test_texts": len(splits.test),
            "train_texts": len(splits.train),
            "words": len(model.vocabulary.words),
            "steps": plan.steps,
            "loss": history[-1]["loss"],
            "training_seconds": round(seconds, 3),
        }
        lines += [
            f"{seconds:.2f} s from reading the texts to the last step.",
            f'Try it: groundup predict {run.name} "What a lovely day"',
        ]
        return Report(facts, lines, table)

    def parse(self, run: Run, words: Sequence[str], reporter: Reporter) -> list[str]:
        """Take texts as they were typed."""
        return list(words)

    def read_form(self, run: Run, form: Mapping[str, Any]) -> list[str]:
        """Read the ``text`` that was typed."""
        return [read_text(form)]

    def predict(self, run: Run, inputs: Sequence[str]) -> TextPredictions | ClassPredictions:
        """Judge texts, and find each word's share in the verdict."""
        model = open_sentiment(run)
        for text in inputs:
            check_text(text, "the text")
        logits = model.score(list(inputs))
        shares = [model.share(text) for text in inputs]
        has_pieces = isinstance(model, RatioSentiment)
        if logits.ndim == 2:
            return ClassPredictions(run.name, read_run_classes(run), list(inputs), logits, shares, has_pieces)
        return TextPredictions(run.name, list(inputs), logits.tolist(), shares, has_pieces)

    def evaluate(self, run: Run, data: str | None, folder: Path, reporter: Reporter) -> Report:
        """Measure accuracy, the confusion of the classes and the worst mistakes."""
        from groundup.tasks.sentiment.plots import draw_certainty

        model = open_sentiment(run)
        texts = _load_test(run, data)
        for note in texts.notes if data is not None else ():
            reporter.say(note)
        majority = run.config.get("majority")
        if majority not in texts.classes:  # a run from before it was noted
            majority = find_most_frequent(texts.labels, texts.classes)
        if texts.classes != TWO:
            return report_evaluation(model, texts, majority, folder)
        labels = np.array(texts.labels)
        logits = model.score(texts.texts).astype(float)
        probabilities = np.exp(-np.logaddexp(0, -logits))
        right = (logits > 0) == labels
        confusion = {
            LABELS[truth]: {LABELS[guess]: int(((labels == truth) & ((logits > 0) == guess)).sum()) for guess in (1, 0)}
            for truth in (1, 0)
        }
        worst = sorted(np.flatnonzero(~right), key=lambda row: -abs(logits[row]))[:10]
        mistakes = [
            {
                "text": texts.texts[row],
                "label": LABELS[int(labels[row])],
                "probability": round(float(probabilities[row]), 4),
            }
            for row in worst
        ]
        guess = measure_guess(texts.labels, texts.classes, majority)
        picture = folder / "certainty.png"
        draw_certainty(probabilities, labels, picture)
        facts = {
            "data": texts.source,
            "texts": len(texts),
            "accuracy": round(float(right.mean()), 5),
            **guess,
            "confusion": confusion,
            "worst_mistakes": mistakes,
            "picture": str(picture),
        }
        lines = [
            f"{_plain(texts.source)}: [bold]{right.mean():.1%}[/bold] of {len(texts)} texts classified correctly; "
            + format_guess(guess),
            *(
                f"labelled {truth}: {guesses['positive']} judged positive, {guesses['negative']} negative"
                for truth, guesses in confusion.items()
            ),
            f"Saved {_plain(str(picture))}. The mistakes with the highest probability:" if mistakes else "No mistakes.",
        ]
        rows = [[str(item["label"]), f"{item['probability']:.1%}", _plain(str(item["text"]))] for item in mistakes]
        return Report(facts, lines, (["labelled", "probability of positive", "text"], rows) if rows else None)

    def draw(self, run: Run, folder: Path) -> list[Path]:
        """Draw the curves and, once trained, the words with the strongest sentiment."""
        from groundup.tasks.sentiment.plots import draw_curves, draw_leaning_words

        paths = [folder / "curves.png"]
        draw_curves(run, paths[0])
        if run.path("model.safetensors").is_file():
            paths.append(folder / "words.png")
            draw_leaning_words(open_sentiment(run), paths[1], classes=read_run_classes(run))
        return paths

    def describe_form(self, run: Run) -> dict[str, Any]:
        """Return the classes, where they are others than positive and negative; every text is accepted."""
        classes = read_run_classes(run)
        return {"classes": list(classes)} if classes != TWO else {}


@dataclass(frozen=True)
class TextPredictions:
    """What was predicted.

    Attributes
    ----------
    run : str
        By which run.
    texts : list of str
        Of what.
    logits : list of float
        Above 0 for positive; 1 / (1 + e^-logit) is the probability.
    shares : list of Shares
        Each word's share in a text's logit.
    has_pieces : bool
        Whether unknown words are judged by their pieces.
    """

    run: str
    texts: list[str]
    logits: list[float]
    shares: list[Shares]
    has_pieces: bool

    def report(self) -> Report:
        """Return each text's verdict with the words that say so."""
        facts, lines = [], []
        for text, logit, shares in zip(self.texts, self.logits, self.shares, strict=True):
            facts.append(_collect_facts(text, logit, shares))
            lines += _format_lines(text, facts[-1], self.has_pieces)
        if self.texts:
            lines.append(
                "The words' shares and the bias add up to the logit, and 1 / (1 + e^-logit) is the probability. "
                "If you leave out a word, the shares of the others change, too."
            )
        return Report(facts={"run": self.run, "predictions": facts}, lines=lines)


def _keep_words(run: Run, words: Sequence[str], data: str | None) -> None:
    """Write the run's words beside its weights.

    Raises
    ------
    UserError
        The run has others: it began with other texts.
    """
    if run.has_file(TOKENIZER):
        if read_run_words(run) != list(words):
            raise UserError(
                f"{data or 'the built-in sentences'}: not the texts this run began with, or changed since. "
                "Put them back, or start a new run with --run."
            )
    else:
        write_atomically(run.path(TOKENIZER), make_word_tokenizer(words).to_str(pretty=True))


def _make_plan(s: SentimentSettings, splits: TextSplits, request: TrainRequest, run: Run) -> tuple[TextModel, Plan]:
    texts, labels, classes = splits.train.texts, splits.train.labels, splits.train.classes
    class_count = len(classes) if classes != TWO else None
    model, prepared = learn(s.model, texts, labels, class_count, smoothing=s.smoothing, channel=s.width)
    parts = Parts.of(run, about.parts)
    if parts is not None:
        parts.put_into(model)
    plan = plan_training(
        model,
        prepared,
        labels,
        epochs=s.epochs,
        least_steps=s.least_steps,
        batch_size=s.batch_size,
        learning_rate=s.learning_rate,
        seed=request.seed,
        evaluate=_measure_on(model, splits.validation),
    )
    plan.checkpoint_seconds = s.checkpoint_seconds
    if parts is not None:
        plan.optimizer = parts.make_optimizer(model, s.learning_rate) or plan.optimizer
    if request.minutes is not None:
        plan.budget = plan_time(request, run, lambda: plan)
        steps = run.config["steps"]
        plan.steps, plan.log_every, plan.evaluate_every = steps, max(1, steps // 20), 2 * max(1, steps // 20)
    return model, plan


def _measure_on(model: TextModel, texts: LabelledTexts | None) -> Callable[[], dict[str, float]] | None:
    if texts is None:
        return None
    labels = torch.tensor(texts.labels)
    prepared: Any = model.prepare(texts.texts)
    inputs = model.take(prepared, np.arange(len(texts)), 0)

    def measure() -> dict[str, float]:
        logits = model(inputs)
        said = logits.argmax(dim=1) if logits.ndim == 2 else logits > 0
        return {"validation_accuracy": float((said == labels).float().mean())}

    return measure


def _load_test(run: Run, data: str | None) -> LabelledTexts:
    if data is None:
        return load_own_splits(run).test
    return load_test(data, **get_reading(run), scale=run.config.get("scale", ""), classes=read_run_classes(run))


def _collect_facts(text: str, logit: float, shares: Shares) -> dict[str, Any]:
    return {
        "text": text,
        "label": LABELS[logit > 0],
        "probability": float(np.exp(-np.logaddexp(0, -logit))),
        "logit": logit,
        **collect_words(shares),
    }


def _format_lines(text: str, facts: dict[str, Any], has_pieces: bool) -> list[str]:
    colour = "green" if facts["label"] == "positive" else "red"
    verdict = f"[{colour}]{facts['label']}[/{colour}]  probability of positive {facts['probability']:.1%}"
    return [f"{verdict}  [bold]{_plain(text) or '(empty)'}[/bold]", *format_words(facts, has_pieces)]


def _plain(text: str) -> str:
    """Keep square brackets in a user's text from being read as markup."""
    from rich.markup import escape

    return escape(text)


task = SentimentTask()
