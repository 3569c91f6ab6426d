import torch


class Solution:
    def lookup(self, embeddings, token_ids):
        return torch.round(embeddings[token_ids], decimals=5)
