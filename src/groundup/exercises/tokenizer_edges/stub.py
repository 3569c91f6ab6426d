class Solution:
    def tokenize_numbers(self, numbers, vocabulary):
        """Cut the digits of every number into tokens, the longest that fits first.

        Parameters
        ----------
        numbers : list of int
        vocabulary : dict, from token to number

        Returns
        -------
        list of lists of str, the tokens of every number

        Examples
        --------
        >>> Solution().tokenize_numbers([1234], {"12": 0, "123": 1, "34": 2})
        [['123', '4']]
        """
        raise NotImplementedError

    def count_tokens(self, text, vocabulary):
        """Return into how many tokens a text is cut.

        Parameters
        ----------
        text : str
        vocabulary : dict, from token to number

        Returns
        -------
        int

        Examples
        --------
        >>> Solution().count_tokens("lower newest", {"lower": 0, "new": 1, "est": 2, " ": 3})
        4
        """
        raise NotImplementedError

    def fertility_score(self, text, vocabulary):
        """Return how many tokens a word takes on average.

        Parameters
        ----------
        text : str
        vocabulary : dict, from token to number

        Returns
        -------
        float, 0 if there is no word

        Examples
        --------
        >>> vocabulary = {"lower": 0, "new": 1, "est": 2, " ": 3}
        >>> float(Solution().fertility_score("lower newest", vocabulary))
        2.0
        """
        raise NotImplementedError
