"""Naive Bayes and a trained network, joined: features scaled by how they lean, then weighed by training.

How far a feature f leans to one class is counted, not learned:

    r_f = log( (p_f + s) / Σ(p + s) ) - log( (n_f + s) / Σ(n + s) )

where p_f and n_f count the positive and the negative sentences that hold f, and s smooths: nothing is impossible
because a small text does not show it. A sentence becomes the vector of the r_f of its features, made one long, and
one linear layer that starts at zero weighs them:

    logit = bias + Σ_f weight_f · r_f / |r|

Source: Wang and Manning, "Baselines and bigrams: simple, good sentiment and topic classification", ACL 2012; here
with a logistic loss, and with words, pairs and pieces each made one long by themselves.
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
    """Sentences as bags of features, one behind the other: sentence i is ``[starts[i]:starts[i + 1]]``.

    Attributes
    ----------
    feature : array of int64
        Each distinct feature of each sentence.
    starts : array of int64
        One bound more than sentences.
    value : array of float32
        How much of the feature the sentence has, without unit.
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
        """Put bags of sentences one behind the other."""
        counts = np.concatenate([np.empty(0, np.int64), *(np.diff(part.starts) for part in parts)])
        return cls(
            np.concatenate([np.empty(0, np.int64), *(part.feature for part in parts)]),
            np.concatenate([[0], np.cumsum(counts)]),
            np.concatenate([np.empty(0, np.float32), *(part.value for part in parts)]),
        )


def collect(occurrences: Occurrences, sentences: int) -> Bags:
    """Count every feature once in each sentence, with the value 1."""
    width = int(occurrences.feature.max(initial=0)) + 1
    codes = np.sort(occurrences.sentence * width + occurrences.feature)
    codes = codes[np.diff(codes, prepend=-1) != 0]
    starts = np.searchsorted(codes, np.arange(sentences + 1) * width)
    return Bags(codes % width, starts, np.ones(len(codes), np.float32))


def log_count_ratios(
    bags: Bags, positive: Sequence[bool] | np.ndarray, groups: Sequence[slice], smoothing: float = 0.7
) -> Float[np.ndarray, " feature"]:
    """Return how each feature leans: above zero to the positive class.

    Parameters
    ----------
    bags : Bags
        Of labelled sentences.
    positive : sequence of bool
        A label a sentence; both kinds occur.
    groups : sequence of slice
        Features are compared with those of their own group.
    smoothing : float
        s above, in sentences.

    Returns
    -------
    array
        float32, in nats.
    """
    label = np.repeat(np.asarray(positive, dtype=bool), np.diff(bags.starts))
    size = groups[-1].stop
    counts = [np.bincount(bags.feature[label == kind], minlength=size) + smoothing for kind in (True, False)]
    ratios = np.log(counts[0]) - np.log(counts[1])
    for group in (group for group in groups if group.stop > group.start):
        ratios[group] -= np.log(counts[0][group].sum()) - np.log(counts[1][group].sum())
    return ratios.astype(np.float32)


def scale(bags: Bags, ratios: Float[np.ndarray, " feature"], groups: Sequence[slice]) -> Bags:
    """Give every feature its ratio as value, then make each group of a sentence's features one long."""
    value = ratios[bags.feature]
    bounds = [group.stop for group in groups]
    part = np.repeat(np.arange(len(bags)) * len(groups), np.diff(bags.starts))
    part += np.searchsorted(bounds, bags.feature, side="right")
    squares = np.bincount(part, weights=value * value)
    length = np.sqrt(squares).astype(np.float32)
    return Bags(bags.feature, bags.starts, value / np.maximum(length, np.finfo(np.float32).tiny)[part])


class RatioClassifier(nn.Module):
    """One linear layer over scaled bags of features; the logit of the positive class comes out.

    Parameters
    ----------
    feature_count : int
        How many features there are.

    Attributes
    ----------
    weight : Tensor
        float32, a weight a feature; zero at first, so that only what training shows counts.
    bias : Tensor
        float32: the leaning of a sentence of which nothing is known.
    ratios : Tensor
        float32, the log-count ratios, kept beside the weights.
    """

    ratios: Tensor

    def __init__(self, feature_count: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(feature_count, 1))
        self.bias = nn.Parameter(torch.zeros(()))
        self.register_buffer("ratios", torch.zeros(feature_count))

    def forward(self, bags: Bags) -> Float[Tensor, " batch"]:
        """Return a logit for each sentence; an empty one gets the bias."""
        total = functional.embedding_bag(
            torch.from_numpy(bags.feature),
            self.weight,
            torch.from_numpy(bags.starts[:-1]),
            mode="sum",
            per_sample_weights=torch.from_numpy(bags.value),
        )
        return drop_side_of_one(total) + self.bias
