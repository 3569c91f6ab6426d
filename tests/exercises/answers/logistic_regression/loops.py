import math


def sigmoid(z):
    if z < 0:
        return math.exp(z) / (1 + math.exp(z))
    return 1 / (1 + math.exp(-z))


def predict_proba(X, w, b):
    return [sigmoid(sum(float(value) * float(weight) for value, weight in zip(row, w)) + b) for row in X]


def log_loss(p, y):
    total = 0.0
    for chance, truth in zip(p, y):
        total -= math.log(chance if truth == 1 else 1 - chance)
    return total / len(y)


def fit(X, y, epochs, lr):
    n, d = len(X), len(X[0])
    w, b = [0.0] * d, 0.0
    for _ in range(epochs):
        errors = [chance - float(truth) for chance, truth in zip(predict_proba(X, w, b), y)]
        w = [w[j] - lr / n * sum(errors[i] * float(X[i][j]) for i in range(n)) for j in range(d)]
        b -= lr / n * sum(errors)
    return w, b
