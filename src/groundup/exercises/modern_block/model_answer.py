import torch
from torch import nn
from torch.nn import functional


class ModernBlock(nn.Module):
    def __init__(self, model_dim, num_heads, hidden_dim):
        super().__init__()
        self.num_heads = num_heads
        self.norm1 = nn.RMSNorm(model_dim, eps=1e-6)
        self.query = nn.Linear(model_dim, model_dim, bias=False)
        self.key = nn.Linear(model_dim, model_dim, bias=False)
        self.value = nn.Linear(model_dim, model_dim, bias=False)
        self.query_norm = nn.RMSNorm(model_dim // num_heads, eps=1e-6)
        self.key_norm = nn.RMSNorm(model_dim // num_heads, eps=1e-6)
        self.output = nn.Linear(model_dim, model_dim, bias=False)
        self.norm2 = nn.RMSNorm(model_dim, eps=1e-6)
        self.gate = nn.Linear(model_dim, hidden_dim, bias=False)
        self.expand = nn.Linear(model_dim, hidden_dim, bias=False)
        self.contract = nn.Linear(hidden_dim, model_dim, bias=False)

    def forward(self, embedded, cosines, sines):
        x = embedded + self.attention(self.norm1(embedded), cosines, sines)
        return x + self.feed_forward(self.norm2(x))

    def attention(self, y, cosines, sines):
        q = self.rotate(self.query_norm(self.split(self.query(y))), cosines, sines)
        k = self.rotate(self.key_norm(self.split(self.key(y))), cosines, sines)
        v = self.split(self.value(y))
        heads = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.output(heads.transpose(1, 2).flatten(start_dim=2))

    def split(self, vectors):
        # (B, T, d) → (B, H, T, h)
        return vectors.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)

    def rotate(self, z, cosines, sines):
        first, second = z.chunk(2, dim=-1)
        return z * cosines + torch.cat([-second, first], dim=-1) * sines

    def feed_forward(self, y):
        return self.contract(functional.silu(self.gate(y)) * self.expand(y))
