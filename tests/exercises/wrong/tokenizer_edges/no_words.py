# Named: a text without words divided by 0
class Solution:
    def cut(self, text, vocabulary):
        tokens = []
        i = 0
        while i < len(text):
            found = text[i]
            for end in range(len(text), i, -1):
                piece = text[i:end]
                if piece in vocabulary:
                    found = piece
                    break
            tokens.append(found)
            i = i + len(found)
        return tokens

    def tokenize_numbers(self, numbers, vocabulary):
        return [self.cut(str(n), vocabulary) for n in numbers]

    def count_tokens(self, text, vocabulary):
        return len(self.cut(text, vocabulary))

    def fertility_score(self, text, vocabulary):
        tokens = self.count_tokens(text, vocabulary)
        words = text.split()
        return tokens / len(words)
