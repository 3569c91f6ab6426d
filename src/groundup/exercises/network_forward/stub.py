

class Solution:
    def forward(self, x, weights, biases):
        raise NotImplementedError
