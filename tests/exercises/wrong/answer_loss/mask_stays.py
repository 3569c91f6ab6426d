# Named: mask not moved with the targets
import torch


def answer_targets(tokens, answered):
    return tokens[..., :-1], torch.where(answered[..., :-1], tokens[..., 1:], -100)


def answer_loss(logits, targets):
    counted = targets != -100
    if not counted.any():
        return logits.sum() * 0
    return -torch.log_softmax(logits[counted], dim=-1).gather(-1, targets[counted][:, None]).mean()
