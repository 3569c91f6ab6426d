import torch


class Solution:
    def angles(self, positions, width, base):
        """Return how far each pair of channels turns at each position.

        Parameters
        ----------
        positions : tensor of int, shape (T,)
        width : int, the width d of a head, an even number
        base : float, the speeds fall from 1 to nearly 1 / base

        Returns
        -------
        tensor of shape (T, d / 2), in radians

        Examples
        --------
        >>> found = Solution().angles(torch.tensor([0, 1]), 4, 10000.0)
        >>> [[round(float(angle), 4) for angle in row] for row in found]
        [[0.0, 0.0], [1.0, 0.01]]
        """
        raise NotImplementedError

    def rotate(self, z, angles):
        """Rotate the pairs of channels (i, i + d/2) of each vector.

        Parameters
        ----------
        z : tensor of shape (T, d), (B, T, d) or (B, H, T, d), queries or keys
        angles : tensor of shape (T, d / 2), those of each token

        Returns
        -------
        tensor of the shape of z

        Examples
        --------
        >>> turned = Solution().rotate(torch.tensor([[3.0, 4.0]]), torch.tensor([[torch.pi / 2]]))
        >>> [round(float(number), 4) for number in turned[0]]
        [-4.0, 3.0]
        """
        raise NotImplementedError
