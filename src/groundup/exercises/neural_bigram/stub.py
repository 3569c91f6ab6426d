import numpy as np


class Solution:
    def loss(self, table, tokens):
        """Return the mean of -log p over all pairs of a text.

        Parameters
        ----------
        table : array of shape (V, V), row i holds the logits of what follows token i
        tokens : array of int, shape (T,), at least two

        Returns
        -------
        float, in nats

        Examples
        --------
        >>> round(float(Solution().loss(np.zeros((3, 3)), np.array([1, 0, 1, 0, 2, 0]))), 4)
        1.0986
        """
        raise NotImplementedError

    def gradient(self, table, tokens):
        """Return the gradient of the loss along the table.

        Parameters
        ----------
        table : array of shape (V, V)
        tokens : array of int, shape (T,), at least two

        Returns
        -------
        array of shape (V, V)

        Examples
        --------
        >>> found = Solution().gradient(np.zeros((3, 3)), np.array([1, 0, 1, 0, 2, 0]))
        >>> np.round(found[1], 4).tolist()
        [-0.2667, 0.1333, 0.1333]
        """
        raise NotImplementedError

    def train(self, tokens, vocab_size, steps, learning_rate):
        """Return the table after gradient descent from zeros.

        Parameters
        ----------
        tokens : array of int, shape (T,), at least two
        vocab_size : int, the number V of different tokens
        steps : int, 0 or more
        learning_rate : float

        Returns
        -------
        array of shape (V, V)

        Examples
        --------
        >>> found = Solution().train(np.array([1, 0, 1, 0, 2, 0]), 3, 1, 1.0)
        >>> np.round(found[1], 4).tolist()
        [0.2667, -0.1333, -0.1333]
        """
        raise NotImplementedError
