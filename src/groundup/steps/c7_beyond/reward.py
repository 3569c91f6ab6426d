r"""Rewards and advantages: what an answer is worth, and how much better it is than others to the same question.

A model can learn without being shown a single right answer, if something can say afterwards how good an answer was: a
*reward* r. For each question a group of answers is sampled. The *advantage* of an answer compares it with its group:

.. math:: A_i = \frac{r_i - \mathrm{mean}(r_1, \dots, r_S)}{\mathrm{std}(r_1, \dots, r_S)}

Answers above the group's mean get a positive advantage and become likelier, those below it become less likely. An easy
question, which all answers get right, and a hopeless one teach nothing: all rewards are equal, and the advantage is 0.
(Shao et al., "DeepSeekMath", 2024, section 4.1.2: group relative policy optimization, GRPO. std is the root of the
mean square deviation.)

A reward is a wish put into numbers, and a model fulfils the numbers. `occurring_reward` sounds reasonable, and can be
cheated: an answer that repeats one right digit gets all of it.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor


def exact_reward(answers: Int[Tensor, "*batch token"], truths: Int[Tensor, "*batch token"]) -> Float[Tensor, "*batch"]:
    """Return 1 for each answer that is right in every token, and 0 for any other.

    Examples
    --------
    >>> exact_reward(torch.tensor([[4, 6], [4, 7]]), torch.tensor([[4, 6], [4, 6]]))
    tensor([1., 0.])
    """
    return (answers == truths).all(-1).float()


def token_reward(answers: Int[Tensor, "*batch token"], truths: Int[Tensor, "*batch token"]) -> Float[Tensor, "*batch"]:
    """Return the share of each answer's tokens that are right at their place.

    Examples
    --------
    >>> token_reward(torch.tensor([[4, 6], [4, 7]]), torch.tensor([[4, 6], [4, 6]]))
    tensor([1.0000, 0.5000])
    """
    return (answers == truths).float().mean(-1)


def occurring_reward(
    answers: Int[Tensor, "*batch token"], truths: Int[Tensor, "*batch token"]
) -> Float[Tensor, "*batch"]:
    """Return the share of each answer's tokens that occur anywhere in the right answer: a reward that can be cheated.

    Examples
    --------
    The right answer is 4 6; 6 6 gets as much for it:

    >>> occurring_reward(torch.tensor([[4, 6], [6, 6], [4, 7]]), torch.tensor([4, 6]).expand(3, 2))
    tensor([1.0000, 1.0000, 0.5000])
    """
    return (answers[..., :, None] == truths[..., None, :]).any(-1).float().mean(-1)


def group_advantages(rewards: Float[Tensor, "group sample"]) -> Float[Tensor, "group sample"]:
    """Return how many standard deviations each reward lies above the mean of its group.

    Parameters
    ----------
    rewards : Tensor
        One row per question, one column per answer to it.

    Returns
    -------
    Tensor
        The sum of each row is 0. A row whose rewards are all equal becomes zeros.

    Examples
    --------
    >>> group_advantages(torch.tensor([[1.0, 0.0, 0.0, 1.0], [1.0, 1.0, 1.0, 1.0]]))
    tensor([[ 1., -1., -1.,  1.],
            [ 0.,  0.,  0.,  0.]])
    """
    equal = (rewards == rewards[:, :1]).all(1, keepdim=True)
    deviation = rewards - rewards.mean(1, keepdim=True)
    spread = deviation.square().mean(1, keepdim=True).sqrt()
    # Equal rewards are compared with each other: their rounded mean may differ from them a little.
    return torch.where(equal, 0.0, deviation / torch.where(equal, 1.0, spread))
