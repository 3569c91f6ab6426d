# Named: the losses added up
import numpy as np


class Solution:
    def loss(self, table, tokens):
        total = 0.0
        for a, b in zip(tokens, tokens[1:]):
            z = table[a] - max(table[a])
            total -= z[b] - np.log(sum(np.exp(z)))
        return total

    def gradient(self, table, tokens):
        result = np.zeros(table.shape)
        for a, b in zip(tokens, tokens[1:]):
            z = np.exp(table[a] - max(table[a]))
            result[a] += (z / z.sum() - np.eye(len(z))[b]) / (len(tokens) - 1)
        return result

    def train(self, tokens, vocab_size, steps, learning_rate):
        table = np.zeros((vocab_size, vocab_size))
        for _ in range(steps):
            table = table - learning_rate * self.gradient(table, tokens)
        return table
