# Named: temperature 0 taken for 1
import torch


def sample(logits, temperature, top_k=None):
    if top_k is not None:
        smallest = torch.topk(logits, min(top_k, len(logits))).values[-1]
        logits = logits.masked_fill(logits < smallest, float("-inf"))
    probabilities = torch.softmax(logits / (temperature or 1.0), dim=-1)
    return torch.multinomial(probabilities, 1).item()
