# Named: targets are the inputs, under the right mask
import torch

def answer_targets(tokens, answered):
    return tokens[..., :-1], tokens[..., :-1].where(answered[..., 1:], -100)

def answer_loss(logits, targets):
    m = targets != -100
    nll = -logits.log_softmax(-1).gather(-1, targets.where(m, 0)[..., None])[..., 0]
    return nll.where(m, 0).sum() / m.sum().clamp(min=1)
