# Named: texts and positions exchanged, where there are several texts
import torch


def lookup(embeddings, token_ids):
    return torch.stack([embeddings[column] for column in token_ids.t()]) if token_ids.dim() == 2 else embeddings[token_ids]
