# Named: the first character alone compared
class Solution:
    def tokenize_numbers(self, numbers, vocabulary):
        result = []
        for number in numbers:
            digits = str(number)
            result.append(self.cut(digits, vocabulary))
        return result

    def count_tokens(self, text, vocabulary):
        return len(self.cut(text, vocabulary))

    def fertility_score(self, text, vocabulary):
        number_of_words = len(text.split())
        if number_of_words == 0:
            return 0
        number_of_tokens = self.count_tokens(text, vocabulary)
        return round(number_of_tokens / number_of_words, 4)

    def cut(self, text, vocabulary):
        tokens = []
        i = 0
        while i < len(text):
            candidates = [t for t in vocabulary if t and t[0] == text[i]]
            if candidates:
                best = max(candidates, key=len)
            else:
                best = text[i]
            tokens.append(best)
            i += len(best)
        return tokens
