import torch


class Solution:
    def generate(self, model, new_chars, context, context_length, int_to_char):
        """Continue a text, character by character.

        Parameters
        ----------
        model : nn.Module, from token numbers of shape (1, T) to logits of shape (1, T, V)
        new_chars : int, how many characters to generate
        context : integer tensor of shape (1, n), the text so far
        context_length : int, how many tokens the model may be given at once
        int_to_char : dict, from token number to character

        Returns
        -------
        str, the new characters

        Examples
        --------
        >>> table = torch.tensor([[0.0, 1000.0], [1000.0, 0.0]])  # after 0 comes 1, and after 1 comes 0
        >>> model = torch.nn.Embedding.from_pretrained(table)
        >>> Solution().generate(model, 3, torch.tensor([[0]]), 2, {0: "a", 1: "b"})
        'bab'
        """
        raise NotImplementedError
