# Named: d turned around
import torch


class Solution:
    def policy_loss(self, new, old, reference, advantages, clip, pull):
        ratio = torch.exp(new - old)
        a = advantages[:, None]
        gain = torch.minimum(ratio * a, ratio.clamp(1 - clip, 1 + clip) * a)
        d = new - reference
        return -gain.mean() + pull * (d.exp() - d - 1).mean()
