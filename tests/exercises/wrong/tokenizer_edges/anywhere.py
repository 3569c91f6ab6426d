# Named: the longest token anywhere first
class Solution:
    def tokenize_numbers(self, numbers, vocabulary):
        return [self.cut(str(n), vocabulary) for n in numbers]

    def count_tokens(self, text, vocabulary):
        return len(self.cut(text, vocabulary))

    def fertility_score(self, text, vocabulary):
        words = text.split()
        return self.count_tokens(text, vocabulary) / len(words) if words else 0.0

    def cut(self, text, vocabulary):
        if not text:
            return []
        best, at = "", -1
        for t in vocabulary:
            k = text.find(t)
            if t and k >= 0 and (len(t) > len(best) or (len(t) == len(best) and k < at)):
                best, at = t, k
        if at < 0:
            return list(text)
        return self.cut(text[:at], vocabulary) + [best] + self.cut(text[at + len(best):], vocabulary)
