import numpy as np


class Solution:
    def predict(self, X, w, b):
        """Return the probability of class 1 for each example.

        Parameters
        ----------
        X : array of shape (N, d), N examples of d features
        w : array of shape (d,), the weights
        b : float, the bias

        Returns
        -------
        array of shape (N,), numbers from 0 to 1

        Examples
        --------
        >>> X = np.array([[0.0], [2.0]])
        >>> Solution().predict(X, np.array([1.0]), -1.0).round(4).tolist()
        [0.2689, 0.7311]
        """
        raise NotImplementedError

    def log_loss(self, p, y):
        """Return the mean of −log(probability given to the true class).

        Parameters
        ----------
        p : array of shape (N,), probabilities of class 1
        y : array of shape (N,), the true classes, 0.0 or 1.0

        Returns
        -------
        float

        Examples
        --------
        >>> round(float(Solution().log_loss(np.array([0.25, 0.5]), np.array([0.0, 1.0]))), 4)
        0.4904
        """
        raise NotImplementedError

    def train(self, X, y, epochs, lr):
        """Train weights and bias by gradient descent on the log loss, from zeros on.

        Parameters
        ----------
        X : array of shape (N, d), N examples of d features
        y : array of shape (N,), the true classes, 0.0 or 1.0
        epochs : int, the number of steps
        lr : float, the learning rate

        Returns
        -------
        tuple: the weights, array of shape (d,), and the bias, float

        Examples
        --------
        >>> X, y = np.array([[0.0], [2.0]]), np.array([0.0, 1.0])
        >>> weights, bias = Solution().train(X, y, 1, 0.5)
        >>> weights.tolist(), float(bias)
        ([0.25], 0.0)
        """
        raise NotImplementedError
