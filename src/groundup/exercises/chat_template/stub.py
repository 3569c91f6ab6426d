class Solution:
    def render(self, messages, ask=False):
        """Return a conversation as a text.

        Parameters
        ----------
        messages : list of dict
            Each has a "role" ("system", "user" or "assistant") and a "content".
        ask : bool
            Whether the text ends with the mark that asks for an answer.

        Returns
        -------
        str

        Examples
        --------
        >>> Solution().render([{"role": "user", "content": "Hello"}], ask=True)
        '<|user|>Hello<|end|><|assistant|>'
        """
        raise NotImplementedError

    def encode_chat(self, messages, encode, numbers, ask=False):
        """Return a conversation's tokens, and which of them the model is to write itself.

        Parameters
        ----------
        messages : list of dict
            As for render.
        encode : function
            From a typed text to the list of its tokens.
        numbers : dict
            From "<|system|>", "<|user|>", "<|assistant|>" and "<|end|>" to their tokens.
        ask : bool
            As for render.

        Returns
        -------
        tuple of two lists of equal length: the tokens, and True or False for each of them

        Examples
        --------
        >>> numbers = {"<|system|>": 0, "<|user|>": 1, "<|assistant|>": 2, "<|end|>": 3}
        >>> chat = [{"role": "user", "content": "A"}, {"role": "assistant", "content": "B"}]
        >>> encode = lambda text: [ord(letter) for letter in text]
        >>> tokens, answered = Solution().encode_chat(chat, encode, numbers)
        >>> tokens, answered
        ([1, 65, 3, 2, 66, 3], [False, False, False, False, True, True])
        """
        raise NotImplementedError

    def keep_last_turns(self, messages, count_tokens, room):
        """Return what is kept of a conversation: whole turns are left out, the oldest first.

        Parameters
        ----------
        messages : list of dict
            The last message is the one to answer.
        count_tokens : function
            From a list of messages to the number of their tokens.
        room : int
            How many tokens there may be.

        Returns
        -------
        list of dict

        Examples
        --------
        >>> chat = [{"role": role, "content": role} for role in ("user", "assistant", "user")]
        >>> [message["role"] for message in Solution().keep_last_turns(chat, len, 2)]
        ['user']
        """
        raise NotImplementedError
