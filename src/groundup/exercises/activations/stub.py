import numpy as np


class Solution:
    def sigmoid(self, z):
        """Return the sigmoid 1 / (1 + e⁻ᶻ) of every number.

        Parameters
        ----------
        z : array of shape (n,), integers or floats

        Returns
        -------
        array of shape (n,), numbers from 0 to 1

        Examples
        --------
        >>> Solution().sigmoid(np.array([0.0, 1.0])).round(5).tolist()
        [0.5, 0.73106]
        """
        raise NotImplementedError

    def relu(self, z):
        """Return every number that is positive, and 0 in the place of the others.

        Parameters
        ----------
        z : array of shape (n,), integers or floats

        Returns
        -------
        array of shape (n,), numbers from 0 on

        Examples
        --------
        >>> Solution().relu(np.array([-1.0, 0.0, 2.0])).tolist()
        [0.0, 0.0, 2.0]
        """
        raise NotImplementedError
