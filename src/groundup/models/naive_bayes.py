"""Naive Bayes combined with a trained linear layer: counts give each feature a value, and training gives it a weight.

The value of a feature f is its log-count ratio, which is computed from counts and not learned:

    r_f = log( (p_f + s) / Σ(p + s) ) - log( (n_f + s) / Σ(n + s) )

where p_f and n_f are the numbers of positive and negative sentences that contain f. It is positive if f is more
frequent in positive sentences. The smoothing s avoids log 0 for features that one class does not contain. A sentence
becomes the vector r of the ratios of its features, scaled to length 1. One linear layer, whose weights start at zero,
computes the logit:

    logit = bias + Σ_f weight_f · r_f / |r|

Source: Wang and Manning, "Baselines and bigrams: simple, good sentiment and topic classification", ACL 2012. This
version uses a logistic loss, and scales words, pairs and pieces to length 1 separately.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

from groundup.models.ngrams import Occurrences
from groundup.steps.c4_training.tensors import drop_side_of_one


@dataclass(frozen=True)
class Bags:
    """Sentences as bags of features, concatenated: sentence i is ``[starts[i]:starts[i + 1]]``.

    Attributes
    ----------
    feature : array of int64, shape (item,)
        Each distinct feature of each sentence.
    starts : array of int64, shape (N + 1,)
        Where each of the N sentences begins; the last number is the total length.
    value : array of float32, shape (item,)
        The value of the feature in the sentence, without unit.
    """

    feature: Int[np.ndarray, " item"]
    starts: Int[np.ndarray, " bound"]
    value: Float[np.ndarray, " item"]

    def __len__(self) -> int:
        """Count the sentences."""
        return len(self.starts) - 1

    def take(self, rows: Int[np.ndarray, " row"]) -> Bags:
        """Return the bags of some sentences."""
        counts = np.diff(self.starts)[rows]
        starts = np.concatenate([[0], np.cumsum(counts)])
        item = np.arange(starts[-1]) + np.repeat(self.starts[rows] - starts[:-1], counts)
        return Bags(self.feature[item], starts, self.value[item])

    @classmethod
    def join(cls, parts: Sequence[Bags]) -> Bags:
        """Concatenate bags of sentences."""
        counts = np.concatenate([np.empty(0, np.int64), *(np.diff(part.starts) for part in parts)])
        return cls(
            np.concatenate([np.empty(0, np.int64), *(part.feature for part in parts)]),
            np.concatenate([[0], np.cumsum(counts)]),
            np.concatenate([np.empty(0, np.float32), *(part.value for part in parts)]),
        )


def collect(occurrences: Occurrences, sentences: int) -> Bags:
    """Return each sentence's distinct features, all with the value 1."""
    width = int(occurrences.feature.max(initial=0)) + 1
    codes = np.sort(occurrences.sentence * width + occurrences.feature)
    codes = codes[np.diff(codes, prepend=-1) != 0]
    starts = np.searchsorted(codes, np.arange(sentences + 1) * width)
    return Bags(codes % width, starts, np.ones(len(codes), np.float32))


def log_count_ratios(
    bags: Bags, positive: Sequence[bool] | np.ndarray, groups: Sequence[slice], smoothing: float = 0.7
) -> Float[np.ndarray, " feature"]:
    """Return the log-count ratio r of each feature: above 0 if it is more frequent in positive sentences.

    Parameters
    ----------
    bags : Bags
        The labeled sentences.
    positive : sequence of bool
        One label per sentence; both labels occur.
    groups : sequence of slice
        The groups of features; each sum Σ in the formula runs over one group.
    smoothing : float
        s in the formula, in sentences.

    Returns
    -------
    array
        float32, one number per feature, in nats.
    """
    label = np.repeat(np.asarray(positive, dtype=bool), np.diff(bags.starts))
    size = groups[-1].stop
    counts = [np.bincount(bags.feature[label == kind], minlength=size) + smoothing for kind in (True, False)]
    ratios = np.log(counts[0]) - np.log(counts[1])
    for group in (group for group in groups if group.stop > group.start):
        ratios[group] -= np.log(counts[0][group].sum()) - np.log(counts[1][group].sum())
    return ratios.astype(np.float32)


def scale(bags: Bags, ratios: Float[np.ndarray, " feature"], groups: Sequence[slice]) -> Bags:
    """Use the ratios as values, then scale each group of a sentence's features to length 1."""
    value = ratios[bags.feature]
    bounds = [group.stop for group in groups]
    part = np.repeat(np.arange(len(bags)) * len(groups), np.diff(bags.starts))
    part += np.searchsorted(bounds, bags.feature, side="right")
    squares = np.bincount(part, weights=value * value)
    length = np.sqrt(squares).astype(np.float32)
    return Bags(bags.feature, bags.starts, value / np.maximum(length, np.finfo(np.float32).tiny)[part])


class RatioClassifier(nn.Module):
    """One linear layer on scaled bags of features; it returns the logit of the positive class.

    Parameters
    ----------
    feature_count : int
        The number of features.

    Attributes
    ----------
    weight : Tensor
        float32, one weight per feature. Weights start at 0, so features without training examples have no effect.
    bias : Tensor
        float32, the logit of a sentence without known features.
    ratios : Tensor
        float32, the log-count ratios, saved with the weights.
    """

    ratios: Tensor

    def __init__(self, feature_count: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(feature_count, 1))
        self.bias = nn.Parameter(torch.zeros(()))
        self.register_buffer("ratios", torch.zeros(feature_count))

    def forward(self, bags: Bags) -> Float[Tensor, " batch"]:
        """Return one logit per sentence; for an empty sentence it is the bias."""
        total = functional.embedding_bag(
            torch.from_numpy(bags.feature),
            self.weight,
            torch.from_numpy(bags.starts[:-1]),
            mode="sum",
            per_sample_weights=torch.from_numpy(bags.value),
        )
        return drop_side_of_one(total) + self.bias


class ClassRatioClassifier(nn.Module):
    """One linear layer on bags of features for several classes; it returns a logit per class.

    Each class c has its own ratios, of its sentences against all others, and its own weights:

        logit_c = bias_c + Σ_f weight_fc · r_fc · x_f

    where x_f is the value of the feature in the sentence, the same for all classes.

    Parameters
    ----------
    feature_count, class_count : int
        The numbers of features and of classes.

    Attributes
    ----------
    weight, bias, ratios : Tensor
        float32, as in `RatioClassifier`, with the classes as their last axis.
    """

    ratios: Tensor

    def __init__(self, feature_count: int, class_count: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(feature_count, class_count))
        self.bias = nn.Parameter(torch.zeros(class_count))
        self.register_buffer("ratios", torch.zeros(feature_count, class_count))

    def forward(self, bags: Bags) -> Float[Tensor, "batch class"]:
        """Return the logits of each sentence; for an empty sentence they are the biases."""
        # Only the rows that occur are multiplied: there are few of them in a batch.
        occurring, place = np.unique(bags.feature, return_inverse=True)
        rows = torch.from_numpy(occurring)
        total = functional.embedding_bag(
            torch.from_numpy(place),
            self.weight[rows] * self.ratios[rows],
            torch.from_numpy(bags.starts[:-1]),
            mode="sum",
            per_sample_weights=torch.from_numpy(bags.value),
        )
        return total + self.bias
