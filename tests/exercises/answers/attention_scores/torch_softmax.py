import torch


def attention_weights(queries, keys):
    queries, keys = torch.tensor(queries), torch.tensor(keys)
    return torch.softmax(torch.matmul(queries, keys.mT) / keys.size(1) ** 0.5, dim=1)


def attention(queries, keys, values):
    return torch.stack([(row[:, None] * torch.tensor(values)).sum(0) for row in attention_weights(queries, keys)])
