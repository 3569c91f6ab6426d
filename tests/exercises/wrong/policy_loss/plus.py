# Named: sign forgotten
import torch


def policy_loss(new, old, reference, advantages, clip, pull):
    ratio = torch.exp(new - old)
    a = advantages[:, None]
    gain = torch.minimum(ratio * a, torch.clamp(ratio, 1 - clip, 1 + clip) * a).mean()
    d = reference - new
    return gain + pull * (torch.exp(d) - d - 1).mean()
