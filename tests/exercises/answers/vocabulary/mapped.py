import numpy as np


def build_vocab(text):
    characters = sorted(dict.fromkeys(text))
    return dict(zip(characters, range(len(characters)))), dict(enumerate(characters))


def encode(text, stoi):
    return np.array(list(map(stoi.get, text)), dtype=int)


def decode(ids, itos):
    return "".join(map(itos.get, map(int, ids)))
