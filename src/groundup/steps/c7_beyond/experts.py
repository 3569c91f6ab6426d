r"""Mixture of experts: several feed-forwards in the place of one, of which each token uses only a few.

A router, one linear map without a bias, gives each token a score per expert. The token goes through the k experts with
the largest scores, and a softmax over these k scores weighs what they return:

.. math:: y = \sum_{i \in \mathrm{top}\,k} w_i \, E_i(x), \qquad w = \mathrm{softmax}(s_i : i \in \mathrm{top}\,k),
          \quad s = W_r x

So a model has the weights of all E experts, but a token costs only k of them (Shazeer et al., "Outrageously large
neural networks", 2017; with the softmax over the chosen as in Jiang et al., "Mixtral of experts", 2024). With one
expert it is an ordinary feed-forward: the only weight is 1.

Nothing makes the router use all experts: one that is chosen often learns most, and is chosen still more. The balance
loss, added to the loss with a small factor, works against it:

.. math:: L = E \sum_{i=1}^{E} f_i P_i

f_i is the share of all choices that fell on expert i, P_i its mean probability in the softmax over all E scores. If all
are used alike, f_i = P_i = 1/E and the loss is 1; if all tokens go to one with probability 1, it is E. Choices have no
gradient; it flows through P_i and makes the router less sure of what it chooses too often (Fedus et al., "Switch
transformers", 2021, equations 4 to 6, for k = 1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from groundup.steps.c4_training.linear import Linear
from groundup.steps.c6_gpt.transformer import Block, GatedFeedForward


def choose_experts(
    scores: Float[Tensor, "token expert"], used: int
) -> tuple[Float[Tensor, "token choice"], Int[Tensor, "token choice"]]:
    """Return the weights of the experts that each token uses, and which these are, the largest score first.

    Parameters
    ----------
    scores : Tensor
        The router's. Of two that are equal, the expert with the lower number is chosen.
    used : int
        k.

    Examples
    --------
    >>> weights, chosen = choose_experts(torch.tensor([[1.0, 3.0, 3.0]]), used=2)
    >>> weights.tolist(), chosen.tolist()
    ([[0.5, 0.5]], [[1, 2]])
    """
    ordered, places = scores.sort(dim=-1, descending=True, stable=True)
    return ordered[:, :used].softmax(dim=-1), places[:, :used]


def mix_experts(
    x: Float[Tensor, "token channel"],
    weights: Float[Tensor, "token choice"],
    chosen: Int[Tensor, "token choice"],
    experts: Sequence[Callable[[Tensor], Tensor]],
) -> Float[Tensor, "token channel"]:
    """Return the weighted sum of what each token's experts return; an expert is given its own tokens only.

    Parameters
    ----------
    x : Tensor
        The tokens' vectors.
    weights, chosen : Tensor
        As of `choose_experts`.
    experts : sequence of callable
        Each takes vectors and returns as many, of the same width. One that no token chose is not called.

    Examples
    --------
    >>> x = torch.tensor([[1.0], [2.0]])
    >>> experts = [lambda x: 10 * x, lambda x: -x]
    >>> mix_experts(x, torch.tensor([[0.5, 0.5], [0.75, 0.25]]), torch.tensor([[0, 1], [1, 0]]), experts)
    tensor([[4.5000],
            [3.5000]])
    """
    mixed = torch.zeros_like(x)
    for number, expert in enumerate(experts):
        token, choice = torch.where(chosen == number)
        if len(token):
            found = weights[token, choice, None] * expert(x[token])
            mixed = mixed.index_add(0, token, found.to(mixed.dtype))
    return mixed


def count_choices(chosen: Int[Tensor, "token choice"], experts: int) -> Float[Tensor, " expert"]:
    """Return the share of all choices that fell on each expert: f."""
    return torch.bincount(chosen.flatten(), minlength=experts) / chosen.numel()


def balance_loss(scores: Float[Tensor, "token expert"], chosen: Int[Tensor, "token choice"]) -> Float[Tensor, ""]:
    """Return how unevenly the experts are used: 1 if all are used alike, at most about their number.

    Parameters
    ----------
    scores : Tensor
        The router's, of all experts.
    chosen : Tensor
        Which experts each token used.

    Examples
    --------
    >>> balance_loss(torch.zeros(2, 4), torch.tensor([[0, 1], [2, 3]]))
    tensor(1.)
    """
    experts = scores.shape[-1]
    probabilities = scores.softmax(dim=-1).mean(dim=0)
    return experts * (count_choices(chosen, experts) * probabilities).sum()


class MixtureOfExperts(nn.Module):
    """A router and its experts, in the place of a feed-forward.

    Parameters
    ----------
    width, hidden : int
        As of `GatedFeedForward`, which every expert is.
    experts, used : int
        E, and k of them for each token.

    Attributes
    ----------
    balance : Tensor or None
        The balance loss of the last call.
    choices : Tensor
        How often each expert was chosen in evaluation mode; set it to 0 to begin again.
    """

    choices: Tensor

    def __init__(self, width: int, hidden: int, experts: int, used: int) -> None:
        super().__init__()
        self.used = used
        self.router = Linear(width, experts, bias=False)
        self.experts = nn.ModuleList(GatedFeedForward(width, hidden) for _ in range(experts))
        self.balance: Tensor | None = None
        self.register_buffer("choices", torch.zeros(experts, dtype=torch.int64), persistent=False)

    def forward(self, x: Float[Tensor, "*batch channel"]) -> Float[Tensor, "*batch channel"]:
        """Return the output, to be added to the stream."""
        tokens = x.flatten(0, -2)
        scores = self.router(tokens)
        weights, chosen = choose_experts(scores, self.used)
        self.balance = balance_loss(scores, chosen)
        if not self.training:
            self.choices += torch.bincount(chosen.flatten(), minlength=len(self.choices))
        return mix_experts(tokens, weights, chosen, list(self.experts)).view_as(x)


def add_experts(blocks: Iterable[nn.Module], experts: int, used: int) -> None:
    """Replace the feed-forward of every block by a mixture of experts of the same size, in place."""
    for block in blocks:
        assert isinstance(block, Block)
        dense = block.feed_forward
        assert isinstance(dense, GatedFeedForward)
        hidden, width = dense.gate.weight.shape
        block.feed_forward = MixtureOfExperts(width, hidden, experts, used)  # type: ignore[assignment]  # in its place
