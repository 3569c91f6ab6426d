# Named: temperature ignored
import torch


def sample(logits, temperature, top_k):
    if temperature == 0:
        return int(logits.argmax())
    if top_k:
        logits = torch.where(
            logits < torch.topk(logits, min(top_k, len(logits))).values[-1],
            torch.tensor(-torch.inf),
            logits,
        )
    p = logits.softmax(0) / temperature
    return int(torch.multinomial(p, 1))
