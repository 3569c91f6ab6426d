import torch


class Solution:
    def policy_loss(self, new, old, reference, advantages, clip, pull):
        """Return the loss of GRPO on sampled answers.

        Parameters
        ----------
        new : tensor of shape (B, T), log-probabilities of the tokens under the model that learns
        old : tensor of shape (B, T), the same under the model that sampled them
        reference : tensor of shape (B, T), the same under the reference
        advantages : tensor of shape (B,), one per answer
        clip : float, how far a ratio may move from 1
        pull : float, the weight of the pull to the reference

        Returns
        -------
        0-d tensor, the loss, with a gradient along new

        Examples
        --------
        >>> new, old = torch.tensor([[0.5], [0.3]]).log(), torch.tensor([[0.5], [0.2]]).log()
        >>> round(Solution().policy_loss(new, old, old, torch.tensor([-1.0, 1.0]), 0.2, 1.0).item(), 4)
        -0.0639
        """
        raise NotImplementedError
