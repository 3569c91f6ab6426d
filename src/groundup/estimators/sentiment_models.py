"""The two sentiment models from text to logit: what the task and the scikit-learn estimator have in common.

A model here knows its words: it takes texts, where the step it is built on takes numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from groundup.data.texts.words import split_words
from groundup.models.cooccurrence import count_company, factor_company
from groundup.models.naive_bayes import Bags, ClassRatioClassifier, RatioClassifier, collect, log_count_ratios, scale
from groundup.models.ngrams import NgramFeatures
from groundup.steps.c3_networks.loss import cross_entropy
from groundup.steps.c4_training.optimisers import Adam
from groundup.steps.c4_training.tensors import add_side_of_one, join_columns
from groundup.steps.c5_words.sentiment import SentimentModel
from groundup.steps.c5_words.vocabulary import Vocabulary, pad
from groundup.training.plan import Plan

SMOOTHING = 0.7
CHANNEL = 32
# A word's company is known from this many occurrences on.
FAMILIAR = 2
AT_ONCE = 1000


@dataclass(frozen=True)
class Shares:
    """Each word's share of a text's logit: with the bias, they add up to it.

    A share is not what the logit would lose without the word, which would change the others' shares as well.

    Attributes
    ----------
    words : list of str
        The text's words.
    shares : list of float
        One a word, in units of the logit: above zero speaks for positive.
    known : list of bool
        Whether the word occurred in training.
    bias : float
        The logit of a text of no words.
    """

    words: list[str]
    shares: list[float]
    known: list[bool]
    bias: float

    @property
    def logit(self) -> float:
        """The sum of the shares and the bias."""
        return sum(self.shares) + self.bias


class RatioSentiment(nn.Module):
    """Words, pairs and pieces scaled by their log-count ratios (`groundup.models.naive_bayes`): the default.

    Parameters
    ----------
    features : NgramFeatures
        The features known.
    """

    company: Tensor
    pairs: Tensor
    classifier: RatioClassifier | ClassRatioClassifier
    class_count: int | None = None

    def __init__(self, features: NgramFeatures) -> None:
        super().__init__()
        self.features, self.vocabulary = features, features.vocabulary
        self.classifier = RatioClassifier(len(features))
        self.register_buffer("pairs", torch.from_numpy(features.pairs))
        self.register_buffer("company", torch.zeros(len(self.vocabulary), CHANNEL))

    @classmethod
    def learn(
        cls, texts: Sequence[str], labels: Sequence[bool], smoothing: float = SMOOTHING
    ) -> tuple[RatioSentiment, Bags]:
        """Count features and ratios; return the model, its weights still zero, and the texts prepared for it."""
        sentences = [split_words(text) for text in texts]
        model = cls(NgramFeatures.learn(sentences))
        bags = model._collect(sentences)
        ratios = log_count_ratios(bags, labels, model.features.groups, smoothing)
        model.classifier.ratios.copy_(torch.from_numpy(ratios))
        model.keep_company(sentences)
        return model, model._scale_bags(bags)

    def keep_company(self, sentences: Sequence[Sequence[str]]) -> None:
        """Count the company that each word keeps in sentences given as lists of words."""
        self.company.copy_(_find_company(sentences, self.vocabulary))

    @classmethod
    def rebuild(cls, words: Sequence[str], tensors: dict[str, Tensor]) -> RatioSentiment:
        """Build the model that tensors of these names and shapes belong to; they are not loaded."""
        return cls(NgramFeatures(Vocabulary(words), tensors["pairs"].numpy()))

    def prepare(self, texts: Sequence[str]) -> Bags:
        """Find and scale every text's features."""
        return self._scale([split_words(text) for text in texts])

    def take(self, prepared: Bags, rows: np.ndarray, epoch: int) -> Bags:  # noqa: ARG002 - the loop's signature
        """Return some rows."""
        return prepared.take(rows)

    def forward(self, bags: Bags) -> Tensor:
        """Return a logit for each bag."""
        return self.classifier(bags)

    @torch.inference_mode()
    def score(self, texts: Sequence[str]) -> np.ndarray:
        """Return a logit for each text."""
        return self(self.prepare(texts)).numpy()

    @torch.inference_mode()
    def share(self, text: str) -> Shares:
        """Share each feature's part of the logit equally among the words that it covers, at every position."""
        words = split_words(text)
        bags = self._scale([words])
        part = self.classifier.weight.squeeze(1).numpy()[bags.feature].astype(float) * bags.value
        return self._spread(words, bags, part, float(self.classifier.bias))

    def _spread(self, words: list[str], bags: Bags, part: np.ndarray, bias: float) -> Shares:
        """Share the part of the logit of each feature in ``bags`` equally among the words that it covers."""
        found = self.features.find([words])
        row_of = np.searchsorted(bags.feature, found.feature)
        times = np.bincount(row_of, minlength=len(part))
        shares = np.bincount(found.place, weights=(part / np.maximum(times, 1))[row_of], minlength=len(words))
        known = [word in self.vocabulary.numbers for word in words]
        return Shares(words, shares.tolist(), known, bias)

    @torch.inference_mode()
    def lean(self) -> Tensor:
        """Return weight times ratio of each word, before its scaling within a sentence."""
        size = len(self.vocabulary)
        return self.classifier.weight[:size, 0] * self.classifier.ratios[:size]

    @torch.inference_mode()
    def find_vectors(self) -> Tensor:
        """Return the company each word keeps, and in one channel more how it leans.

        Company alone would call "good" and "bad" alike.
        """
        direction = functional.normalize(self.company, dim=1)
        lean = self.lean()
        lean = torch.tanh(lean / lean.abs().max().clamp(min=1e-12) * 3)
        lean = add_side_of_one(lean) if lean.ndim == 1 else lean
        return join_columns(direction, torch.where(direction.any(dim=1, keepdim=True), lean, 0))

    def _collect(self, sentences: Sequence[Sequence[str]]) -> Bags:
        # Every place of every piece is listed on the way to the bags, so long texts are taken a few at a time.
        starts = range(0, len(sentences), AT_ONCE)
        chunks = (sentences[start : start + AT_ONCE] for start in starts)
        return Bags.join([collect(self.features.find(chunk), len(chunk)) for chunk in chunks])

    def _scale(self, sentences: Sequence[Sequence[str]]) -> Bags:
        return self._scale_bags(self._collect(sentences))

    def _scale_bags(self, bags: Bags) -> Bags:
        return scale(bags, self.classifier.ratios.numpy(), self.features.groups)


class AverageSentiment(nn.Module):
    """The course's model (`groundup.steps.c5_words.sentiment`): the average of a sentence's word vectors.

    Parameters
    ----------
    vocabulary : Vocabulary
        The words known.
    channel : int
        Width of a word's vector.
    """

    rare: Tensor
    class_count: int | None = None

    def __init__(self, vocabulary: Vocabulary, channel: int = 16) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        self.model = SentimentModel(len(vocabulary), channel)
        self.register_buffer("rare", torch.zeros(len(vocabulary), dtype=torch.bool))

    @classmethod
    def learn(cls, texts: Sequence[str], channel: int = 16) -> tuple[AverageSentiment, list[list[int]]]:
        """Give every word a number; return the model, its vectors random, and the texts prepared for it."""
        sentences = [" ".join(split_words(text)) for text in texts]
        model = cls(Vocabulary(sentences), channel)
        return model, model.encode(sentences)

    def encode(self, sentences: Sequence[str]) -> list[list[int]]:
        """Encode the sentences to train on, words separated by spaces, and note which words occur once."""
        prepared = [self.vocabulary.encode(sentence) for sentence in sentences]
        numbers = [number for sentence in prepared for number in sentence]
        counts = np.bincount(np.array(numbers, np.int64), minlength=len(self.vocabulary))
        self.rare.copy_(torch.from_numpy(counts == 1))
        return prepared

    @classmethod
    def rebuild(cls, words: Sequence[str], tensors: dict[str, Tensor]) -> AverageSentiment:
        """Build the model that tensors of these names and shapes belong to; they are not loaded."""
        return cls(Vocabulary(words), tensors["model.embedding.weight"].shape[1])

    def prepare(self, texts: Sequence[str]) -> list[list[int]]:
        """Encode every text."""
        return [self.vocabulary.encode(" ".join(split_words(text))) for text in texts]

    def take(self, prepared: list[list[int]], rows: np.ndarray, epoch: int) -> Tensor:
        """Pad some rows to one tensor.

        In every other pass over the data, words that occur once stand as unknown: that is how the unknown word
        learns a vector.
        """
        words = pad([prepared[row] for row in rows])
        return torch.where(self.rare[words], self.vocabulary.unknown, words) if epoch % 2 else words

    def forward(self, words: Tensor) -> Tensor:
        """Return a logit for each sentence."""
        return self.model(words)

    @torch.inference_mode()
    def score(self, texts: Sequence[str]) -> np.ndarray:
        """Return a logit for each text."""
        prepared = self.prepare(texts)
        parts = [self(pad(prepared[start : start + 1024])) for start in range(0, len(prepared), 1024)]
        return torch.cat(parts).numpy() if parts else np.empty(0, np.float32)

    @torch.inference_mode()
    def share(self, text: str) -> Shares:
        """Return each word's part of the average, times the linear layer."""
        words = split_words(text)
        known = [word in self.vocabulary.numbers for word in words]
        shares = self.model.share_words(pad(self.prepare([text])))[0].tolist()
        return Shares(words, shares, known, float(self.model.linear.bias))

    @torch.inference_mode()
    def lean(self) -> Tensor:
        """Return the logit of each word alone, without the bias."""
        return self.model.embedding.weight @ self.model.linear.weight[0]

    @torch.inference_mode()
    def find_vectors(self) -> Tensor:
        """Return the embedding; padding and the unknown word as zeros."""
        vectors = self.model.embedding.weight.clone()
        vectors[[0, self.vocabulary.unknown]] = 0
        return vectors


TextModel = RatioSentiment | AverageSentiment


def plan_training(  # noqa: PLR0913 - a setting each, all named
    model: TextModel,
    prepared: Any,
    labels: Sequence[int],
    *,
    epochs: int,
    least_steps: int,
    batch_size: int,
    learning_rate: float,
    seed: int,
    evaluate: Callable[[], dict[str, float]] | None = None,
) -> Plan:
    """Plan the training of a model: Adam, the learning rate falling to zero.

    The loss is the logistic one, or cross-entropy if the model has a logit per class.

    Parameters
    ----------
    model, prepared : RatioSentiment or AverageSentiment, Bags or list
        What `learn` returned.
    labels : sequence of bool or int
        ``True`` for positive, or the place of the class, a label a text.
    epochs : int
        Passes over the data, at least; a small data set is passed over until ``least_steps`` steps are taken.
    least_steps, batch_size : int
        Steps at least; texts a step.
    learning_rate : float
        Adam's, at the beginning.
    seed : int
        Chooses the order of the texts, again in each pass.
    evaluate : callable, optional
        Figures after each tenth of the training.
    """
    several = model.class_count is not None
    targets = torch.tensor(labels, dtype=torch.int64 if several else torch.float32)
    a_pass = -(-len(labels) // batch_size)
    steps = max(epochs * a_pass, least_steps)

    @lru_cache(maxsize=1)
    def shuffle(epoch: int) -> np.ndarray:
        return np.random.default_rng([seed, epoch]).permutation(len(labels))

    def batches(step: int) -> tuple[Any, Tensor]:
        epoch, place = divmod(step, a_pass)
        rows = shuffle(epoch)[place * batch_size : (place + 1) * batch_size]
        return model.take(prepared, rows, epoch), targets[torch.from_numpy(rows)]

    return Plan(
        model=model,
        loss_function=cross_entropy if several else functional.binary_cross_entropy_with_logits,
        optimizer=Adam(model.parameters(), learning_rate),
        batches=batches,
        steps=steps,
        schedule=lambda progress: 1 - progress,
        measure=_measure_classes if several else lambda logits, labels: ((logits > 0) == (labels > 0.5)).float().mean(),
        evaluate=evaluate,
        log_every=max(1, steps // 20),
        evaluate_every=2 * max(1, steps // 20),
        description="sentiment",
    )


def _measure_classes(logits: Tensor, labels: Tensor) -> Tensor:
    return (logits.argmax(dim=-1) == labels).float().mean()


def _find_company(sentences: Sequence[Sequence[str]], vocabulary: Vocabulary) -> Tensor:
    encoded = [np.array([vocabulary.numbers[word] for word in words], np.int64) for words in sentences]
    occurrences = np.bincount(np.concatenate([np.empty(0, np.int64), *encoded]), minlength=len(vocabulary))
    familiar = np.flatnonzero(occurrences >= FAMILIAR)
    counts = count_company(encoded, len(vocabulary))[familiar]
    found = torch.from_numpy(factor_company(counts, CHANNEL)).float()
    vectors = torch.zeros(len(vocabulary), CHANNEL)
    vectors[torch.from_numpy(familiar), : found.shape[1]] = found
    return vectors
