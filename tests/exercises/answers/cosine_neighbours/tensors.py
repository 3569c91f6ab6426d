import torch


def cosine_similarities(table, vector):
    table, vector = torch.tensor(table, dtype=torch.float64), torch.tensor(vector, dtype=torch.float64)
    lengths = table.norm(dim=1) * vector.norm()
    return torch.nan_to_num(table.mv(vector) / lengths, nan=0.0)


def nearest_neighbors(table, row, count):
    found = cosine_similarities(table, table[row])
    found[row] = -2
    return found.sort(descending=True, stable=True).indices[: len(table) - 1][:count].tolist()
