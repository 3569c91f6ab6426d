import torch


class Solution:
    def choose_experts(self, scores, used):
        ordered, places = scores.sort(dim=-1, descending=True, stable=True)
        return ordered[:, :used].softmax(dim=-1), places[:, :used]

    def mix_experts(self, x, weights, chosen, experts):
        mixed = torch.zeros_like(x)
        for number, expert in enumerate(experts):
            token, choice = torch.where(chosen == number)
            if len(token) > 0:
                result = weights[token, choice][:, None] * expert(x[token])
                mixed = mixed.index_add(0, token, result)
        return mixed

    def balance_loss(self, scores, chosen):
        experts = scores.shape[-1]
        shares = torch.bincount(chosen.flatten(), minlength=experts) / chosen.numel()
        probabilities = scores.softmax(dim=-1).mean(dim=0)
        return experts * (shares * probabilities).sum()
