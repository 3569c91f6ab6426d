import math


def sgd_step(weights, gradient, learning_rate):
    weights -= learning_rate * gradient
    return weights


def adam_step(weights, gradient, m, v, step, learning_rate):
    m += (gradient - m) * 0.1
    v += (gradient * gradient - v) * (1 - 0.999)
    rate = learning_rate / (1 - math.pow(0.9, step))
    weights -= rate * m / ((v / (1 - math.pow(0.999, step))) ** 0.5 + 1e-8)
    return weights, m, v
