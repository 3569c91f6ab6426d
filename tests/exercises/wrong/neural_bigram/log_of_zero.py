# Named: logarithm of a probability that became 0
import numpy as np


def softmax(table):
    powers = np.exp(table - table.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def loss(table, tokens):
    return -np.log(softmax(table)[tokens[:-1], tokens[1:]]).mean()


def gradient(table, tokens):
    chances, result = softmax(table), np.zeros(table.shape)
    for a, b in zip(tokens[:-1], tokens[1:]):
        result[a] += chances[a]
        result[a, b] -= 1
    return result / (len(tokens) - 1)


def train(tokens, vocab_size, steps, learning_rate):
    table = np.zeros((vocab_size, vocab_size))
    for _ in range(steps):
        table = table - learning_rate * gradient(table, tokens)
    return table
