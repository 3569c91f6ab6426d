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
        B, T, d = q.shape
        rows = []
        for t in range(T):
            last = max(t, 1)
            s = (q[:, t:t+1] @ k[:, :last].transpose(1, 2)) / d ** 0.5
            rows.append(torch.softmax(s, -1) @ v[:, :last])
        return torch.cat(rows, 1)
