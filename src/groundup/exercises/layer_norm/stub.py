import numpy as np


class Solution:
    def forward(self, x, gamma, beta):
        """Normalize one example over its features.

        Parameters
        ----------
        x : array of shape (d,), the example
        gamma : array of shape (d,), the scale
        beta : array of shape (d,), the shift

        Returns
        -------
        array of shape (d,)

        Examples
        --------
        >>> x = np.array([1.0, 2.0, 3.0, 4.0])
        >>> Solution().forward(x, np.ones(4), np.zeros(4)).round(5).tolist()
        [-1.34164, -0.44721, 0.44721, 1.34164]
        """
        raise NotImplementedError
