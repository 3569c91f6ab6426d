import torch


class Solution:
    def induction_score(self, weights, length):
        """Return how much of its attention each head puts on what followed the same token earlier.

        Parameters
        ----------
        weights : float tensor of shape (H, T, T), a row per query, a column per key; T is 2 * length
        length : int, how many tokens there are before they are repeated

        Returns
        -------
        tensor of shape (H,), each score from 0 to 1

        Examples
        --------
        >>> looks_one_back = torch.eye(4)[[0, 0, 1, 2]]
        >>> looks_at_the_first = torch.eye(4)[[0, 0, 0, 0]]
        >>> Solution().induction_score(torch.stack([looks_one_back, looks_at_the_first]), 2)
        tensor([1., 0.])
        """
        raise NotImplementedError
