# Named: reference forgotten
from torch.nn import functional


def preference_loss(chosen, rejected, reference_chosen, reference_rejected, beta):
    return -functional.logsigmoid(beta * (chosen - rejected)).mean()
