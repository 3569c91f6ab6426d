import numpy as np


class Solution:
    def train(self, X, y, epochs, lr):
        """Train a linear model with a bias by gradient descent, from zeros on.

        Parameters
        ----------
        X : array of shape (N, d), N examples of d features
        y : array of shape (N,), the truth
        epochs : int, the number of steps
        lr : float, the learning rate

        Returns
        -------
        tuple: the weights, array of shape (d,), and the bias, float

        Examples
        --------
        >>> X, y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([5.0, 11.0])
        >>> weights, bias = Solution().train(X, y, 1, 0.01)
        >>> weights.round(5).tolist(), round(float(bias), 5)
        ([0.38, 0.54], 0.16)
        """
        raise NotImplementedError
