import torch


class Solution:
    def dropout(self, x, p, training):
        """Switch nodes off at random in training, and scale up the others.

        Parameters
        ----------
        x : tensor of any shape (…), the values
        p : float, the probability that a node is off, from 0 on and less than 1
        training : bool

        Returns
        -------
        tensor of the shape of x

        Examples
        --------
        >>> Solution().dropout(torch.tensor([1.0, 2.0]), 0.2, False)
        tensor([1., 2.])
        """
        raise NotImplementedError
