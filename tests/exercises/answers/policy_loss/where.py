import torch


class Solution:
    def policy_loss(self, new, old, reference, advantages, clip, pull):
        ratio = new.exp() / old.exp()
        a = advantages.unsqueeze(1).expand_as(ratio)
        # For a positive advantage the ratio counts up to 1 + clip, for a negative one down to 1 - clip.
        ratio = torch.where(a > 0, ratio.clamp(max=1 + clip), ratio.clamp(min=1 - clip))
        d = reference - new
        return (pull * (torch.expm1(d) - d) - ratio * a).mean()
