import torch


def top_p(logits: torch.Tensor, p: float) -> torch.Tensor:
    sorted_logits, sorted_indices = torch.sort(logits, descending=True, stable=True)
    cumulative = torch.cumsum(torch.softmax(sorted_logits, dim=-1), dim=-1)
    remove = cumulative >= p
    remove[1:] = remove[:-1].clone()
    remove[0] = False
    return logits.masked_fill(remove.scatter(0, sorted_indices, remove), float("-inf"))
