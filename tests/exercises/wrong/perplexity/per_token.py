# Named: bits per token
import numpy as np


def perplexity(windows):
    total = 0.0
    count = 0
    for window in windows:
        for loss in window:
            total += loss
            count += 1
    return np.exp(total / count)


def bits_per_character(windows, characters):
    flat = np.concatenate(windows)
    return flat.mean() / np.log(2)
