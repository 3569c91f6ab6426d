import torch


class Solution:
    def pack_examples(self, lengths, room):
        """Return which examples share a row, by best-fit decreasing.

        Parameters
        ----------
        lengths : list of int
            How many positions of a row each example takes.
        room : int
            The positions of a row.

        Returns
        -------
        list of list of int: for each row the places of its examples in lengths

        Raises
        ------
        ValueError
            An example is longer than a row.

        Examples
        --------
        >>> rows = Solution().pack_examples([3, 5, 2, 4], 6)
        >>> sorted(sorted(row) for row in rows)
        [[0], [1], [2, 3]]
        """
        raise NotImplementedError

    def fill_row(self, examples, room):
        """Return a row with examples in it, one after the other.

        Parameters
        ----------
        examples : list of integer tensors of shape (n,)
            Whole examples of at least 2 tokens; the n - 1 inputs of all of them fit into the row.
        room : int
            T, the positions of the row.

        Returns
        -------
        tokens, numbers, targets : integer tensors of shape (T,)
            0, 0 and -100 where the row is empty; numbers from 1.

        Examples
        --------
        >>> examples = [torch.tensor([5, 6, 7]), torch.tensor([8, 9])]
        >>> tokens, numbers, targets = Solution().fill_row(examples, 4)
        >>> tokens.tolist(), numbers.tolist(), targets.tolist()
        ([5, 6, 8, 0], [1, 1, 2, 0], [6, 7, 9, -100])
        """
        raise NotImplementedError

    def separate_examples(self, numbers):
        """Return which keys each query may use.

        Parameters
        ----------
        numbers : integer tensor of shape (..., T)
            The number of the example to which each position belongs.

        Returns
        -------
        bool tensor of shape (..., T, T)

        Examples
        --------
        >>> Solution().separate_examples(torch.tensor([1, 1, 2])).int().tolist()
        [[1, 0, 0], [1, 1, 0], [0, 0, 1]]
        """
        raise NotImplementedError

    def count_positions(self, numbers):
        """Return each token's position in its own example, from 0.

        Parameters
        ----------
        numbers : integer tensor of shape (..., T)

        Returns
        -------
        integer tensor of shape (..., T)

        Examples
        --------
        >>> Solution().count_positions(torch.tensor([1, 1, 2, 2, 2])).tolist()
        [0, 1, 0, 1, 2]
        """
        raise NotImplementedError
