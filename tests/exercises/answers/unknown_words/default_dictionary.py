from collections import defaultdict

import numpy as np


def build_vocab(sentences):
    vocab = {}
    for word in sorted(set().union(*(sentence.split() for sentence in sentences))):
        vocab.setdefault(word, len(vocab) + 1)
    return vocab


def encode(sentence, vocab):
    numbers = defaultdict(lambda: len(vocab) + 1, vocab)
    return [numbers[word] for word in sentence.split()]


def encode_all(sentences, vocab):
    rows = [encode(sentence, vocab) for sentence in sentences]
    table = np.zeros((len(rows), max(map(len, rows))), dtype=int)
    for place, row in enumerate(rows):
        table[place, : len(row)] = row
    return table
