import torch


def preference_loss(chosen, rejected, reference_chosen, reference_rejected, beta):
    total = 0.0
    for place in range(len(chosen)):
        gained = chosen[place] - reference_chosen[place]
        lost = rejected[place] - reference_rejected[place]
        total = total + torch.nn.functional.softplus(-beta * (gained - lost))
    return total / len(chosen)
