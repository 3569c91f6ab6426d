# Named: an unknown word taken for padding
def build_vocab(sentences):
    return {word: i for i, word in enumerate(sorted({w for s in sentences for w in s.split()}), 1)}


def encode(sentence, vocab):
    return [vocab.get(word, 0) for word in sentence.split()]


def encode_all(sentences, vocab):
    rows = [encode(sentence, vocab) for sentence in sentences]
    return [row + [0] * (max(map(len, rows)) - len(row)) for row in rows]
