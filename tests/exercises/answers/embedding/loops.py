import torch


def look_up(table, words):
    rows = [table[int(word)] for word in words.reshape(-1)]
    return torch.stack(rows).reshape(*words.shape, table.shape[1])
