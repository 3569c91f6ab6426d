# Named: drawn from the logits themselves
import torch


def sample(logits, temperature, top_k):
    if temperature == 0:
        return int(logits.argmax())
    logits = logits / temperature
    if top_k:
        logits = torch.where(
            logits < torch.topk(logits, min(top_k, len(logits))).values[-1],
            torch.tensor(-torch.inf),
            logits,
        )
    return int(torch.multinomial(logits, 1))
