# Named: every unknown word numbered by itself
def build_vocab(sentences):
    return {w: i for i, w in enumerate(sorted({w for s in sentences for w in s.split()}), 1)}


def encode_all(sentences, vocab):
    rows = [encode(s, vocab) for s in sentences]
    width = max(map(len, rows))
    return [row + [0] * (width - len(row)) for row in rows]


def encode(sentence, vocab):
    vocab = dict(vocab)
    for w in sentence.split():
        if w not in vocab:
            vocab[w] = len(vocab) + 1
    return [vocab[w] for w in sentence.split()]
