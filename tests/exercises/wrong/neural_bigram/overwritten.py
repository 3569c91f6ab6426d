# Named: uphill
import numpy as np


def loss(table, tokens):
    rows = table[tokens[:-1]]
    logs = rows - np.logaddexp.reduce(rows, axis=1, keepdims=True)
    return -np.mean(logs[np.arange(len(rows)), tokens[1:]])


def gradient(table, tokens):
    result = np.zeros_like(table)
    for a, b in zip(tokens[:-1], tokens[1:]):
        result[a] += np.exp(table[a] - np.logaddexp.reduce(table[a]))
        result[a, b] -= 1
    return result / (len(tokens) - 1)


def train(tokens, vocab_size, steps, learning_rate):
    table = np.zeros((vocab_size, vocab_size))
    for _ in range(steps):
        table += learning_rate * gradient(table, tokens)
    return table
