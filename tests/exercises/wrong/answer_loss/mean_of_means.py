# Named: every conversation weighs the same
import torch

def answer_targets(tokens, answered):
    return tokens[..., :-1], tokens[..., 1:].masked_fill(~answered[..., 1:], -100)

def answer_loss(logits, targets):
    m = (targets != -100).float()
    nll = logits.logsumexp(-1) - logits.gather(-1, targets.clamp(min=0).unsqueeze(-1)).squeeze(-1)
    per_text = (nll * m).sum(-1) / m.sum(-1).clamp(min=1)
    return per_text.mean()
