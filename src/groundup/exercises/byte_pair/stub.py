class Solution:
    def get_merges(self, corpus, num_merges):
        """Learn which symbols are merged: the most frequent pair first.

        Parameters
        ----------
        corpus : str, the text
        num_merges : int, the largest number of merges

        Returns
        -------
        list of [first, second], the merges in their order

        Examples
        --------
        >>> Solution().get_merges("aaabab", 3)
        [['a', 'a'], ['a', 'b'], ['aa', 'ab']]
        """
        raise NotImplementedError
