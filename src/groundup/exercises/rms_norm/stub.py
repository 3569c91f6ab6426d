class Solution:
    def rms_norm(self, x, gamma, eps):
        raise NotImplementedError
