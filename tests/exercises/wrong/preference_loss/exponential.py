# Named: logarithm of a sigmoid that is 0
import torch


def preference_loss(chosen, rejected, reference_chosen, reference_rejected, beta):
    margin = chosen - reference_chosen - rejected + reference_rejected
    return torch.log(1 + torch.exp(-beta * margin)).mean()
