class Solution:
    def build_vocab(self, text):
        """Number the different characters of a text in their order.

        Parameters
        ----------
        text : str

        Returns
        -------
        tuple of two dict: from character to number, and from number to character

        Examples
        --------
        >>> Solution().build_vocab("hello")
        ({'e': 0, 'h': 1, 'l': 2, 'o': 3}, {0: 'e', 1: 'h', 2: 'l', 3: 'o'})
        """
        raise NotImplementedError

    def encode(self, text, stoi):
        """Return the number of every character.

        Parameters
        ----------
        text : str
        stoi : dict, from character to number

        Returns
        -------
        list of int

        Examples
        --------
        >>> Solution().encode("hello", {"e": 0, "h": 1, "l": 2, "o": 3})
        [1, 0, 2, 2, 3]
        """
        raise NotImplementedError

    def decode(self, ids, itos):
        """Return the text again.

        Parameters
        ----------
        ids : list of int
        itos : dict, from number to character

        Returns
        -------
        str

        Examples
        --------
        >>> Solution().decode([1, 0, 2, 2, 3], {0: "e", 1: "h", 2: "l", 3: "o"})
        'hello'
        """
        raise NotImplementedError
