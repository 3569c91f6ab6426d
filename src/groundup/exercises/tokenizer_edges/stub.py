class Solution:
    def tokenize_numbers(self, numbers, vocabulary):
        raise NotImplementedError

    def count_tokens(self, text, vocabulary):
        raise NotImplementedError

    def fertility_score(self, text, vocabulary):
        raise NotImplementedError
