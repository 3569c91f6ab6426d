import torch


class Solution:
    def reshape(self, to_reshape):
        """Return the same numbers, row by row, as a table of two columns.

        Parameters
        ----------
        to_reshape : tensor of shape (M, N), with an even number of entries

        Returns
        -------
        tensor of shape (M * N / 2, 2)

        Examples
        --------
        >>> Solution().reshape(torch.tensor([[1.0, 2.0, 3.0, 4.0]])).tolist()
        [[1.0, 2.0], [3.0, 4.0]]
        """
        raise NotImplementedError

    def average(self, to_avg):
        """Return the average of every column.

        Parameters
        ----------
        to_avg : tensor of shape (M, N)

        Returns
        -------
        tensor of shape (N,)

        Examples
        --------
        >>> Solution().average(torch.tensor([[1.0, 2.0, 3.0], [3.0, 4.0, 8.0]])).tolist()
        [2.0, 3.0, 5.5]
        """
        raise NotImplementedError

    def concatenate(self, cat_one, cat_two):
        """Put two tables side by side.

        Parameters
        ----------
        cat_one : tensor of shape (M, N)
        cat_two : tensor of shape (M, K)

        Returns
        -------
        tensor of shape (M, N + K)

        Examples
        --------
        >>> Solution().concatenate(torch.tensor([[1.0, 2.0]]), torch.tensor([[5.0]])).tolist()
        [[1.0, 2.0, 5.0]]
        """
        raise NotImplementedError

    def get_loss(self, prediction, target):
        """Return the mean squared error.

        Parameters
        ----------
        prediction : tensor of shape (N,)
        target : tensor of shape (N,)

        Returns
        -------
        0-d tensor or float

        Examples
        --------
        >>> float(Solution().get_loss(torch.tensor([1.0, 2.0]), torch.tensor([1.5, 2.5])))
        0.25
        """
        raise NotImplementedError
