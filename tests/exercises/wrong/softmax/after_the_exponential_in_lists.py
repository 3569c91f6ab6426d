# Named: largest score subtracted from the powers
import math
class Solution:
    def softmax(self, z):
        m = max(z)
        e = [math.exp(x) - m for x in z]
        s = sum(e)
        return [x / s for x in e]
