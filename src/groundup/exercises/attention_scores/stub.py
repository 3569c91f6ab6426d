import numpy as np


class Solution:
    def attention_weights(self, queries, keys):
        """Return how much each key counts for each query.

        Parameters
        ----------
        queries : array of shape (T, d)
        keys : array of shape (S, d)

        Returns
        -------
        array of shape (T, S), every row adds up to 1

        Examples
        --------
        >>> queries, keys = np.array([[1.0, 0, 1, 0]]), np.array([[2.0, 1, 0, 3], [0, 1, 0, 2]])
        >>> Solution().attention_weights(queries, keys).round(4).tolist()
        [[0.7311, 0.2689]]
        """
        raise NotImplementedError

    def attend(self, queries, keys, values):
        """Return each query's weighted average of the values.

        Parameters
        ----------
        queries : array of shape (T, d)
        keys : array of shape (S, d)
        values : array of shape (S, v)

        Returns
        -------
        array of shape (T, v)

        Examples
        --------
        >>> queries, keys = np.array([[1.0, 0, 1, 0]]), np.array([[2.0, 1, 0, 3], [0, 1, 0, 2]])
        >>> Solution().attend(queries, keys, np.array([[10.0, 0], [0, 10]])).round(3).tolist()
        [[7.311, 2.689]]
        """
        raise NotImplementedError
