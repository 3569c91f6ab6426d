from torch.nn import functional


class Solution:
    def preference_loss(self, chosen, rejected, reference_chosen, reference_rejected, beta):
        margin = (chosen - reference_chosen) - (rejected - reference_rejected)
        # logsigmoid does not overflow, where the logarithm of a sigmoid would.
        return -functional.logsigmoid(beta * margin).mean()
