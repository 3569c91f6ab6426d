# Named: token 0 taken for padding
import torch


class Solution:
    def lookup(self, embeddings, token_ids):
        result = embeddings[token_ids].clone()
        result[token_ids == 0] = 0
        return result
