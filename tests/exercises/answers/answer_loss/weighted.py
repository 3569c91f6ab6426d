import torch


class Solution:
    def answer_targets(self, tokens, answered):
        following = tokens[..., 1:].clone()
        following[~answered[..., 1:]] = -100
        return tokens[..., :-1], following

    def answer_loss(self, logits, targets):
        weights = (targets != -100).to(logits.dtype)
        chosen = logits.gather(-1, targets.clamp(min=0).unsqueeze(-1)).squeeze(-1)
        losses = torch.logsumexp(logits, dim=-1) - chosen
        return (losses * weights).sum() / weights.sum().clamp(min=1)
