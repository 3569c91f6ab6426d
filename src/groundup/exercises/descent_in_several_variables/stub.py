class Solution:
    def minimize(self, gradient, start, learning_rate, iterations):
        raise NotImplementedError
