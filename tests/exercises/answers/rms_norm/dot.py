import numpy as np


def forward(x, gamma, eps):
    return gamma * x / np.sqrt(np.dot(x, x) / x.size + eps)
