class Solution:
    def get_minimizer(self, iterations, learning_rate, init):
        guess = init
        for _ in range(iterations):
            guess -= learning_rate * 2 * guess
        return guess
