# Named: the mean of the windows' means
import numpy as np


def perplexity(windows):
    return np.exp(np.mean([window.mean() for window in windows if len(window)]))


def bits_per_character(windows, characters):
    return np.sum([window.sum() for window in windows]) / np.log(2) / characters
