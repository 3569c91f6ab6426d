import torch


class Solution:
    def keep_top_p(self, logits, p):
        """Keep the fewest most likely tokens whose probabilities sum to at least p.

        Parameters
        ----------
        logits : tensor of shape (V,), one score per token
        p : float, above 0 and at most 1

        Returns
        -------
        tensor of shape (V,), the kept logits as they are, and -inf for all others

        Examples
        --------
        >>> Solution().keep_top_p(torch.tensor([1.0, 0.0, 2.0, -1.0]), 0.7).tolist()
        [1.0, -inf, 2.0, -inf]
        """
        raise NotImplementedError
