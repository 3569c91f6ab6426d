import numpy as np


class Solution:
    def forward(self, x, weights, biases):
        raise NotImplementedError
