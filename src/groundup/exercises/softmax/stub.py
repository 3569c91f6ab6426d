import numpy as np


class Solution:
    def softmax(self, z):
        raise NotImplementedError
