# Named: math.exp overflows for very negative sums
import math


def neuron(x, w, b, activation):
    total = b + sum(float(one) * float(weight) for one, weight in zip(x, w))
    return 1 / (1 + math.exp(-total)) if activation == "sigmoid" else max(0.0, total)
