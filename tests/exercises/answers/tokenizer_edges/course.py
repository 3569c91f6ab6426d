class Solution:
    def _greedy(self, text, vocab):
        tokens, i = [], 0
        longest = max((len(t) for t in vocab), default=1)
        while i < len(text):
            for length in range(min(longest, len(text) - i), 0, -1):
                if text[i : i + length] in vocab or length == 1:
                    tokens.append(text[i : i + length])
                    i += length
                    break
        return tokens

    def tokenize_numbers(self, numbers, vocab):
        return [self._greedy(str(n), vocab) for n in numbers]

    def count_tokens(self, text, vocab):
        return len(self._greedy(text, vocab))

    def fertility_score(self, text, vocab):
        words = text.split()
        return round(self.count_tokens(text, vocab) / len(words), 4) if words else 0.0
