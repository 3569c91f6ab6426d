import numpy as np


class Solution:
    def forward(self, x, w, b, activation):
        raise NotImplementedError
