import torch


class Solution:
    def answer_targets(self, tokens, answered):
        """Return the inputs and targets of conversations: only tokens of answers are targets.

        Parameters
        ----------
        tokens : integer tensor of shape (..., T)
        answered : bool tensor of shape (..., T), True for the tokens of answers

        Returns
        -------
        inputs, targets : integer tensors of shape (..., T - 1)

        Examples
        --------
        >>> answered = torch.tensor([False, False, False, True, True])
        >>> Solution().answer_targets(torch.tensor([1, 2, 3, 5, 6]), answered)
        (tensor([1, 2, 3, 5]), tensor([-100, -100,    5,    6]))
        """
        raise NotImplementedError

    def answer_loss(self, logits, targets):
        """Return the mean cross-entropy over the targets that count; 0 where none does.

        Parameters
        ----------
        logits : tensor of shape (..., T, V)
        targets : integer tensor of shape (..., T), the next tokens or -100

        Returns
        -------
        0-d tensor, the mean loss

        Examples
        --------
        >>> loss = Solution().answer_loss(torch.zeros(3, 2), torch.tensor([-100, 1, -100]))
        >>> round(loss.item(), 4)
        0.6931
        """
        raise NotImplementedError
