# Named: split at single spaces in encode
class Solution:
    def build_vocab(self, sentences):
        words = set()
        for sentence in sentences:
            words.update(sentence.split())
        return {word: place + 1 for place, word in enumerate(sorted(words))}

    def encode(self, sentence, vocab):
        return [vocab.get(word, len(vocab) + 1) for word in sentence.split(" ")]

    def encode_all(self, sentences, vocab):
        rows = [self.encode(sentence, vocab) for sentence in sentences]
        return [row + [0] * (max(map(len, rows)) - len(row)) for row in rows]
