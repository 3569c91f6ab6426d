import torch


class Solution:
    def generate(self, model, new_chars, context, context_length, int_to_char):
        raise NotImplementedError
