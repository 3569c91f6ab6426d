"""The sentiment model: average a sentence's word vectors, and turn the average into a score with one linear layer.

    logit = w · (1/T · Σ_t E[word_t]) + b        probability = sigmoid(logit)

T is the number of words without padding. If padding were included in the average, the score of a sentence would depend
on the longest sentence in its batch. The model returns the logit, and the loss takes logits, because a probability
that is rounded to 0 or 1 has lost its gradient. A sentence without words has the average 0, so its logit is the bias.
Source of the idea: Iyyer et al., "Deep unordered composition rivals syntactic methods for text classification", ACL
2015.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from groundup.steps.c5_words.vocabulary import PADDING


def average_words(
    vectors: Float[Tensor, "batch time channel"], words: Int[Tensor, "batch time"]
) -> Float[Tensor, "batch channel"]:
    """Average the vectors of each sentence over its words, without padding; a sentence without words gets 0."""
    present = (words != PADDING).unsqueeze(-1)
    return torch.where(present, vectors, 0).sum(dim=1) / present.sum(dim=1).clamp(min=1)


class SentimentModel(nn.Module):
    """Embedding, average, linear layer.

    Parameters
    ----------
    vocabulary_size : int
        V, the rows of the embedding, including padding and the unknown word.
    channel : int
        d, the width of a word's vector; 16 in the course.
    """

    def __init__(self, vocabulary_size: int, channel: int = 16) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, channel)
        self.linear = nn.Linear(channel, 1)

    def forward(self, words: Int[Tensor, "batch time"]) -> Float[Tensor, " batch"]:
        """Return the logit of the positive class for each sentence."""
        return self.linear(average_words(self.embedding(words), words)).squeeze(-1)

    def predict(self, words: Int[Tensor, "batch time"]) -> Float[Tensor, " batch"]:
        """Return the probability that each sentence is positive, in [0, 1]."""
        return torch.sigmoid(self(words))

    def share_words(self, words: Int[Tensor, "batch time"]) -> Float[Tensor, "batch time"]:
        """Return each word's share of its sentence's logit: w · E[word] / T, and 0 for padding.

        The model is linear after the look-up, so the shares and the bias add up exactly to the logit. Removing a word
        from the sentence also changes the shares of the other words, because T becomes smaller.
        """
        present = words != PADDING
        scores = self.embedding(words) @ self.linear.weight[0]
        return torch.where(present, scores, 0) / present.sum(dim=1, keepdim=True).clamp(min=1)
