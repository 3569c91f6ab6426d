import torch


def sample(logits, temperature, top_k):
    if temperature == 0:
        return logits.argmax()
    order = logits.argsort(descending=True)[:top_k]
    shares = torch.softmax(logits[order] / temperature, 0)
    place = int((shares.cumsum(0) < torch.rand(())).sum())
    return order[min(place, len(order) - 1)]
