import torch


class Solution:
    def masked_mean(self, vectors, ids):
        """Average the vectors of each sentence over its real words.

        Parameters
        ----------
        vectors : tensor of shape (B, T, d), a vector for each position
        ids : tensor of int, shape (B, T), 0 is padding

        Returns
        -------
        tensor of shape (B, d), zeros for a sentence without words

        Examples
        --------
        >>> vectors = torch.tensor([[[1.0, 2.0], [3.0, 6.0], [9.0, 9.0]]])
        >>> Solution().masked_mean(vectors, torch.tensor([[5, 2, 0]])).tolist()
        [[2.0, 4.0]]
        """
        raise NotImplementedError
