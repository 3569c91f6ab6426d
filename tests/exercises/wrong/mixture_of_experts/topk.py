# Named: equal scores in the order of topk
import torch


class Solution:
    def choose_experts(self, scores, used):
        values, chosen = torch.topk(scores, used, dim=-1)
        return values.softmax(-1), chosen

    def mix_experts(self, x, weights, chosen, experts):
        out = torch.zeros_like(x)
        for number, expert in enumerate(experts):
            token, place = (chosen == number).nonzero(as_tuple=True)
            if len(token):
                out = out.index_add(0, token, weights[token, place][:, None] * expert(x[token]))
        return out

    def balance_loss(self, scores, chosen):
        count = scores.shape[1]
        shares = torch.bincount(chosen.flatten(), minlength=count) / chosen.numel()
        return count * (shares * scores.softmax(-1).mean(0)).sum()
