class Solution:
    def softmax(self, z):
        raise NotImplementedError
