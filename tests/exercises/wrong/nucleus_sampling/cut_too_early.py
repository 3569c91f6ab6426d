# Named: nothing kept where the first token reaches p
import torch


def keep_top_p(logits, p):
    values, indices = torch.sort(logits, descending=True)
    sums = torch.cumsum(torch.softmax(values, dim=0), dim=0)
    values[sums > p] = float("-inf")
    result = torch.empty_like(logits)
    result[indices] = values
    return result
