# Named: temperature between two softmaxes
import torch


def sample(logits, temperature, top_k):
    if temperature == 0:
        return int(logits.argmax())
    p = logits.softmax(0) / temperature
    if top_k:
        p = torch.where(
            p < torch.topk(p, min(top_k, len(p))).values[-1],
            torch.tensor(-torch.inf),
            p,
        )
    return int(torch.multinomial(p.softmax(0), 1))
