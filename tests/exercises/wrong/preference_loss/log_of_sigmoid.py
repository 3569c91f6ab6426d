# Named: logarithm of a sigmoid that is 0
import torch


class Solution:
    def preference_loss(self, chosen, rejected, reference_chosen, reference_rejected, beta):
        margin = (chosen - reference_chosen) - (rejected - reference_rejected)
        return -torch.log(torch.sigmoid(beta * margin)).mean()
