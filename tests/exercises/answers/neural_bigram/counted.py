import numpy as np


def counts_of(tokens, size):
    counts = np.zeros((size, size))
    np.add.at(counts, (tokens[:-1], tokens[1:]), 1)
    return counts


def loss(table, tokens):
    counts = counts_of(tokens, len(table))
    logs = table - np.logaddexp.reduce(table, axis=1, keepdims=True)
    return np.round(-(counts * logs).sum() / counts.sum(), 5)


def gradient(table, tokens):
    counts = counts_of(tokens, len(table))
    chances = np.exp(table - np.logaddexp.reduce(table, axis=1, keepdims=True))
    return (counts.sum(axis=1, keepdims=True) * chances - counts) / counts.sum()


def train(tokens, vocab_size, steps, learning_rate):
    table = np.zeros((vocab_size, vocab_size))
    for _ in range(steps):
        table -= learning_rate * gradient(table, tokens)
    return table
