import numpy as np


class Solution:
    def sgd_step(self, weights, gradient, learning_rate):
        """Return the weights after one step of gradient descent.

        Parameters
        ----------
        weights : array of any shape (…)
        gradient : array of the shape of weights
        learning_rate : float

        Returns
        -------
        array of the shape of weights, the new weights

        Examples
        --------
        >>> Solution().sgd_step(np.array([1.0]), np.array([4.0]), 0.1).round(5).tolist()
        [0.6]
        """
        raise NotImplementedError

    def adam_step(self, weights, gradient, m, v, step, learning_rate):
        """Return the weights after one step of Adam, and its running means.

        Parameters
        ----------
        weights : array of any shape (…)
        gradient : array of the shape of weights
        m : array of the shape of weights, as the last step returned it; zeros at first
        v : array of the shape of weights, likewise
        step : int, the number of the step, from 1 on
        learning_rate : float

        Returns
        -------
        tuple of three arrays of the shape of weights: the new weights, m and v

        Examples
        --------
        >>> zero = np.array([0.0])
        >>> w, gradient = np.array([1.0]), np.array([4.0])
        >>> weights, m, v = Solution().adam_step(w, gradient, zero, zero, 1, 0.1)
        >>> weights.round(5).tolist(), m.round(5).tolist(), v.round(5).tolist()
        ([0.9], [0.4], [0.016])
        """
        raise NotImplementedError
