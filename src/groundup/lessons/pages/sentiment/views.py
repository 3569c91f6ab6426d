"""What the lesson on embeddings and sentiment shows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from groundup.base.errors import UserError
from groundup.data.texts.labelled_texts import STARTER_NAME, LabelledTexts, load_splits
from groundup.data.texts.words import split_words
from groundup.lessons.origins import Factor, trace_sum
from groundup.lessons.views import Slider, Switch, TextBox, View
from groundup.steps.c4_training.optimisers import Adam
from groundup.steps.c4_training.training_loop import train
from groundup.steps.c5_words.embedding import find_nearest
from groundup.steps.c5_words.sentiment import SentimentModel, average_words
from groundup.steps.c5_words.vocabulary import Vocabulary, pad

EPOCHS = 40
RATES = {2: 0.1, 16: 0.05}  # the learning rate of the model with so many numbers per word
LONGEST = 300
NEAREST = 6
COMPARED = "the soup was warm"


@dataclass(frozen=True)
class Course:
    """A sentiment model and all that its training has passed through.

    Attributes
    ----------
    model : SentimentModel
        As it is after the last epoch.
    states : list of dict
        The weights before training and after each epoch.
    right, right_on_new : list of float
        The fraction of sentences that are judged rightly, trained on and new, for each state.
    """

    model: SentimentModel
    states: list[dict[str, Tensor]]
    right: list[float]
    right_on_new: list[float]


@cache
def load_words() -> tuple[Vocabulary, Counter[str]]:
    """Return the vocabulary of the built-in training sentences, and how often each word occurs."""
    texts = _tokenize(load_splits(STARTER_NAME).train)
    return Vocabulary(texts), Counter(word for text in texts for word in text.split())


@cache
def train_model(channel: int) -> Course:
    """Train a model on the built-in sentences, all of them in each step; it takes less than a second."""
    splits = load_splits(STARTER_NAME)
    assert splits.test is not None
    vocabulary, _ = load_words()
    (sentences, labels), (new, truth) = (_encode(vocabulary, texts) for texts in (splits.train, splits.test))
    torch.manual_seed(0)
    model = SentimentModel(len(vocabulary), channel)
    optimizer = Adam(model.parameters(), RATES[channel])
    states, right, right_on_new = [], [], []
    for epoch in range(EPOCHS + 1):
        if epoch:
            train(model, binary_cross_entropy_with_logits, optimizer, sentences, labels, 1, len(sentences))
        states.append({name: weight.detach().clone() for name, weight in model.state_dict().items()})
        right.append(_share_right(model, sentences, labels))
        right_on_new.append(_share_right(model, new, truth))
    return Course(model.eval(), states, right, right_on_new)


def _tokenize(texts: LabelledTexts) -> list[str]:
    # Marks become words of their own: "soft." would be another word than "soft".
    return [" ".join(split_words(text)) for text in texts.texts]


def _encode(vocabulary: Vocabulary, texts: LabelledTexts) -> tuple[Int[Tensor, "batch time"], Float[Tensor, " batch"]]:
    return pad([vocabulary.encode(text) for text in _tokenize(texts)]), torch.tensor(texts.labels).float()


def _share_right(model: SentimentModel, words: Int[Tensor, "batch time"], labels: Float[Tensor, " batch"]) -> float:
    with torch.inference_mode():
        return ((model(words) > 0) == (labels > 0.5)).float().mean().item()


def read_sentence(sentence: str) -> list[str]:
    """Return the words and punctuation marks of a sentence in small letters."""
    if len(sentence) > LONGEST:
        raise UserError(f"This sentence has {len(sentence)} characters. Use at most {LONGEST}.")
    return split_words(sentence)


def compute_map(sentence: str, epochs: int, padding: int, masked: bool) -> dict[str, Any]:
    """Place all words and a sentence on the map of a model with two numbers per word.

    Parameters
    ----------
    sentence : str
        At most 300 characters.
    epochs : int
        0 to 40: how long the model has been trained.
    padding : int
        How many zeros follow the sentence.
    masked : bool
        Whether the average leaves padding out.

    Returns
    -------
    dict
        ``words``: all words; ``places``: array (words, 2); ``lean``: w · E[word] for each; ``chosen``: for each word of
        the sentence its text, its place, its share of the logit and whether it is known; ``padding_place``;
        ``average``: the sentence's place; ``weight`` and ``bias``; ``probability``; ``compared``, of `compare`;
        ``origins``: where the probability and the shares come from.
    """
    vocabulary, counts = load_words()
    course = train_model(2)
    model = SentimentModel(len(vocabulary), 2)
    model.load_state_dict(course.states[epochs])
    words = read_sentence(sentence)
    numbers = pad([vocabulary.encode(" ".join(words))], len(words) + padding)
    with torch.inference_mode():
        vectors = model.embedding(numbers)
        if masked or not numbers.numel():
            average, shares = average_words(vectors, numbers)[0], model.share_words(numbers)[0]
        else:
            average = vectors.mean(dim=1)[0]
            shares = vectors[0] @ model.linear.weight[0] / numbers.shape[1]
        probability = torch.sigmoid(model.linear(average)).item()
        table = model.embedding.weight
        lean = table @ model.linear.weight[0]
    present = len(words) if masked else numbers.shape[1]
    weight, bias = model.linear.weight[0].tolist(), float(model.linear.bias[0].detach())
    origins = {}
    for place, word in enumerate(words):
        terms = [
            [
                Factor(f"“{word}”, {axis + 1}", float(vectors[0, place, axis])),
                Factor(f"w{axis + 1}", weight[axis]),
                Factor("words", float(present), over=True),
            ]
            for axis in (0, 1)
        ]
        origins[f"share{place}"] = trace_sum(f"share of “{word}”", float(shares[place]), *terms)
    parts = [[Factor(f"“{word}”", float(shares[place]), f"share{place}")] for place, word in enumerate(words)]
    if numbers.shape[1] > len(words):
        parts.append([Factor("padding", float(shares[len(words) :].sum()), "padding")])
    named = "probability of positive"
    origins["probability"] = trace_sum(named, probability, *parts, [Factor("bias", bias, "bias")], then="σ(·)")
    unknown = [word for word in words if word not in vocabulary.numbers]
    chosen = [
        {"word": word, "place": vectors[0, place], "share": shares[place], "known": word in vocabulary.numbers}
        for place, word in enumerate(words)
    ]
    if words:
        text = f"“{' '.join(words)}” is positive with {probability:.1%}."
    else:
        text = f"A sentence without words: only the bias is left, and it gives {probability:.1%}."
    if padding and not masked:
        text += f" {padding} zeros of padding are in the average."
    if unknown:
        text += f" Never seen in training: {', '.join(dict.fromkeys(unknown))}."
    return {
        "words": vocabulary.words,
        "places": table[1 : len(vocabulary.words) + 1],
        "lean": lean[1 : len(vocabulary.words) + 1],
        "counts": [counts[word] for word in vocabulary.words],
        "chosen": chosen,
        "padding_place": table[0],
        "padding": 0 if masked else padding,
        "padding_share": float(shares[len(words) :].sum()),
        "average": average,
        "weight": model.linear.weight[0].detach(),
        "bias": model.linear.bias[0].detach(),
        "probability": probability,
        "origins": origins,
        "told": f"{probability:.1%} positive",
        "compared": compare(model, words, 0 if masked else padding),
        "right": course.right[epochs],
        "right_on_new": course.right_on_new[epochs],
        "says": text,
    }


def compare(model: SentimentModel, words: list[str], padding: int) -> str:
    """Return what the same model says of another sentence, in words; nothing where that is the sentence itself."""
    if (words, padding) == (COMPARED.split(), 0):
        return ""
    with torch.inference_mode():
        probability = torch.sigmoid(model(pad([load_words()[0].encode(COMPARED)]))).item()
    return f"To compare: “{COMPARED}”{' without padding' if padding else ''} is positive with {probability:.1%}."


def compute_neighbors(word: str) -> dict[str, Any]:
    """Find the words nearest to one, by cosine and by dot product, in a model with 16 numbers per word.

    Parameters
    ----------
    word : str
        A word of the built-in training sentences.

    Returns
    -------
    dict
        ``by_cosine`` and ``by_dot``: for each found word its text, the measure, the length of its vector, and how
        often it occurs in the training sentences.
    """
    vocabulary, counts = load_words()
    words = read_sentence(word)
    if len(words) != 1 or words[0] not in vocabulary.numbers:
        raise UserError(f"“{word.strip()[:40]}” is not in the 180 training sentences. Try good, cold, rude or soup.")
    row = vocabulary.numbers[words[0]] - 1
    table = train_model(16).model.embedding.weight.detach()[1 : len(vocabulary.words) + 1]
    rows, cosines = find_nearest(table, row, NEAREST)
    dots = table @ table[row]
    order = torch.argsort(dots, descending=True, stable=True)
    largest = order[order != row][:NEAREST]

    def describe(rows: Tensor, values: Tensor) -> list[dict[str, Any]]:
        return [
            {"word": vocabulary.words[at], "value": value, "length": length, "count": counts[vocabulary.words[at]]}
            for at, value, length in zip(rows.tolist(), values.tolist(), table[rows].norm(dim=1).tolist(), strict=True)
        ]

    by_cosine, by_dot = describe(rows, cosines), describe(largest, dots[largest])
    return {
        "word": words[0],
        "count": counts[words[0]],
        "by_cosine": by_cosine,
        "by_dot": by_dot,
        "says": f"Nearest to {words[0]} by cosine: {', '.join(one['word'] for one in by_cosine)}; "
        f"by dot product: {', '.join(one['word'] for one in by_dot)}.",
    }


VIEWS = {
    "map": View(
        "Words and a sentence on a map",
        compute_map,
        (
            TextBox("sentence", "your sentence", "the soup was warm but the staff were rude"),
            Slider("epochs", "epochs of training", 0, low=0, high=EPOCHS, step=1, plays=True),
            Slider("padding", "padding after it", 0, low=0, high=30, step=1),
            Switch("masked", "leave padding out of the average", True),
        ),
    ),
    "neighbors": View(
        "The nearest words",
        compute_neighbors,
        (TextBox("word", "a word", "warm"),),
    ),
}
