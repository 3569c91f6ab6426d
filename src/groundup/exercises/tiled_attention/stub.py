import torch


class Solution:
    def add_tile(self, largest, total, result, scores, values):
        """Return the three parts of a running softmax after one more tile.

        Parameters
        ----------
        largest : tensor of shape (T, 1)
            The largest score of each query so far; -inf at first.
        total : tensor of shape (T, 1)
            The sum of the exponentials of score minus largest; 0 at first.
        result : tensor of shape (T, d)
            The sum of the values, each times its exponential; 0 at first.
        scores : tensor of shape (T, S)
            Of the new keys; -inf where a query may not use a key.
        values : tensor of shape (S, d)

        Returns
        -------
        largest, total, result : tensors of the same shapes as those given

        Examples
        --------
        >>> largest, total, result = torch.tensor([[0.0]]), torch.tensor([[1.0]]), torch.tensor([[1.0]])
        >>> scores, values = torch.tensor([[2.0, 1.0]]).log(), torch.tensor([[4.0], [6.0]])
        >>> largest, total, result = Solution().add_tile(largest, total, result, scores, values)
        >>> round(total.item(), 4), round(result.item(), 4)
        (2.0, 7.5)
        """
        raise NotImplementedError

    def tiled_attention(self, queries, keys, values, tile):
        """Return causal attention, computed tile by tile.

        Parameters
        ----------
        queries : tensor of shape (..., T, d)
        keys : tensor of shape (..., T, d)
        values : tensor of shape (..., T, d)
        tile : int
            How many queries and keys are looked at together.

        Returns
        -------
        tensor of shape (..., T, d)

        Examples
        --------
        >>> x = torch.zeros(3, 1)
        >>> values = torch.tensor([[1.0], [3.0], [8.0]])
        >>> [round(row.item(), 4) for row in Solution().tiled_attention(x, x, values, 2)]
        [1.0, 2.0, 4.0]
        """
        raise NotImplementedError
