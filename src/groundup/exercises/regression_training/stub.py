import numpy as np


class Solution:
    learning_rate = 0.01

    def get_derivative(self, model_prediction, ground_truth, N, X, desired_weight):
        """Return the slope of the mean squared error along one weight.

        Parameters
        ----------
        model_prediction : array of shape (N,)
        ground_truth : array of shape (N,)
        N : int, the number of examples
        X : array of shape (N, d)
        desired_weight : int, the index of the weight, from 0 to d - 1

        Returns
        -------
        float

        Examples
        --------
        >>> X = np.array([[1.0, 2.0, 3.0], [1.0, 1.0, 1.0]])
        >>> slope = Solution().get_derivative(np.array([2.2, 0.9]), np.array([6.0, 3.0]), 2, X, 0)
        >>> round(float(slope), 5)
        -5.9
        """
        raise NotImplementedError

    def train_model(self, X, Y, num_iterations, initial_weights):
        """Return the weights after so many steps of gradient descent.

        Parameters
        ----------
        X : array of shape (N, d)
        Y : array of shape (N,), the truth
        num_iterations : int, the number of steps
        initial_weights : array of shape (d,)

        Returns
        -------
        array of shape (d,), the weights

        Examples
        --------
        >>> X, Y = np.array([[1.0, 2.0, 3.0], [1.0, 1.0, 1.0]]), np.array([6.0, 3.0])
        >>> Solution().train_model(X, Y, 10, np.array([0.2, 0.1, 0.6])).round(5).tolist()
        [0.50678, 0.59057, 1.27435]
        """
        raise NotImplementedError
