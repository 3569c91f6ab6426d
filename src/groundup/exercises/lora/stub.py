import torch


class Solution:
    def low_rank_change(self, x, down, up, alpha):
        """Return (α / r) B A x, what a change of low rank adds to a layer's output.

        Parameters
        ----------
        x : tensor of shape (..., features)
        down : tensor of shape (r, features), A
        up : tensor of shape (nodes, r), B
        alpha : float

        Returns
        -------
        tensor of shape (..., nodes)

        Examples
        --------
        >>> down, up = torch.tensor([[3.0, 1.0]]), torch.tensor([[1.0], [0.0]])
        >>> Solution().low_rank_change(torch.tensor([1.0, 2.0]), down, up, 2.0)
        tensor([10.,  0.])
        """
        raise NotImplementedError

    def merge(self, weight, down, up, alpha):
        """Return W + (α / r) B A, the weight that computes the same without the change.

        Parameters
        ----------
        weight : tensor of shape (nodes, features), W; it stays as it is
        down : tensor of shape (r, features), A
        up : tensor of shape (nodes, r), B
        alpha : float

        Returns
        -------
        tensor of shape (nodes, features)

        Examples
        --------
        >>> down, up = torch.tensor([[3.0, 1.0]]), torch.tensor([[1.0], [0.0]])
        >>> Solution().merge(torch.eye(2), down, up, 2.0)
        tensor([[7., 2.],
                [0., 1.]])
        """
        raise NotImplementedError
