import torch


class Solution:
    def sample(self, logits, temperature, top_k):
        """Draw the next token.

        Parameters
        ----------
        logits : tensor of shape (V,)
        temperature : float, from 0 on; 0 takes the most probable token
        top_k : int or None, how many of the most probable tokens can be drawn; None: all

        Returns
        -------
        int or 0-d tensor, from 0 to V - 1

        Examples
        --------
        >>> int(Solution().sample(torch.tensor([0.0, 1.0, 2.0]), 0, None))
        2
        """
        raise NotImplementedError
