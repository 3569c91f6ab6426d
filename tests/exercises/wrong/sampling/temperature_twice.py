# Named: divided by the temperature twice
import torch


class Solution:
    def sample(self, logits, temperature, top_k):
        if temperature == 0:
            return int(torch.argmax(logits))
        z = logits / temperature
        if top_k is not None:
            v, i = torch.topk(z, min(top_k, len(z)))
            m = torch.full_like(z, float("-inf"))
            m[i] = v
            z = m
        p = torch.softmax(z / temperature, dim=-1)
        return int(torch.multinomial(p, 1))
