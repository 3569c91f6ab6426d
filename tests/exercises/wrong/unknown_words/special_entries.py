# Named: padding and unknown word, both in the dictionary
def encode(sentence, vocab):
    unknown = len(vocab) + 1
    result = []
    for word in sentence.split():
        if word in vocab:
            result.append(vocab[word])
        else:
            result.append(unknown)
    return result


def encode_all(sentences, vocab):
    encoded = []
    longest = 0
    for s in sentences:
        ids = encode(s, vocab)
        encoded.append(ids)
        if len(ids) > longest:
            longest = len(ids)
    for ids in encoded:
        while len(ids) < longest:
            ids.append(0)
    return encoded


def build_vocab(sentences):
    vocab = {"<pad>": 0}
    for w in sorted({w for s in sentences for w in s.split()}):
        vocab[w] = len(vocab)
    vocab["<unk>"] = len(vocab)
    return vocab
