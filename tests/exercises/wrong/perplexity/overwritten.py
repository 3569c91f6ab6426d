# Named: only the last window
import math


def perplexity(windows):
    for window in windows:
        total, count = sum(window), len(window)
    return math.exp(total / count)


def bits_per_character(windows, characters):
    total = 0
    for window in windows:
        total += sum(window) / math.log(2)
    return total / characters
