# Named: heads summed, brought to the whole width by the last map
import torch
from torch import nn
class Head(nn.Module):
    def __init__(self, d, h):
        super().__init__()
        self.key = nn.Linear(d, h, bias=False)
        self.query = nn.Linear(d, h, bias=False)
        self.value = nn.Linear(d, h, bias=False)
    def forward(self, x):
        q, k, v = self.query(x), self.key(x), self.value(x)
        s = q @ k.transpose(1, 2) / k.shape[-1] ** 0.5
        T = x.shape[1]
        s = s.masked_fill(torch.triu(torch.ones(T, T), 1).bool(), float("-inf"))
        return torch.softmax(s, -1) @ v
class MultiHeadedSelfAttention(nn.Module):
    def __init__(self, embedding_dim, attention_dim, num_heads):
        super().__init__()
        self.heads = nn.ModuleList([Head(embedding_dim, attention_dim // num_heads) for _ in range(num_heads)])
        self.output = nn.Linear(attention_dim // num_heads, attention_dim, bias=False)
    def forward(self, x):
        return self.output(sum(h(x) for h in self.heads))
