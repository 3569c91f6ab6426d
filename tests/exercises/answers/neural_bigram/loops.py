import math


def softmax_parts(row):
    largest = max(row)
    powers = [math.exp(z - largest) for z in row]
    return largest + math.log(sum(powers)), [power / sum(powers) for power in powers]


def loss(table, tokens):
    total = 0.0
    for a, b in zip(tokens, tokens[1:]):
        total += softmax_parts(table[a])[0] - table[a][b]
    return total / (len(tokens) - 1)


def gradient(table, tokens):
    result = [[0.0] * len(table) for _ in table]
    for a, b in zip(tokens, tokens[1:]):
        for j, p in enumerate(softmax_parts(table[a])[1]):
            result[a][j] += (p - (j == b)) / (len(tokens) - 1)
    return result


def train(tokens, vocab_size, steps, learning_rate):
    table = [[0.0] * vocab_size for _ in range(vocab_size)]
    for _ in range(steps):
        slopes = gradient(table, tokens)
        table = [[z - learning_rate * g for z, g in zip(*rows)] for rows in zip(table, slopes)]
    return table
