# Named: a token does not see itself, only the first does
import torch
from torch import nn
class SingleHeadAttention(nn.Module):
    def __init__(self, embedding_dim, attention_dim):
        super().__init__()
        self.key = nn.Linear(embedding_dim, attention_dim, bias=False)
        self.query = nn.Linear(embedding_dim, attention_dim, bias=False)
        self.value = nn.Linear(embedding_dim, attention_dim, bias=False)
    def forward(self, x):
        q, k, v = self.query(x), self.key(x), self.value(x)
        s = q @ k.transpose(1, 2) / k.shape[-1] ** 0.5
        T = x.shape[1]
        mask = torch.triu(torch.ones(T, T), diagonal=0).bool()
        mask[0, 0] = False
        return torch.softmax(s.masked_fill(mask, float("-inf")), -1) @ v
