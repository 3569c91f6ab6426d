import torch
from torch import nn
from torch.nn import functional


class ModernBlock(nn.Module):
    def __init__(self, model_dim, num_heads, hidden_dim):
        super().__init__()
        self.num_heads = num_heads
        self.norm1, self.norm2 = nn.RMSNorm(model_dim, eps=1e-6), nn.RMSNorm(model_dim, eps=1e-6)
        self.query = nn.Linear(model_dim, model_dim, bias=False)
        self.key = nn.Linear(model_dim, model_dim, bias=False)
        self.value = nn.Linear(model_dim, model_dim, bias=False)
        self.output = nn.Linear(model_dim, model_dim, bias=False)
        self.query_norm = nn.RMSNorm(model_dim // num_heads, eps=1e-6)
        self.key_norm = nn.RMSNorm(model_dim // num_heads, eps=1e-6)
        self.gate = nn.Linear(model_dim, hidden_dim, bias=False)
        self.expand = nn.Linear(model_dim, hidden_dim, bias=False)
        self.contract = nn.Linear(hidden_dim, model_dim, bias=False)

    def forward(self, embedded, cosines, sines):
        B, T, d = embedded.shape

        def split(x):
            return x.view(B, T, self.num_heads, -1).transpose(1, 2)

        def rotate(x):
            first, second = x.chunk(2, dim=-1)
            return x * cosines + torch.cat([-second, first], dim=-1) * sines

        y = self.norm1(embedded)
        q = rotate(self.query_norm(split(self.query(y))))
        k = rotate(self.key_norm(split(self.key(y))))
        found = functional.scaled_dot_product_attention(q, k, split(self.value(y)), is_causal=True)
        x = embedded + self.output(found.transpose(1, 2).reshape(B, T, d))
        y = self.norm2(x)
        return x + self.contract(functional.silu(self.gate(y)) * self.expand(y))
