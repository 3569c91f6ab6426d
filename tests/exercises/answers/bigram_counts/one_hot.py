import torch


def count_bigrams(tokens, vocab_size):
    hot = torch.nn.functional.one_hot(torch.tensor(tokens), vocab_size).double()
    return hot[:-1].T @ hot[1:]


def bigram_probabilities(counts, smoothing):
    counts = torch.tensor(counts).double()
    empty = (counts.sum(1, keepdim=True) == 0) & (smoothing == 0)
    return torch.nn.functional.normalize(counts + smoothing + empty, p=1, dim=1)
