import torch


def answer_targets(tokens, answered):
    inputs = tokens[..., :-1].clone()
    flat, marks = tokens.reshape(-1, tokens.shape[-1]), answered.reshape(-1, tokens.shape[-1])
    rows = []
    for row, own in zip(flat.tolist(), marks.tolist()):
        rows.append([token if mine else -100 for token, mine in zip(row[1:], own[1:])])
    return inputs, torch.tensor(rows, dtype=tokens.dtype).reshape(inputs.shape)


def answer_loss(logits, targets):
    total, count = logits.sum() * 0, 0
    for scores, target in zip(logits.reshape(-1, logits.shape[-1]), targets.reshape(-1)):
        if target != -100:
            total = total + torch.logsumexp(scores, 0) - scores[target]
            count += 1
    return total / max(count, 1)
