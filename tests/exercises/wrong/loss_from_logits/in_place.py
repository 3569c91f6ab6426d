# Named: logits changed in place
import torch


class Solution:
    def cross_entropy(self, logits, targets):
        logits -= logits.max(dim=1, keepdim=True).values
        log_sum = torch.log(torch.exp(logits).sum(dim=1))
        return (log_sum - logits[torch.arange(len(targets)), targets]).mean()
