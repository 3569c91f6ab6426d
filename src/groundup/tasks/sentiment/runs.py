"""A trained sentiment run, opened: its model, and the words nearest to a word."""

from __future__ import annotations

import difflib
from typing import Any

import torch
from torch import Tensor

from groundup.base.errors import UserError
from groundup.base.writing import write_atomically
from groundup.data.corpus.tokens import read_backend
from groundup.data.streams import is_stream, name_stream, read_stream
from groundup.data.texts.label_classes import TWO
from groundup.data.texts.labelled_texts import REVIEWS_NAME, STARTER_NAME, TextSplits, load_splits
from groundup.data.texts.words import read_words, split_words
from groundup.estimators.sentiment_classes import AverageClasses, RatioClasses
from groundup.estimators.sentiment_models import AverageSentiment, RatioSentiment, TextModel
from groundup.parts.swap import Parts
from groundup.runs.checkpoint import load_into
from groundup.runs.config import CONFIG
from groundup.runs.folder import Run
from groundup.runs.reading import read_bytes
from groundup.steps.c5_words.embedding import find_nearest
from groundup.steps.c5_words.vocabulary import Vocabulary
from groundup.tasks.opening import read_run_settings
from groundup.tasks.protocol import Report
from groundup.tasks.registry import check_task
from groundup.tasks.sentiment.about import about

TOKENIZER = "tokenizer.json"
KEPT_TEXTS = "texts.txt"


def open_sentiment(run: Run) -> TextModel:
    """Rebuild the trained model of a run.

    Raises
    ------
    UserError
        The run is of another task, is not trained to its end, or a file of it is missing or damaged.
    """
    check_task(run, about.name)
    tensors = run.load_model()
    words = read_run_words(run)
    names = read_run_classes(run)
    kind: Any = RatioSentiment if "pairs" in tensors else AverageSentiment
    if names != TWO or _count_logits(tensors) is not None:
        kind = RatioClasses if "pairs" in tensors else AverageClasses
        if _count_logits(tensors) != len(names):
            raise UserError(
                f"{run.path(CONFIG)}: it names {len(names)} classes, the weights do not have as many. Put the run's "
                "own file back, or train again."
            )
    rows_name = "company" if "pairs" in tensors else "model.embedding.weight"
    if rows_name not in tensors or tensors[rows_name].ndim != 2 or not _holds_pairs(tensors):
        raise UserError(f"{run.path('model.safetensors')}: not the weights of a sentiment model. Train it again.")
    if len(words) + 2 != len(tensors[rows_name]):
        raise UserError(
            f"{run.path(TOKENIZER)} does not fit the weights: it numbers {len(words) + 2} words, the model knows "
            f"{len(tensors[rows_name])}. Put the run's own file back, or train again."
        )
    model: TextModel = kind.rebuild(words, tensors)
    if (parts := Parts.of(run, about.parts)) is not None:
        parts.put_into(model)
    load_into(model, tensors, str(run.path("model.safetensors")))
    return model.eval()


def get_reading(run: Run) -> dict[str, str]:
    """Return how a run reads labelled texts: its columns and what its labels mean."""
    settings = read_run_settings(run)
    return {name: getattr(settings, name) for name in ("text_column", "label_column", "labels")}


def read_run_classes(run: Run) -> tuple[str, ...]:
    """Return the names of a run's classes: of a run that tells none, negative and positive.

    Raises
    ------
    UserError
        They are damaged.
    """
    names = run.config.get("classes", list(TWO))
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names) or len(set(names)) < 2:
        raise UserError(f'{run.path(CONFIG)}: "classes" is not a list of names. Put the run\'s own file back.')
    return tuple(names)


def name_own_texts(run: Run) -> str:
    """Return the name of a run's own texts, also where none was given."""
    data: str | None = run.config.get("data") or run.config.get("built_in")
    if data is not None:
        return data
    # A run that keeps words but not the name of its texts is from before there were the reviews.
    return STARTER_NAME if run.has_file(TOKENIZER) else REVIEWS_NAME


def load_own_splits(run: Run) -> TextSplits:
    """Load a run's own texts. Pipes and standard input can be read only once, so the run's folder keeps a copy.

    Raises
    ------
    UserError
        The data is missing or cannot be used.
    """
    data, seed, kept = name_own_texts(run), run.config.get("seed", 0), run.path(KEPT_TEXTS)
    # A run that has begun keeps its classes; one from before there were several has two.
    begun = "scale" in run.config or run.has_file(TOKENIZER)
    classes = read_run_classes(run) if begun else ()
    if not run.has_file(KEPT_TEXTS):
        if not is_stream(data):
            return load_splits(data, seed, **get_reading(run), classes=classes)
        if run.has_file(TOKENIZER):
            raise UserError(f"{kept}: missing, the texts that this run learns from. Put it back, or start a new run.")
        write_atomically(kept, read_stream(data))
    try:
        return load_splits(str(kept), seed, **get_reading(run), classes=classes)
    except UserError as error:
        raise UserError(str(error).replace(str(kept), name_stream(data))) from error


def check_text(text: str, name: str) -> None:
    """Raise `UserError` for a text with half of a surrogate pair: a byte, as a rule, that is not UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UserError(f"{name}: not UTF-8 at character {error.start}. Type it again.") from error


def _count_logits(tensors: dict[str, Tensor]) -> int | None:
    """Return how many logits a text gets from a model of classes, ``None`` from one of positive and negative."""
    bias = tensors.get("classifier.bias", tensors.get("model.linear.bias", torch.empty(())))
    return len(bias) if bias.ndim == 1 and len(bias) > 1 else None


def _holds_pairs(tensors: dict[str, Tensor]) -> bool:
    """Tell whether the pairs are what is looked up among: numbers in order; a model without them has none."""
    pairs = tensors.get("pairs", torch.empty(0, dtype=torch.int64))
    return pairs.dtype == torch.int64 and pairs.ndim == 1 and bool((pairs.diff() > 0).all())


def find_neighbours(run: Run, word: str, count: int = 10) -> Report:
    """Find the words nearest to a word by the cosine of their vectors.

    Raises
    ------
    UserError
        The word did not occur in training, or only once; a word spelled alike is suggested.
    """
    from rich.markup import escape

    check_text(word, "the word")
    model = open_sentiment(run)
    numbers, words = model.vocabulary.numbers, model.vocabulary.words
    asked = split_words(word)
    if len(asked) != 1:
        raise UserError(f'"{word}": give one word, not {len(asked)}.')
    vectors = model.find_vectors()
    familiar = torch.nonzero(vectors.any(dim=1)).squeeze(1)
    number = numbers.get(asked[0])
    if number is None or not vectors[number].any():
        near = difflib.get_close_matches(asked[0], [words[known - 1] for known in familiar.tolist()], n=3)
        hint = f"Spelled alike: {', '.join(near)}." if near else "Try a more common word."
        said = "does not occur in" if number is None else "occurs only once in"
        raise UserError(f'"{asked[0]}" {said} the texts this run was trained on. {hint}')
    rows, cosines = find_nearest(vectors[familiar], int(torch.searchsorted(familiar, number)), count)
    leans, classes = model.lean(), read_run_classes(run)
    sides = (leans.argmax(dim=1) if leans.ndim == 2 else (leans > 0).long()).tolist()
    found = [
        {"word": words[at - 1], "cosine": round(cosine, 4), "leans": classes[sides[at]]}
        for at, cosine in zip(familiar[rows].tolist(), cosines.tolist(), strict=True)
    ]
    kind = "the words near it and its sentiment" if isinstance(model, RatioSentiment) else "its trained vector"
    return Report(
        facts={"run": run.name, "word": asked[0], "neighbours": found},
        lines=[f'Nearest to "{escape(asked[0])}" by cosine, by {kind}; 1 is the same direction:'],
        table=(
            ["word", "cosine", "leans"],
            [[escape(str(item["word"])), f"{item['cosine']:.3f}", escape(str(item["leans"]))] for item in found],
        ),
    )


def read_run_words(run: Run) -> list[str]:
    """Return the words that a run knows, in the order of their numbers.

    Raises
    ------
    UserError
        The tokenizer is missing or damaged.
    """
    path = run.path(TOKENIZER)
    if not run.has_file(TOKENIZER):
        raise UserError(f"{path}: missing. Put the run's own file back, or train again.")
    again = "Put the run's own file back, or train again."
    try:
        words = read_words(read_backend(read_bytes(path, again).decode()))
        if Vocabulary(words).words != words:
            raise ValueError("its words are not in order")
    except ValueError as error:
        raise UserError(f"{path}: damaged ({error}). {again}") from error
    return words
