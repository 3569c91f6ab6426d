# Named: begins with random numbers
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

    def gradient(self, table, tokens):
        grad = np.zeros_like(table, dtype=float)
        N = len(tokens) - 1
        for i in range(N):
            a = tokens[i]
            b = tokens[i + 1]
            e = np.exp(table[a] - np.max(table[a]))
            p = e / np.sum(e)
            p[b] -= 1
            grad[a] += p / N
        return grad

    def train(self, tokens, vocab_size, steps, learning_rate):
        rng = np.random.default_rng(0)
        table = rng.normal(size=(vocab_size, vocab_size))
        for step in range(steps):
            table -= learning_rate * self.gradient(table, tokens)
        return table
