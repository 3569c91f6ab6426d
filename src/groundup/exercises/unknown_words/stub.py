class Solution:
    def build_vocab(self, sentences):
        """Number the different words of all sentences, sorted, from 1.

        Parameters
        ----------
        sentences : list of str

        Returns
        -------
        dict from str to int

        Examples
        --------
        >>> Solution().build_vocab(["the cat sat", "the dog"])
        {'cat': 1, 'dog': 2, 'sat': 3, 'the': 4}
        """
        raise NotImplementedError

    def encode(self, sentence, vocab):
        """Return the number of every word; len(vocab) + 1 where it has none.

        Parameters
        ----------
        sentence : str
        vocab : dict from str to int

        Returns
        -------
        list of int

        Examples
        --------
        >>> Solution().encode("the red cat", {"cat": 1, "dog": 2, "sat": 3, "the": 4})
        [4, 5, 1]
        """
        raise NotImplementedError

    def encode_all(self, sentences, vocab):
        """Return the numbers of several sentences, filled up with 0 on the right.

        Parameters
        ----------
        sentences : list of str, at least one
        vocab : dict from str to int

        Returns
        -------
        list of lists, array or tensor of int, of shape (B, T)

        Examples
        --------
        >>> rows = Solution().encode_all(["the red cat", ""], {"cat": 1, "the": 2})
        >>> [[int(number) for number in row] for row in rows]
        [[2, 3, 1], [0, 0, 0]]
        """
        raise NotImplementedError
