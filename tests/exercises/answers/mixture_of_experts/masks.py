import torch
import torch.nn.functional as F


def choose_experts(scores, used):
    remaining = scores.clone()
    chosen = []
    for _ in range(used):
        best = remaining.argmax(dim=1)
        # argmax does not say which of equal ones it takes: the first place of the largest value.
        best = (remaining == remaining.gather(1, best[:, None])).int().cumsum(1).eq(1).int().argmax(dim=1)
        chosen.append(best)
        remaining = remaining.scatter(1, best[:, None], -torch.inf)
    chosen = torch.stack(chosen, dim=1)
    return F.softmax(torch.gather(scores, 1, chosen), dim=1), chosen


def mix_experts(x, weights, chosen, experts):
    total = torch.zeros(x.shape)
    for number in range(len(experts)):
        uses = chosen == number
        tokens = uses.any(dim=1)
        if tokens.any():
            weight = (weights * uses).sum(dim=1, keepdim=True)
            part = torch.zeros(x.shape)
            part[tokens] = experts[number](x[tokens])
            total = total + weight * part
    return total


def balance_loss(scores, chosen):
    count = scores.size(1)
    f = torch.stack([(chosen == expert).float().mean() for expert in range(count)])
    p = scores.softmax(-1).mean(0)
    return count * torch.dot(f, p)
