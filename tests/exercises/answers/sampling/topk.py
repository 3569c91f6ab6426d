import torch


class Solution:
    def sample(self, logits, temperature, top_k):
        if temperature == 0:
            return int(torch.argmax(logits))
        logits = logits / temperature
        if top_k is not None:
            smallest = torch.topk(logits, min(top_k, len(logits))).values[-1]
            logits = torch.where(logits < smallest, torch.tensor(float("-inf")), logits)
        return torch.multinomial(torch.softmax(logits, dim=-1), num_samples=1).item()
