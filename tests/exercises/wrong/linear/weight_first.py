# Named: weight and x exchanged in the product
class Solution:
    def linear(self, x, weight, bias):
        return weight @ x.T + bias
