import torch


class Solution:
    def policy_loss(self, new, old, reference, advantages, clip, pull):
        ratio = (new - old).exp()
        advantages = advantages[:, None]
        gain = torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages)
        difference = reference - new
        # exp(d) - d - 1 is never negative, and 0 where both models agree.
        distance = difference.exp() - difference - 1
        return -gain.mean() + pull * distance.mean()
