import numpy as np
import torch


def get_dataset(positive, negative):
    rows = [sentence.split() for sentence in [*positive, *negative]]
    words, numbers = np.unique([word for row in rows for word in row], return_inverse=True)
    table = np.zeros((len(rows), max(len(row) for row in rows)))
    start = 0
    for i, row in enumerate(rows):
        table[i, : len(row)] = numbers[start : start + len(row)] + 1
        start += len(row)
    return torch.tensor(table, dtype=torch.float)
