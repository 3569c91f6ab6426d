import torch


class Solution:
    def choose_experts(self, scores, used):
        chosen = torch.argsort(-scores, dim=-1, stable=True)[:, :used]
        return torch.softmax(scores.gather(1, chosen), dim=-1), chosen

    def mix_experts(self, x, weights, chosen, experts):
        # All choices in one list, sorted by expert, so that each expert's tokens stand together.
        order = chosen.flatten().argsort(stable=True)
        tokens = order // chosen.shape[1]
        counts = torch.bincount(chosen.flatten(), minlength=len(experts)).tolist()
        results = [expert(part) for expert, part in zip(experts, x[tokens].split(counts)) if len(part)]
        weighted = torch.cat(results) * weights.flatten()[order].unsqueeze(1)
        return torch.zeros_like(x).index_add(0, tokens, weighted)

    def balance_loss(self, scores, chosen):
        one_hot = torch.nn.functional.one_hot(chosen, scores.shape[1]).float()
        return scores.shape[1] * one_hot.mean(dim=(0, 1)) @ scores.softmax(1).mean(0)
