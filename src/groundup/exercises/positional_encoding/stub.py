import numpy as np


class Solution:
    def get_positional_encoding(self, seq_len, d_model):
        """Return sines and cosines that tell the positions apart.

        Parameters
        ----------
        seq_len : int, the number T of positions
        d_model : int, the width C, an even number

        Returns
        -------
        array of shape (T, C)

        Examples
        --------
        >>> table = Solution().get_positional_encoding(2, 4)
        >>> [[round(float(number), 5) for number in row] for row in table]
        [[0.0, 1.0, 0.0, 1.0], [0.84147, 0.5403, 0.01, 0.99995]]
        """
        raise NotImplementedError
