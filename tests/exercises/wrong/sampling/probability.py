# Named: the probability instead of the token, also at temperature 0
import torch


class Solution:
    def sample(self, logits, temperature, top_k):
        if temperature == 0:
            return torch.softmax(logits, dim=-1).max().item()
        z = logits / temperature
        if top_k is not None:
            z[z < torch.topk(z, top_k).values[-1]] = float("-inf")
        p = torch.softmax(z, dim=-1)
        i = torch.multinomial(p, 1).item()
        return p[i].item()
