# Named: the token itself taken for the next one
import numpy as np


class Solution:
    def log_probabilities(self, table, tokens):
        rows = table[tokens[:-1]]  # (N, V)
        rows = rows - rows.max(axis=1, keepdims=True)
        return rows - np.log(np.exp(rows).sum(axis=1, keepdims=True))

    def loss(self, table, tokens):
        logs = self.log_probabilities(table, tokens)
        return -logs[np.arange(len(logs)), tokens[:-1]].mean()

    def gradient(self, table, tokens):
        pushes = np.exp(self.log_probabilities(table, tokens))
        pushes[np.arange(len(pushes)), tokens[1:]] -= 1
        result = np.zeros(table.shape)
        np.add.at(result, tokens[:-1], pushes / len(pushes))
        return result

    def train(self, tokens, vocab_size, steps, learning_rate):
        table = np.zeros((vocab_size, vocab_size))
        for _ in range(steps):
            table = table - learning_rate * self.gradient(table, tokens)
        return table
