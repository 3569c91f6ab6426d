class Solution:
    def get_merges(self, corpus, num_merges):
        raise NotImplementedError
