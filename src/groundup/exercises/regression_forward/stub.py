import numpy as np


class Solution:
    def get_model_prediction(self, X, weights):
        """Return the predictions of a linear model.

        Parameters
        ----------
        X : array of shape (N, d), N examples of d features
        weights : array of shape (d,)

        Returns
        -------
        array of shape (N,), the predictions

        Examples
        --------
        >>> X = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
        >>> Solution().get_model_prediction(X, np.array([0.5, -0.5])).tolist()
        [-0.5, -0.5, -0.5]
        """
        raise NotImplementedError

    def get_error(self, model_prediction, ground_truth):
        """Return the mean squared error.

        Parameters
        ----------
        model_prediction : array of shape (N,)
        ground_truth : array of shape (N,)

        Returns
        -------
        float

        Examples
        --------
        >>> error = Solution().get_error(np.array([-0.5, -0.5, -0.5]), np.array([0.0, 1.0, 0.0]))
        >>> round(float(error), 5)
        0.91667
        """
        raise NotImplementedError
