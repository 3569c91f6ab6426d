import torch


class Solution:
    def create_batches(self, data, context_length, batch_size):
        """Cut random windows out of a text: inputs, and targets one token later.

        Parameters
        ----------
        data : integer tensor of shape (N,), the numbers of the tokens
        context_length : int, the length T of a window, less than N
        batch_size : int, the number B of windows

        Returns
        -------
        tuple of two integer tensors of shape (B, T): inputs and targets

        Examples
        --------
        >>> Solution().create_batches(torch.tensor([5, 6, 7, 8]), 3, 1)
        (tensor([[5, 6, 7]]), tensor([[6, 7, 8]]))
        """
        raise NotImplementedError
