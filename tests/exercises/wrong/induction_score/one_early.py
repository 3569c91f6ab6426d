# Named: the last query of the first half counts
class Solution:
    def induction_score(self, weights, length):
        return weights.diagonal(1 - length, dim1=1, dim2=2).mean(dim=1)
