import torch


class Solution:
    def sample(self, logits, temperature, top_k):
        if temperature == 0:
            return logits.argmax().item()
        count = len(logits) if top_k is None else min(top_k, len(logits))
        # The largest logits, and the numbers of their tokens.
        logits, tokens = logits.topk(count)
        probabilities = torch.softmax(logits / temperature, dim=0)
        return tokens[torch.multinomial(probabilities, num_samples=1)].item()
