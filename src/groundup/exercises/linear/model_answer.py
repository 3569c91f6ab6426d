class Solution:
    def linear(self, x, weight, bias):
        return x @ weight.T + bias
