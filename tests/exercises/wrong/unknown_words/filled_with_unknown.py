# Named: filled up with the unknown word
def build_vocab(sentences):
    words = []
    for sentence in sentences:
        for word in sentence.split():
            if word not in words:
                words.append(word)
    words = sorted(words)
    vocab = {}
    number = 1
    for word in words:
        vocab[word] = number
        number += 1
    return vocab


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
    rows = [encode(s, vocab) for s in sentences]
    longest = max(len(r) for r in rows)
    fill = len(vocab) + 1
    return [r + [fill] * (longest - len(r)) for r in rows]
