# Named: beta outside of the logarithm
from torch.nn.functional import logsigmoid


def preference_loss(chosen, rejected, reference_chosen, reference_rejected, beta):
    margin = (chosen - reference_chosen) - (rejected - reference_rejected)
    return beta * -logsigmoid(margin).mean()
