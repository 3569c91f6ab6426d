import torch


def add_tile(largest, total, result, scores, values):
    for place in range(scores.shape[-1]):
        score = scores[..., place : place + 1]
        new = torch.maximum(largest, score)
        old_factor, weight = torch.exp(largest - new), torch.exp(score - new)
        # Nothing has been read yet, and nothing may be: −∞ minus −∞ is no number.
        old_factor, weight = torch.nan_to_num(old_factor), torch.nan_to_num(weight)
        total = total * old_factor + weight
        result = result * old_factor + weight * values[..., place : place + 1, :]
        largest = new
    return largest, total, result


def tiled_attention(queries, keys, values, tile):
    outputs = []
    for time in range(queries.shape[-2]):
        query = queries[..., time : time + 1, :]
        largest = torch.full_like(query[..., :1], -torch.inf)
        total, result = torch.zeros_like(largest), torch.zeros_like(query)
        for begin in range(0, time + 1, tile):
            end = min(begin + tile, time + 1)
            scores = (query * keys[..., begin:end, :]).sum(-1).unsqueeze(-2) / query.shape[-1] ** 0.5
            largest, total, result = add_tile(largest, total, result, scores, values[..., begin:end, :])
        outputs.append(result / total)
    return torch.cat(outputs, dim=-2)
