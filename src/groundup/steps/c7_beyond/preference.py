r"""Learning from preferences: of two answers to a question, the better one becomes likelier than the worse one.

Often nobody can give an answer a number, but anybody can say which of two answers is better. Direct preference
optimization (DPO) needs no reward and no sampling: it compares how much likelier each answer has become than under a
reference, the model before training:

.. math:: L = -\mathrm{mean} \log \sigma\!\left(\beta \left[
          \log\frac{\pi(y_w)}{\pi_\mathrm{ref}(y_w)} - \log\frac{\pi(y_l)}{\pi_\mathrm{ref}(y_l)}\right]\right)

y_w is the chosen and y_l the rejected answer, and log π(y) is the sum of the log-probabilities of its tokens. This is
the logistic regression of the question "which one was chosen?" on the difference of two hidden rewards. β says how far
the model may move away from the reference: the larger, the less. (Rafailov et al., "Direct preference optimization",
NeurIPS 2023, equation 7.)
"""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional


def preference_loss(
    chosen: Float[Tensor, " batch"],
    rejected: Float[Tensor, " batch"],
    reference_chosen: Float[Tensor, " batch"],
    reference_rejected: Float[Tensor, " batch"],
    beta: float | int = 0.1,
) -> Float[Tensor, ""]:
    """Return the mean loss over pairs of answers.

    Parameters
    ----------
    chosen, rejected : Tensor
        Log-probabilities of whole answers under the model that learns.
    reference_chosen, reference_rejected : Tensor
        The same under the reference, without a gradient.
    beta : float
        β.

    Examples
    --------
    A model that has not moved yet has the loss log 2, whatever the answers:

    >>> import torch
    >>> before = torch.tensor([-3.0, -5.0])
    >>> preference_loss(before, before - 1, before, before - 1)
    tensor(0.6931)
    """
    margin = (chosen - reference_chosen) - (rejected - reference_rejected)
    # log σ in one piece: a σ that is rounded to 0 would have no logarithm.
    return -functional.logsigmoid(beta * margin).mean()
