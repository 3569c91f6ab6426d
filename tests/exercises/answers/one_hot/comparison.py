import torch


def one_hot(ids, vocab_size):
    return (torch.tensor(ids)[:, None] == torch.arange(vocab_size)).float()


def lookup(ids, table):
    return torch.einsum("tv,vd->td", one_hot(ids, len(table)).double(), torch.tensor(table))
