import numpy as np


class Solution:
    def count_pairs(self, tokens, vocab_size):
        """Count how often each token directly follows each.

        Parameters
        ----------
        tokens : array of int, shape (T,), the numbers of the tokens in order
        vocab_size : int, the number V of different tokens

        Returns
        -------
        array of shape (V, V), the row is the first token and the column the next one

        Examples
        --------
        >>> np.array(Solution().count_pairs(np.array([1, 0, 1, 0, 2, 0]), 3)).astype(int).tolist()
        [[0, 1, 1], [2, 0, 0], [1, 0, 0]]
        """
        raise NotImplementedError

    def probabilities(self, counts, smoothing):
        """Turn counts into the probabilities of the next token.

        Parameters
        ----------
        counts : array of shape (V, V)
        smoothing : float, added to every count, 0 or more

        Returns
        -------
        array of shape (V, V), each row sums to 1

        Examples
        --------
        >>> counts = np.array([[2.0, 0, 0], [0, 0, 0], [0, 1, 1]])
        >>> Solution().probabilities(counts, 1.0).round(4).tolist()
        [[0.6, 0.2, 0.2], [0.3333, 0.3333, 0.3333], [0.2, 0.4, 0.4]]
        """
        raise NotImplementedError
