class Solution:
    def forward(self, x, gamma, beta):
        raise NotImplementedError
