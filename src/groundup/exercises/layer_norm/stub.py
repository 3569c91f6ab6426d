import numpy as np


class Solution:
    def forward(self, x, gamma, beta):
        raise NotImplementedError
