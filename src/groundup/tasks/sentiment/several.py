"""Verdicts among several classes, and how good they are: what a run of named classes tells of itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.markup import escape

from groundup.data.texts.labelled_texts import LabelledTexts
from groundup.estimators.sentiment_classes import to_probabilities
from groundup.estimators.sentiment_models import Shares, TextModel
from groundup.tasks.confusion import count_confusion, draw_confusion, tabulate
from groundup.tasks.protocol import Report

SHOWN_CLASSES, SHOWN_WORDS, SHOWN_MISTAKES = 8, 8, 10
_LONGEST_TEXT = 120


@dataclass(frozen=True)
class ClassPredictions:
    """What was predicted.

    Attributes
    ----------
    run : str
        By which run.
    classes : tuple of str
        What there is to choose from.
    texts : list of str
        Of what.
    logits : array, shape (text, class)
        Relative to their mean over the classes; their softmax is the probability.
    shares : list of Shares
        Each word's share in the logit of a text's likeliest class.
    has_pieces : bool
        Whether unknown words are judged by their pieces.
    """

    run: str
    classes: tuple[str, ...]
    texts: list[str]
    logits: np.ndarray
    shares: list[Shares]
    has_pieces: bool

    def report(self) -> Report:
        """Return each text's class with the probabilities of all and the words that decide."""
        facts, lines = [], []
        probabilities = to_probabilities(self.logits)
        for text, logits, row, shares in zip(self.texts, self.logits, probabilities, self.shares, strict=True):
            best = int(logits.argmax())
            facts.append(
                {
                    "text": text,
                    "label": self.classes[best],
                    "prediction": self.classes[best],
                    "probability": float(row[best]),
                    "probabilities": dict(zip(self.classes, row.tolist(), strict=True)),
                    "logit": float(logits[best]),
                    **collect_words(shares),
                }
            )
            lines += self._format(facts[-1])
        if self.texts:
            lines.append(
                "The words' shares and the bias add up to the class's logit, relative to the mean of all classes; the "
                "softmax of the logits gives the probabilities."
            )
        return Report({"run": self.run, "classes": list(self.classes), "predictions": facts}, lines)

    def _format(self, found: dict[str, Any]) -> list[str]:
        order = sorted(found["probabilities"].items(), key=lambda item: -item[1])
        told = ", ".join(f"{escape(name)} {share:.1%}" for name, share in order[:SHOWN_CLASSES])
        more = f", and {len(order) - SHOWN_CLASSES} more (--json gives all)" if len(order) > SHOWN_CLASSES else ""
        lines = [
            f"[bold]{escape(found['label'])}[/bold]  {escape(found['text']) or '(empty)'}",
            f"    {told}{more}",
        ]
        return lines + format_words(found, self.has_pieces)


def collect_words(shares: Shares) -> dict[str, Any]:
    """Return the words of a text and what each adds to the logit."""
    unknown = (word for word, known in zip(shares.words, shares.known, strict=True) if not known)
    return {
        "bias": shares.bias,
        "words": [
            {"word": word, "share": share, "known": known}
            for word, share, known in zip(shares.words, shares.shares, shares.known, strict=True)
        ],
        "unknown": list(dict.fromkeys(word for word in unknown if any(map(str.isalnum, word)))),
    }


def format_words(found: dict[str, Any], has_pieces: bool) -> list[str]:
    """Return lines on the words of a text and what each adds to the logit."""
    if not found["words"]:
        return [f"    no words: only the bias counts, {found['bias']:+.2f}"]
    told = "  ".join(f"{escape(word['word'])} {word['share']:+.2f}" for word in found["words"])
    lines = [f"    {told}  bias {found['bias']:+.2f}  = logit {found['logit']:+.2f}"]
    if found["unknown"]:
        how = "judged by the pieces they share with known words" if has_pieces else "all read as one unknown word"
        lines.append(f"    never seen in training, {how}: {', '.join(map(escape, found['unknown']))}")
    return lines


def find_most_frequent(labels: Sequence[int], classes: Sequence[str]) -> str:
    """Return the class that is most frequent in training; of two as frequent, the first."""
    counts = Counter(int(label) for label in labels)
    return classes[max(range(len(classes)), key=lambda place: counts[place])]


def measure_guess(labels: Sequence[int], classes: Sequence[str], majority: str) -> dict[str, Any]:
    """Return how often the most frequent class in training is right if it is always guessed."""
    rate = float((np.asarray(labels, int) == list(classes).index(majority)).mean())
    return {"majority_class": majority, "majority_accuracy": round(rate, 5)}


def format_guess(measured: dict[str, Any]) -> str:
    """Return the same in words."""
    return f"{measured['majority_accuracy']:.1%} if {escape(measured['majority_class'])} is always guessed."


def measure_classes(model: TextModel, texts: LabelledTexts) -> tuple[np.ndarray, dict[str, Any]]:
    """Return the confusion of the classes, true ones as rows, and the same as facts."""
    confusion = count_confusion(np.array(texts.labels), model.score(texts.texts).argmax(axis=1), len(texts.classes))
    named = {
        truth: dict(zip(texts.classes, row.tolist(), strict=True))
        for truth, row in zip(texts.classes, confusion, strict=True)
    }
    return confusion, {
        "accuracy": round(float(np.trace(confusion) / confusion.sum()), 5),
        "classes": list(texts.classes),
        "confusion": named,
    }


def find_deciding_words(model: TextModel, classes: Sequence[str], count: int = SHOWN_WORDS) -> dict[str, list[str]]:
    """Return for each class the words that speak most for it, the strongest first."""
    leans = model.lean().numpy()[1:-1]
    found = {}
    for place, name in enumerate(classes):
        order = np.argsort(-leans[:, place], kind="stable")[:count]
        found[name] = [model.vocabulary.words[word] for word in order if leans[word, place] > 0]
    return found


def report_training(
    model: TextModel, splits_test: LabelledTexts, majority: str
) -> tuple[dict[str, Any], list[str], tuple[list[str], list[list[str]]] | None]:
    """Return the facts, the lines and the table of a finished run of several classes."""
    confusion, facts = measure_classes(model, splits_test)
    guess = measure_guess(splits_test.labels, splits_test.classes, majority)
    words = find_deciding_words(model, splits_test.classes)
    lines = [
        f"[bold]{facts['accuracy']:.1%}[/bold] of {len(splits_test)} new texts are classified correctly; "
        + format_guess(guess),
        "The words that speak most for each class:",
        *(f"  {escape(name)}: {escape(', '.join(found))}" for name, found in list(words.items())[:SHOWN_CLASSES]),
    ]
    facts = {**facts, **guess, "deciding_words": words}
    return facts, lines, tabulate(confusion, splits_test.classes)


def report_evaluation(model: TextModel, texts: LabelledTexts, majority: str, folder: Path) -> Report:
    """Measure a run of several classes on texts: accuracy, the guess to compare with, confusion, the worst mistakes."""
    confusion, measured = measure_classes(model, texts)
    guess = measure_guess(texts.labels, texts.classes, majority)
    labels, probabilities = np.array(texts.labels), to_probabilities(model.score(texts.texts))
    said = probabilities.argmax(axis=1)
    wrong = sorted(np.flatnonzero(said != labels), key=lambda row: -probabilities[row, said[row]])[:SHOWN_MISTAKES]
    mistakes = [
        {
            "text": texts.texts[row],
            "label": texts.classes[int(labels[row])],
            "prediction": texts.classes[int(said[row])],
            "probability": round(float(probabilities[row, said[row]]), 4),
        }
        for row in wrong
    ]
    picture = draw_confusion(folder / "confusion.png", confusion, texts.classes)
    facts = {
        "data": texts.source,
        "texts": len(texts),
        **measured,
        **guess,
        "worst_mistakes": mistakes,
        "picture": str(picture),
    }
    lines = [
        f"{escape(texts.source)}: [bold]{measured['accuracy']:.1%}[/bold] of {len(texts)} texts classified correctly; "
        + format_guess(guess),
        "The mistakes with the highest probability:" if mistakes else "No mistakes.",
        *(
            f"  {escape(str(item['prediction']))} {item['probability']:.1%}, labelled {escape(str(item['label']))}: "
            f"{escape(str(item['text'])[:_LONGEST_TEXT])}"
            for item in mistakes
        ),
        f"Picture: {escape(str(picture))}. Below: one row per true class.",
    ]
    return Report(facts, lines, tabulate(confusion, texts.classes))
