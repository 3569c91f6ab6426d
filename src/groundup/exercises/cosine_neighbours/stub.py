import numpy as np


class Solution:
    def cosines(self, table, vector):
        """Return the cosine between each row and a vector.

        Parameters
        ----------
        table : array of shape (V, d), a vector per word
        vector : array of shape (d,)

        Returns
        -------
        array of shape (V,), 0 where a vector of zeros is involved

        Examples
        --------
        >>> table = np.array([[3.0, 4.0], [6.0, 8.0], [4.0, -3.0], [1.0, 0.0]])
        >>> np.round(Solution().cosines(table, np.array([3.0, 4.0])), 4).tolist()
        [1.0, 1.0, 0.0, 0.6]
        """
        raise NotImplementedError

    def nearest(self, table, row, count):
        """Return the rows with the largest cosines to one row, without the row itself.

        Parameters
        ----------
        table : array of shape (V, d), a vector per word
        row : int, the number of the row whose neighbors are asked for
        count : int, how many, at least 1

        Returns
        -------
        list of int, the nearest first

        Examples
        --------
        >>> table = np.array([[3.0, 4.0], [6.0, 8.0], [4.0, -3.0], [1.0, 0.0]])
        >>> [int(number) for number in Solution().nearest(table, 0, 2)]
        [1, 3]
        """
        raise NotImplementedError
