import torch


class Solution:
    def batch_loader(self, raw_dataset, context_length, batch_size):
        """Cut random windows out of a text: inputs, and targets one word later.

        Parameters
        ----------
        raw_dataset : str, a text of N words
        context_length : int, the length T of a window, less than N
        batch_size : int, the number B of windows

        Returns
        -------
        tuple of two lists of B lists of T words: inputs and targets

        Examples
        --------
        >>> Solution().batch_loader("darkness my old friend", 3, 1)
        ([['darkness', 'my', 'old']], [['my', 'old', 'friend']])
        """
        raise NotImplementedError
