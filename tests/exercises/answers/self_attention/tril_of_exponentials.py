import torch
from torch import nn

class SingleHeadAttention(nn.Module):
    def __init__(self, embedding_dim, attention_dim):
        super().__init__()
        self.value = nn.Linear(embedding_dim, attention_dim, bias=False)
        self.query = nn.Linear(embedding_dim, attention_dim, bias=False)
        self.key = nn.Linear(embedding_dim, attention_dim, bias=False)

    def forward(self, embedded):
        scores = torch.einsum("bth,bsh->bts", self.query(embedded), self.key(embedded)) / self.key.weight.shape[0] ** 0.5
        big = scores.amax(-1, keepdim=True).detach()
        e = torch.tril(torch.exp(scores - big))
        return torch.einsum("bts,bsh->bth", e, self.value(embedded)) / e.sum(-1, keepdim=True)
