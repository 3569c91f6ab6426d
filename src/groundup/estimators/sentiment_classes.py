"""The two models of texts for any number of classes: a logit for each class, softmax and cross-entropy.

A softmax does not change if the same number is added to all logits. So logits and shares are told relative to their
mean over the classes: above 0 speaks for a class, against the average of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from groundup.data.texts.words import split_words
from groundup.estimators.sentiment_models import SMOOTHING, AverageSentiment, RatioSentiment, Shares, TextModel
from groundup.models.naive_bayes import Bags, ClassRatioClassifier, log_count_ratios, scale
from groundup.models.ngrams import NgramFeatures
from groundup.steps.c5_words.sentiment import average_words
from groundup.steps.c5_words.vocabulary import Vocabulary, pad


class RatioClasses(RatioSentiment):
    """Words, pairs and pieces scaled by their log-count ratios, those of each class against all other texts.

    Parameters
    ----------
    features : NgramFeatures
        The features known.
    class_count : int
        How many classes there are.
    """

    def __init__(self, features: NgramFeatures, class_count: int) -> None:
        super().__init__(features)
        self.class_count = class_count
        self.classifier = ClassRatioClassifier(len(features), class_count)

    @classmethod
    def learn_classes(
        cls, texts: Sequence[str], labels: Sequence[int], class_count: int, smoothing: float = SMOOTHING
    ) -> tuple[RatioClasses, Bags]:
        """Count features and ratios; return the model, its weights still zero, and the texts prepared for it."""
        sentences = [split_words(text) for text in texts]
        every = RatioSentiment(NgramFeatures.learn(sentences))
        features, bags = _drop_rare_pairs(every.features, every._collect(sentences))
        model = cls(features, class_count)
        places = np.asarray(labels)
        for place in range(class_count):
            ratios = log_count_ratios(bags, places == place, model.features.groups, smoothing)
            model.classifier.ratios[:, place] = torch.from_numpy(ratios)
        model.keep_company(sentences)
        return model, model._scale_bags(bags)

    @classmethod
    def rebuild(cls, words: Sequence[str], tensors: dict[str, Tensor]) -> RatioClasses:
        """Build the model that tensors of these names and shapes belong to; they are not loaded."""
        return cls(NgramFeatures(Vocabulary(words), tensors["pairs"].numpy()), len(tensors["classifier.bias"]))

    @torch.inference_mode()
    def score(self, texts: Sequence[str]) -> np.ndarray:
        """Return a logit for each text and class, shape (text, class), relative to their mean over the classes."""
        return centre(self(self.prepare(texts))).numpy()

    def share(self, text: str, place: int | None = None) -> Shares:
        """Share the logit of a class, of the likeliest where none is given, among the words; see `RatioSentiment`."""
        return self._share(text, place)

    @torch.inference_mode()
    def _share(self, text: str, place: int | None) -> Shares:
        words = split_words(text)
        bags = self._scale([words])
        table = centre(self.classifier.weight * self.classifier.ratios)[torch.from_numpy(bags.feature)]
        parts = table.numpy().astype(float) * bags.value[:, None]
        bias = centre(self.classifier.bias).numpy().astype(float)
        place = int((parts.sum(axis=0) + bias).argmax()) if place is None else place
        return self._spread(words, bags, parts[:, place], float(bias[place]))

    @torch.inference_mode()
    def lean(self) -> Tensor:
        """Return weight times ratio of each word for each class, shape (word, class), relative to their mean."""
        size = len(self.vocabulary)
        return centre(self.classifier.weight[:size] * self.classifier.ratios[:size])

    def _scale_bags(self, bags: Bags) -> Bags:
        return scale(bags, np.ones(len(self.features), np.float32), self.features.groups)


class AverageClasses(AverageSentiment):
    """The course's average of word vectors with a linear layer that has an output for each class.

    Parameters
    ----------
    vocabulary : Vocabulary
        The words known.
    channel : int
        Width of a word's vector.
    class_count : int
        How many classes there are.
    """

    def __init__(self, vocabulary: Vocabulary, channel: int, class_count: int) -> None:
        super().__init__(vocabulary, channel)
        self.class_count = class_count
        self.model.linear = nn.Linear(channel, class_count)

    @classmethod
    def learn_classes(
        cls, texts: Sequence[str], class_count: int, channel: int = 16
    ) -> tuple[AverageClasses, list[list[int]]]:
        """Give every word a number; return the model, its vectors random, and the texts prepared for it."""
        sentences = [" ".join(split_words(text)) for text in texts]
        model = cls(Vocabulary(sentences), channel, class_count)
        return model, model.encode(sentences)

    @classmethod
    def rebuild(cls, words: Sequence[str], tensors: dict[str, Tensor]) -> AverageClasses:
        """Build the model that tensors of these names and shapes belong to; they are not loaded."""
        channel = tensors["model.embedding.weight"].shape[1]
        return cls(Vocabulary(words), channel, len(tensors["model.linear.bias"]))

    def forward(self, words: Tensor) -> Tensor:
        """Return a logit for each sentence and class."""
        return self.model.linear(average_words(self.model.embedding(words), words))

    @torch.inference_mode()
    def score(self, texts: Sequence[str]) -> np.ndarray:
        """Return a logit for each text and class, shape (text, class), relative to their mean over the classes."""
        found = super().score(texts)
        return centre(torch.from_numpy(found.reshape(len(found), self.model.linear.out_features))).numpy()

    @torch.inference_mode()
    def share(self, text: str, place: int | None = None) -> Shares:
        """Return each word's part of the average, times the layer's weights of a class, as a rule the likeliest."""
        words = split_words(text)
        numbers = pad(self.prepare([text]))
        known = [word in self.vocabulary.numbers for word in words]
        vectors = self.model.embedding(numbers)[0, : len(words)]
        parts = vectors @ centre(self.model.linear.weight.T) / max(1, len(words))
        bias = centre(self.model.linear.bias)
        place = int((parts.sum(dim=0) + bias).argmax()) if place is None else place
        return Shares(words, parts[:, place].tolist(), known, float(bias[place]))

    @torch.inference_mode()
    def lean(self) -> Tensor:
        """Return the logits of each word alone without the bias, shape (word, class), relative to their mean."""
        return self.model.embedding.weight @ centre(self.model.linear.weight.T)


def learn(
    kind: str,
    texts: Sequence[str],
    labels: Sequence[int],
    class_count: int | None,
    *,
    smoothing: float = SMOOTHING,
    channel: int = 16,
) -> tuple[TextModel, Any]:
    """Return a model that knows the texts' words, not trained yet, and the texts prepared for it.

    Parameters
    ----------
    kind : {"ratios", "average"}
        Which of the two models.
    texts, labels : sequence
        The texts, and ``True`` for positive, or the places of the classes.
    class_count : int or None
        ``None`` for positive and negative, which have one logit.
    smoothing : float
        Sentences added to every count, for ``ratios``.
    channel : int
        Width of a word's vector, for ``average``.
    """
    if kind == "ratios":
        if class_count is None:
            return RatioSentiment.learn(texts, [bool(label) for label in labels], smoothing)
        return RatioClasses.learn_classes(texts, labels, class_count, smoothing)
    if class_count is None:
        return AverageSentiment.learn(texts, channel)
    return AverageClasses.learn_classes(texts, class_count, channel)


def _drop_rare_pairs(features: NgramFeatures, bags: Bags) -> tuple[NgramFeatures, Bags]:
    """Leave out pairs of words that occur in one sentence only: most do, and each costs a weight per class."""
    pairs = features.groups[1]
    kept = np.ones(len(features), bool)
    kept[pairs] = np.bincount(bags.feature, minlength=len(features))[pairs] > 1
    number = np.cumsum(kept) - 1
    items = kept[bags.feature]
    starts = np.concatenate([[0], np.cumsum(items)])[bags.starts]
    return (
        NgramFeatures(features.vocabulary, features.pairs[kept[pairs]]),
        Bags(number[bags.feature[items]], starts, bags.value[items]),
    )


def centre(logits: Tensor) -> Tensor:
    """Return logits relative to their mean over the classes, the last axis."""
    return logits - logits.mean(dim=-1, keepdim=True)


def to_probabilities(logits: np.ndarray) -> np.ndarray:
    """Return the softmax over the classes, the last axis, in double precision.

    Examples
    --------
    >>> to_probabilities(np.array([[0.0, 0.0]])).tolist()
    [[0.5, 0.5]]
    """
    return torch.softmax(torch.from_numpy(np.asarray(logits, float)), dim=-1).numpy()
