import numpy as np


class Solution:
    def numerical_gradient(self, f, x, h):
        """Return the gradient of a function by central differences.

        Parameters
        ----------
        f : function, takes an array of shape (d,), returns a number
        x : array of shape (d,), the point
        h : float, how far a coordinate moves to each side

        Returns
        -------
        array of shape (d,), the slope along each coordinate

        Examples
        --------
        >>> x = np.array([1.0, 3.0])
        >>> Solution().numerical_gradient(lambda x: x[0] ** 2 + x[0] * x[1], x, 0.5).tolist()
        [5.0, 1.0]
        """
        raise NotImplementedError

    def relative_difference(self, gradient, numerical):
        """Return how far two gradients are apart, relative to their lengths.

        Parameters
        ----------
        gradient : array of shape (d,), the gradient to test
        numerical : array of shape (d,), that of central differences

        Returns
        -------
        float, from 0 to 1; 0 if both are zero

        Examples
        --------
        >>> gradient, numerical = np.array([5.0, 0.0]), np.array([5.0, 1.0])
        >>> round(float(Solution().relative_difference(gradient, numerical)), 3)
        0.099
        """
        raise NotImplementedError
