import numpy as np


class Solution:
    def perplexity(self, windows):
        """Return e to the power of the mean loss per token.

        Parameters
        ----------
        windows : list of arrays of shapes (T1,), (T2,), …, the losses of each window in nats

        Returns
        -------
        float

        Examples
        --------
        >>> windows = [np.log([2.0, 2.0, 4.0]), np.log([4.0])]
        >>> round(float(Solution().perplexity(windows)), 4)
        2.8284
        """
        raise NotImplementedError

    def bits_per_character(self, windows, characters):
        """Return how many bits each character of the text costs.

        Parameters
        ----------
        windows : list of arrays of shapes (T1,), (T2,), …, the losses of each window in nats
        characters : int, the number C of characters in the text

        Returns
        -------
        float

        Examples
        --------
        >>> windows = [np.log([2.0, 2.0, 4.0]), np.log([4.0])]
        >>> round(float(Solution().bits_per_character(windows, 12)), 4)
        0.5
        """
        raise NotImplementedError
