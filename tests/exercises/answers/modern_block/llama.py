import torch
import torch.nn.functional as F
from torch import nn


def rotate_half(x):
    x1, x2 = x[..., : x.shape[-1] // 2], x[..., x.shape[-1] // 2 :]
    return torch.cat((-x2, x1), dim=-1)


class Attention(nn.Module):
    def __init__(self, dim, n_heads):
        super().__init__()
        self.n_heads = n_heads
        self.wq = nn.Linear(dim, dim, bias=False)
        self.wk = nn.Linear(dim, dim, bias=False)
        self.wv = nn.Linear(dim, dim, bias=False)
        self.wo = nn.Linear(dim, dim, bias=False)
        self.q_norm = nn.RMSNorm(dim // n_heads, eps=1e-6)
        self.k_norm = nn.RMSNorm(dim // n_heads, eps=1e-6)

    def forward(self, x, cos, sin):
        q, k, v = (w(x).unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for w in (self.wq, self.wk, self.wv))
        q, k = self.q_norm(q), self.k_norm(k)
        q, k = q * cos + rotate_half(q) * sin, k * cos + rotate_half(k) * sin
        return self.wo(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))


class FeedForward(nn.Module):
    def __init__(self, dim, hidden_dim):
        super().__init__()
        self.w1 = nn.Linear(dim, hidden_dim, bias=False)
        self.w2 = nn.Linear(hidden_dim, dim, bias=False)
        self.w3 = nn.Linear(dim, hidden_dim, bias=False)

    def forward(self, x):
        return self.w2(F.silu(self.w1(x)) * self.w3(x))


class ModernBlock(nn.Module):
    def __init__(self, model_dim, num_heads, hidden_dim):
        super().__init__()
        self.attention = Attention(model_dim, num_heads)
        self.feed_forward = FeedForward(model_dim, hidden_dim)
        self.attention_norm = nn.RMSNorm(model_dim, eps=1e-6)
        self.ffn_norm = nn.RMSNorm(model_dim, eps=1e-6)

    def forward(self, embedded, cosines, sines):
        embedded = embedded + self.attention(self.attention_norm(embedded), cosines, sines)
        return embedded + self.feed_forward(self.ffn_norm(embedded))
