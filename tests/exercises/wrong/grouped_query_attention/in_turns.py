# Named: heads shared in turns
import torch
from torch import nn


class GroupedQueryAttention(nn.Module):
    def __init__(self, model_dim, num_heads, num_kv_heads):
        super().__init__()
        self.heads, self.shared, self.width = num_heads, num_kv_heads, model_dim // num_heads
        self.q_proj = nn.Linear(model_dim, num_heads * self.width, bias=False)
        self.k_proj = nn.Linear(model_dim, num_kv_heads * self.width, bias=False)
        self.v_proj = nn.Linear(model_dim, num_kv_heads * self.width, bias=False)
        self.output_proj = nn.Linear(num_heads * self.width, model_dim, bias=False)

    def forward(self, x):
        batch, time, width = x.shape
        q = self.q_proj(x).view(batch, time, self.heads, self.width).transpose(1, 2)
        k = self.k_proj(x).view(batch, time, self.shared, self.width).transpose(1, 2)
        v = self.v_proj(x).view(batch, time, self.shared, self.width).transpose(1, 2)
        k, v = (part.repeat(1, self.heads // self.shared, 1, 1) for part in (k, v))
        scores = q @ k.transpose(2, 3) / self.width ** 0.5
        scores = scores.masked_fill(torch.tril(torch.ones(time, time)) == 0, float("-inf"))
        return self.output_proj((scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, time, width))
