import math


def perplexity(windows):
    total, count = 0.0, 0
    for window in windows:
        for loss in window:
            total += loss
            count += 1
    return math.exp(total / count)


def bits_per_character(windows, characters):
    return sum(sum(window) for window in windows) / (math.log(2) * characters)
