import numpy as np


def batch_loader(raw_dataset, context_length, batch_size):
    words = np.array(raw_dataset.split())
    starts = np.random.randint(0, len(words) - context_length, batch_size)
    windows = np.lib.stride_tricks.sliding_window_view(words, context_length)
    return windows[starts].tolist(), windows[starts + 1].tolist()
