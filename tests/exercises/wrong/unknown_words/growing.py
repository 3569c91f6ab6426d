# Named: unknown words added to the vocabulary
class Solution:
    def build_vocab(self, sentences):
        words = sorted({word for sentence in sentences for word in sentence.split()})
        return {word: i + 1 for i, word in enumerate(words)}

    def encode(self, sentence, vocab):
        numbers = []
        for word in sentence.split():
            if word not in vocab:
                vocab[word] = len(vocab) + 1
            numbers.append(vocab[word])
        return numbers

    def encode_all(self, sentences, vocab):
        known = dict(vocab)
        rows = [[known.get(word, len(known) + 1) for word in sentence.split()] for sentence in sentences]
        longest = max(map(len, rows))
        return [row + [0] * (longest - len(row)) for row in rows]
