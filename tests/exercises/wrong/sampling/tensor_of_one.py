# Named: a tensor with a dimension, also at temperature 0
import torch


def sample(logits, temperature, top_k):
    if temperature == 0:
        return logits.argmax(dim=-1, keepdim=True)
    z = logits / temperature
    if top_k is not None:
        z = z.masked_fill(z < z.topk(top_k).values[-1], -torch.inf)
    return torch.multinomial(torch.softmax(z, -1), 1)
