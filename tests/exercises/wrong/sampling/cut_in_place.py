# Named: the logits cut off in place
import torch


def sample(logits, temperature, top_k):
    if top_k is not None:
        kth = torch.topk(logits, top_k).values[-1]
        logits[logits < kth] = float("-inf")
    if temperature == 0:
        return logits.argmax().item()
    return torch.multinomial((logits / temperature).softmax(-1), 1).item()
