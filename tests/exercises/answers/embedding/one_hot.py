import torch


def lookup(embeddings, token_ids):
    hot = (token_ids[..., None] == torch.arange(embeddings.shape[0])).to(embeddings.dtype)
    return hot @ embeddings
