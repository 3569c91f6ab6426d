class Solution:
    def tokenize_numbers(self, numbers, vocabulary):
        return [self.tokenize(str(number), vocabulary) for number in numbers]

    def count_tokens(self, text, vocabulary):
        return len(self.tokenize(text, vocabulary))

    def fertility_score(self, text, vocabulary):
        words = text.split()
        return self.count_tokens(text, vocabulary) / len(words) if words else 0.0

    def tokenize(self, text, vocabulary):
        tokens = []
        while text:
            fitting = [token for token in vocabulary if text.startswith(token)]
            token = max(fitting, key=len, default="") or text[0]
            tokens.append(token)
            text = text[len(token) :]
        return tokens
