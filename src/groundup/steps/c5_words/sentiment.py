"""The sentiment model: the average of a sentence's word vectors, judged by one linear layer.

    logit = w · (1/T · Σ_t E[word_t]) + b        probability = sigmoid(logit)

T counts the sentence's own words: were padding averaged in, a sentence would score differently beside a longer
one. The model gives the logit; the loss takes logits, which is exact where a rounded probability would be 0 or 1.
A sentence of no words has the average 0, so its score is the bias. Source of the idea: Iyyer et al., "Deep
unordered composition rivals syntactic methods for text classification", ACL 2015.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from groundup.steps.c5_words.vocabulary import PADDING


def average_words(
    vectors: Float[Tensor, "batch time channel"], words: Int[Tensor, "batch time"]
) -> Float[Tensor, "batch channel"]:
    """Average the vectors of each sentence over its words, padding left out; no words average to 0."""
    present = (words != PADDING).unsqueeze(-1)
    return torch.where(present, vectors, 0).sum(dim=1) / present.sum(dim=1).clamp(min=1)


class SentimentModel(nn.Module):
    """Embedding, average, linear layer.

    Parameters
    ----------
    vocabulary_size : int
        Rows of the embedding, padding and unknown word included.
    channel : int
        Width of a word's vector; the course has 16.
    """

    def __init__(self, vocabulary_size: int, channel: int = 16) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, channel)
        self.linear = nn.Linear(channel, 1)

    def forward(self, words: Int[Tensor, "batch time"]) -> Float[Tensor, " batch"]:
        """Return the logit of each sentence being positive."""
        return self.linear(average_words(self.embedding(words), words)).squeeze(-1)

    def predict(self, words: Int[Tensor, "batch time"]) -> Float[Tensor, " batch"]:
        """Return the probability of each sentence being positive, in [0, 1]."""
        return torch.sigmoid(self(words))

    def share_words(self, words: Int[Tensor, "batch time"]) -> Float[Tensor, "batch time"]:
        """Return each word's share of its sentence's logit; with the bias they add up to it.

        The model is linear after the look-up, so the shares add up exactly: w · E[word] / T, and 0 for padding. Leaving
        a word out changes the others' shares as well, since T is then smaller.
        """
        present = words != PADDING
        scores = self.embedding(words) @ self.linear.weight[0]
        return torch.where(present, scores, 0) / present.sum(dim=1, keepdim=True).clamp(min=1)
