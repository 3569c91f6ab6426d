import numpy as np


class Solution:
    def one_hot(self, ids, vocab_size):
        """Return a vector per word: 1 at the word's number and 0 elsewhere.

        Parameters
        ----------
        ids : array of int, shape (T,), from 0 to V - 1
        vocab_size : int, the size V of the vocabulary

        Returns
        -------
        array of shape (T, V)

        Examples
        --------
        >>> np.array(Solution().one_hot(np.array([2, 0, 2]), 3)).astype(int).tolist()
        [[0, 0, 1], [1, 0, 0], [0, 0, 1]]
        """
        raise NotImplementedError

    def look_up(self, ids, table):
        """Return the product of the one-hot vectors and a table.

        Parameters
        ----------
        ids : array of int, shape (T,), from 0 to V - 1
        table : array of shape (V, d), a row per word of the vocabulary

        Returns
        -------
        array of shape (T, d)

        Examples
        --------
        >>> table = np.array([[0.25, -1.5], [1.125, 2.0], [3.0, 4.75]])
        >>> np.array(Solution().look_up(np.array([2, 0]), table)).tolist()
        [[3.0, 4.75], [0.25, -1.5]]
        """
        raise NotImplementedError
