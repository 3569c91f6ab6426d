import torch


def answer_targets(tokens, answered):
    return tokens[..., :-1], tokens[..., 1:].masked_fill(~answered[..., 1:], -100)


def answer_loss(logits, targets):
    counted = targets != -100
    if not counted.any():
        return logits.sum() * 0
    log_shares = torch.log_softmax(logits[counted], dim=-1)
    return -log_shares.gather(-1, targets[counted][:, None]).mean()
