# Named: the larger of the two
import torch


def policy_loss(new, old, reference, advantages, clip, pull):
    ratio = torch.exp(new - old)
    a = advantages[:, None]
    gain = torch.max(ratio * a, ratio.clamp(1 - clip, 1 + clip) * a)
    d = reference - new
    return -gain.mean() + pull * (d.exp() - d - 1).mean()
