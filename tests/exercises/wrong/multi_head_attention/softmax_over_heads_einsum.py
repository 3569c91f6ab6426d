# Named: softmax over the heads, of scores hidden by a large number
import torch
from torch import nn

class MultiHeadedSelfAttention(nn.Module):
    def __init__(self, embedding_dim, attention_dim, num_heads):
        super().__init__()
        self.num_heads = num_heads
        self.head_dim = attention_dim // num_heads
        self.q_proj = nn.Linear(embedding_dim, attention_dim, bias=False)
        self.k_proj = nn.Linear(embedding_dim, attention_dim, bias=False)
        self.v_proj = nn.Linear(embedding_dim, attention_dim, bias=False)
        self.out_proj = nn.Linear(attention_dim, attention_dim, bias=False)

    def forward(self, embedded):
        B, T, _ = embedded.shape
        q = self.q_proj(embedded).view(B, T, self.num_heads, self.head_dim).permute(0, 2, 1, 3)
        k = self.k_proj(embedded).view(B, T, self.num_heads, self.head_dim).permute(0, 2, 1, 3)
        v = self.v_proj(embedded).view(B, T, self.num_heads, self.head_dim).permute(0, 2, 1, 3)
        scores = torch.einsum("bhqd,bhkd->bhqk", q, k) / self.head_dim ** 0.5
        scores = scores.masked_fill(torch.tril(torch.ones(T, T)) == 0, -1e9)
        attn = torch.softmax(scores, dim=1)
        out = (attn @ v).permute(0, 2, 1, 3).reshape(B, T, -1)
        return self.out_proj(out)
