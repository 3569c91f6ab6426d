# Named: the mean of the windows' perplexities
import numpy as np


def bits_per_character(windows, characters):
    total = 0.0
    for window in windows:
        for loss in window:
            total = total + loss
    bits = total / np.log(2)
    return bits / characters


def perplexity(windows):
    each = [float(np.exp(w.mean())) for w in windows if w.size > 0]
    return sum(each) / len(each)
