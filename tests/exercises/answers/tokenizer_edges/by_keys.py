class Solution:
    def cut(self, text, vocab):
        for end in range(len(text), 0, -1):
            if text[:end] in vocab.keys():
                return [text[:end], *self.cut(text[end:], vocab)]
        return [text[0], *self.cut(text[1:], vocab)] if text else []

    def tokenize_numbers(self, numbers, vocab):
        return list(map(lambda number: self.cut(str(number), vocab), numbers))

    def count_tokens(self, text, vocab):
        return len(self.cut(text, vocab))

    def fertility_score(self, text, vocab):
        number_of_words = len(text.split())
        return 0.0 if number_of_words == 0 else round(self.count_tokens(text, vocab) / number_of_words, 4)
