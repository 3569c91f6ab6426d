import torch


def choose_experts(scores, used):
    weights, chosen = [], []
    for row in scores:
        best = sorted(range(len(row)), key=lambda expert: -row[expert].item())[:used]
        exponentials = torch.exp(row[best] - row.max())
        weights.append(exponentials / exponentials.sum())
        chosen.append(best)
    return torch.stack(weights), torch.tensor(chosen)


def mix_experts(x, weights, chosen, experts):
    rows = []
    for token in range(len(x)):
        row = 0
        for weight, number in zip(weights[token], chosen[token].tolist()):
            row = row + weight * experts[number](x[token : token + 1])
        rows.append(row)
    return torch.cat(rows)


def balance_loss(scores, chosen):
    tokens, experts = scores.shape
    loss = 0
    probabilities = torch.softmax(scores, dim=1)
    for expert in range(experts):
        share = (chosen == expert).sum().item() / (tokens * chosen.shape[1])
        loss = loss + share * probabilities[:, expert].mean()
    return experts * loss
