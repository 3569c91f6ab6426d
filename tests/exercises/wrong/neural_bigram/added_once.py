# Named: gradient of the last pair alone
import numpy as np


class Solution:
    def loss(self, table, tokens):
        total = 0.0
        pairs = len(tokens) - 1
        for i in range(pairs):
            row = table[tokens[i]]
            biggest = max(row)
            s = 0.0
            for value in row:
                s += np.exp(value - biggest)
            log_p = row[tokens[i + 1]] - biggest - np.log(s)
            total -= log_p
        return total / pairs

    def train(self, tokens, vocab_size, steps, learning_rate):
        table = np.zeros((vocab_size, vocab_size))
        for _ in range(steps):
            table -= learning_rate * self.gradient(table, tokens)
        return table

    def gradient(self, table, tokens):
        x, y = tokens[:-1], tokens[1:]
        z = table[x] - table[x].max(axis=1, keepdims=True)
        d = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        d[np.arange(len(x)), y] -= 1
        grad = np.zeros(table.shape)
        grad[x] += d / len(x)
        return grad
