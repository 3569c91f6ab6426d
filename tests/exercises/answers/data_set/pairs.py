import random


def batch_loader(raw_dataset, context_length, batch_size):
    words = raw_dataset.split()
    pairs = list(zip(words, words[1:]))
    windows = []
    for _ in range(batch_size):
        start = random.randint(0, len(pairs) - context_length)
        windows.append(pairs[start : start + context_length])
    return [[a for a, _ in window] for window in windows], [[b for _, b in window] for window in windows]
