import numpy as np


class Solution:
    def sgd_step(self, weights, gradient, learning_rate):
        raise NotImplementedError

    def adam_step(self, weights, gradient, m, v, step, learning_rate):
        raise NotImplementedError
