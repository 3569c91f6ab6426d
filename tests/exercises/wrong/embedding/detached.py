# Named: no gradient
import torch


def lookup(embeddings, token_ids):
    with torch.no_grad():
        return torch.index_select(embeddings, 0, token_ids.flatten()).reshape(*token_ids.shape, -1)
