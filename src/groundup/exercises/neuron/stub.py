import numpy as np


class Solution:
    def forward(self, x, w, b, activation):
        """Return what a neuron answers: a weighted sum and a bias, then an activation.

        Parameters
        ----------
        x : array of shape (d,), the inputs
        w : array of shape (d,), the weights
        b : float, the bias
        activation : str: "sigmoid" or "relu"

        Returns
        -------
        float

        Examples
        --------
        >>> output = Solution().forward(np.array([1.0, 2.0]), np.array([0.5, -0.5]), 0.1, "sigmoid")
        >>> round(float(output), 5)
        0.40131
        """
        raise NotImplementedError
