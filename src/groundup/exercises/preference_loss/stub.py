import torch


class Solution:
    def preference_loss(self, chosen, rejected, reference_chosen, reference_rejected, beta):
        """Return the mean loss over pairs of answers, also for very large margins.

        Parameters
        ----------
        chosen : tensor of shape (B,), log-probabilities of the better answers, now
        rejected : tensor of shape (B,), log-probabilities of the worse answers, now
        reference_chosen : tensor of shape (B,), of the better answers, under the reference
        reference_rejected : tensor of shape (B,), of the worse answers, under the reference
        beta : float

        Returns
        -------
        0-d tensor, the mean loss

        Examples
        --------
        >>> before = torch.tensor([-3.0])
        >>> chosen, rejected = torch.tensor([-2.0]), torch.tensor([-4.0])
        >>> round(Solution().preference_loss(chosen, rejected, before, before, 0.5).item(), 4)
        0.3133
        """
        raise NotImplementedError
