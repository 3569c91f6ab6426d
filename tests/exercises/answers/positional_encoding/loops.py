import math


def get_positional_encoding(seq_len, d_model):
    return [
        [(math.cos if c % 2 else math.sin)(p / 10000 ** ((c - c % 2) / d_model)) for c in range(d_model)]
        for p in range(seq_len)
    ]
