class Solution:
    def build_vocab(self, sentences):
        words = {word for sentence in sentences for word in sentence.split()}
        return {word: number for number, word in enumerate(sorted(words), start=1)}

    def encode(self, sentence, vocab):
        return [vocab.get(word, len(vocab) + 1) for word in sentence.split()]

    def encode_all(self, sentences, vocab):
        rows = [self.encode(sentence, vocab) for sentence in sentences]
        longest = max(len(row) for row in rows)
        return [row + [0] * (longest - len(row)) for row in rows]
