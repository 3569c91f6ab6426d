# Named: logits changed in place
import torch


def keep_top_p(logits, p):
    order = torch.argsort(logits, descending=True, stable=True)
    shares = torch.softmax(logits, dim=0)
    total = 0.0
    for token in order.tolist():
        if total >= p:
            logits[token] = -torch.inf
        total += shares[token].item()
    return logits
