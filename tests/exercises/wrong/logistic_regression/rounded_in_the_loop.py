# Named: rounded to 4 places inside the loop
import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def predict(X, w, b):
    return sigmoid(X @ w + b)


def log_loss(p, y):
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()


def train(X, y, epochs, lr):
    w = np.zeros(X.shape[1])
    b = 0
    for _ in range(epochs):
        p = sigmoid(X @ w + b)
        w = np.round(w - lr * (X.T @ (p - y) / len(X)), 4)
        b = round(float(b - lr * (p - y).mean()), 4)
    return w, b
