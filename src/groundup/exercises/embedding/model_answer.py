class Solution:
    def lookup(self, embeddings, token_ids):
        return embeddings[token_ids]
