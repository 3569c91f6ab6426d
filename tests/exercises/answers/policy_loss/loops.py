import torch


def policy_loss(new, old, reference, advantages, clip, pull):
    total = 0.0
    for row in range(new.shape[0]):
        for place in range(new.shape[1]):
            ratio = torch.exp(new[row, place] - old[row, place])
            clipped = torch.clamp(ratio, 1 - clip, 1 + clip)
            gain = torch.min(ratio * advantages[row], clipped * advantages[row])
            d = reference[row, place] - new[row, place]
            total = total - gain + pull * (torch.exp(d) - d - 1)
    return total / new.numel()
