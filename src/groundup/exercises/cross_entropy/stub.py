import numpy as np


class Solution:
    def binary_cross_entropy(self, y_true, y_pred):
        """Return the mean loss of predictions of two classes.

        Parameters
        ----------
        y_true : array of shape (N,), the truths, 0 or 1
        y_pred : array of shape (N,), the predicted probabilities of 1

        Returns
        -------
        float, the mean loss

        Examples
        --------
        >>> loss = Solution().binary_cross_entropy(np.array([1, 0, 1]), np.array([0.9, 0.1, 0.8]))
        >>> round(float(loss), 4)
        0.1446
        """
        raise NotImplementedError

    def categorical_cross_entropy(self, y_true, y_pred):
        """Return the mean loss of predictions of C classes.

        Parameters
        ----------
        y_true : array of shape (N, C), one 1 per row, in the column of the right class
        y_pred : array of shape (N, C), the predicted probabilities

        Returns
        -------
        float, the mean loss

        Examples
        --------
        >>> loss = Solution().categorical_cross_entropy(np.array([[0, 1]]), np.array([[0.5, 0.5]]))
        >>> round(float(loss), 4)
        0.6931
        """
        raise NotImplementedError
