r"""The policy gradient: make what was better than expected likelier, in steps that are not too large.

The gradient of the expected reward is the mean of A ∇ log π(y), over answers y that the model π itself has sampled
(Williams, "Simple statistical gradient-following algorithms", 1992: REINFORCE). To take several steps on the same
answers, each token's gradient is weighted with the ratio ρ of its new to its old probability. The ratio stops
counting once it has moved by more than ε in the direction of the advantage (Schulman et al., "Proximal policy
optimization", 2017, equation 7):

.. math::
    \rho = \frac{\pi(y)}{\pi_\mathrm{old}(y)}, \qquad
    L = -\mathrm{mean}\, \min(\rho A,\ \mathrm{clip}(\rho, 1 - \varepsilon, 1 + \varepsilon) A) + \beta K

K pulls the model to a reference, the model that it was at first, so that it does not forget everything that the reward
does not ask for. It estimates the Kullback-Leibler divergence from the answers, is never negative, and is 0 where both
models agree (J. Schulman, "Approximating KL divergence", 2020, estimator k3; Shao et al., "DeepSeekMath", 2024,
equations 3 and 4):

.. math:: K = \mathrm{mean}\,(e^{d} - d - 1), \qquad d = \log \pi_\mathrm{ref}(y) - \log \pi(y)
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor


def token_log_probabilities(
    logits: Float[Tensor, "batch time vocabulary"], tokens: Int[Tensor, "batch time"]
) -> Float[Tensor, "batch time"]:
    """Return the log-probability of each token under the logits at its position.

    Examples
    --------
    >>> token_log_probabilities(torch.zeros(1, 2, 4), torch.tensor([[3, 0]])).exp()
    tensor([[0.2500, 0.2500]])
    """
    return logits.log_softmax(-1).gather(-1, tokens[..., None])[..., 0]


def reference_pull(new: Float[Tensor, "batch time"], reference: Float[Tensor, "batch time"]) -> Float[Tensor, ""]:
    """Return K, the mean of exp(d) − d − 1 with d = reference − new.

    Examples
    --------
    The model gives a token half the probability that the reference gives it, so d = log 2 and K = 2 − 0.6931 − 1:

    >>> reference_pull(torch.tensor([[0.25]]).log(), torch.tensor([[0.5]]).log())
    tensor(0.3069)
    """
    difference = reference - new
    return (difference.exp() - difference - 1).mean()


def policy_loss(
    new: Float[Tensor, "batch time"],
    old: Float[Tensor, "batch time"],
    reference: Float[Tensor, "batch time"],
    advantages: Float[Tensor, " batch"],
    clip: float | int = 0.2,
    pull: float | int = 0.01,
) -> Float[Tensor, ""]:
    """Return the loss of GRPO on sampled answers.

    Parameters
    ----------
    new, old, reference : Tensor
        Log-probabilities of the answers' tokens under the model that learns, under the same model when it sampled
        them, and under the reference. Only ``new`` has a gradient.
    advantages : Tensor
        One per answer, from `groundup.steps.c7_beyond.reward.group_advantages`; all tokens of an answer share it.
    clip : float
        ε, how far a ratio may move.
    pull : float
        β, the weight of the pull to the reference.

    Examples
    --------
    The second token's probability has risen by half, which is more than ε = 0.2 allows: it counts as 1.2.

    >>> new = torch.tensor([[0.5], [0.3]]).log()
    >>> old = torch.tensor([[0.5], [0.2]]).log()
    >>> policy_loss(new, old, new, torch.tensor([-1.0, 1.0]))
    tensor(-0.1000)
    """
    ratio = (new - old).exp()
    gain = advantages[:, None]
    clipped = ratio.clamp(1 - clip, 1 + clip)
    # The smaller of the two: a move in the wrong direction is never cut off.
    return -torch.minimum(ratio * gain, clipped * gain).mean() + pull * reference_pull(new, reference)
