# Named: all queries on the first head, however many there are
import torch
from torch import nn

class GroupedQueryAttention(nn.Module):
    def __init__(self, model_dim, num_heads, num_kv_heads):
        super().__init__()
        self.num_heads, self.num_kv_heads = num_heads, num_kv_heads
        self.head_dim = model_dim // num_heads
        self.query = nn.Linear(model_dim, num_heads * self.head_dim, bias=False)
        self.key = nn.Linear(model_dim, num_kv_heads * self.head_dim, bias=False)
        self.value = nn.Linear(model_dim, num_kv_heads * self.head_dim, bias=False)
        self.output = nn.Linear(model_dim, model_dim, bias=False)

    def forward(self, x):
        T, h = x.shape[1], self.head_dim
        q = self.query(x)
        k = self.key(x)[:, :, :h]
        v = self.value(x)[:, :, :h]
        mask = torch.tril(torch.ones(T, T)) == 0
        outs = []
        for i in range(self.num_heads):
            scores = q[:, :, i * h:(i + 1) * h] @ k.transpose(1, 2) / h ** 0.5
            scores = scores.masked_fill(mask, float("-inf"))
            outs.append(torch.softmax(scores, dim=-1) @ v)
        return self.output(torch.cat(outs, dim=2))
