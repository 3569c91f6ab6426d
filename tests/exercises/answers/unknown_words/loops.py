def build_vocab(sentences):
    words = []
    for sentence in sentences:
        for word in sentence.split():
            if word not in words:
                words.append(word)
    words.sort()
    vocab = {}
    for word in words:
        vocab[word] = len(vocab) + 1
    return vocab


def encode(sentence, vocab):
    numbers = []
    for word in sentence.split():
        if word in vocab:
            numbers.append(vocab[word])
        else:
            numbers.append(len(vocab) + 1)
    return numbers


def encode_all(sentences, vocab):
    rows = [encode(sentence, vocab) for sentence in sentences]
    while any(len(row) < max(map(len, rows)) for row in rows):
        min(rows, key=len).append(0)
    return rows
