import torch
from torch import nn
from torch.nn import functional as F


class Attention(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(d, 3 * d, bias=False)
        self.proj = nn.Linear(d, d, bias=False)

    def forward(self, x):
        q, k, v = (p.unflatten(-1, (self.heads, -1)).transpose(1, 2) for p in self.qkv(x).chunk(3, -1))
        return self.proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))


class TransformerBlock(nn.Module):
    def __init__(self, model_dim, num_heads):
        super().__init__()
        self.ln_1 = nn.LayerNorm(model_dim)
        self.attn = Attention(model_dim, num_heads)
        self.ln_2 = nn.LayerNorm(model_dim)
        self.mlp = nn.Sequential(
            nn.Linear(model_dim, 4 * model_dim), nn.ReLU(), nn.Linear(4 * model_dim, model_dim), nn.Dropout(0.2)
        )

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class GPT(nn.Module):
    def __init__(self, vocab_size, context_length, model_dim, num_blocks, num_heads):
        super().__init__()
        self.tok_emb = nn.Embedding(vocab_size, model_dim)
        self.pos_emb = nn.Embedding(context_length, model_dim)
        self.layers = nn.Sequential(*(TransformerBlock(model_dim, num_heads) for _ in range(num_blocks)))
        self.head = nn.Sequential(nn.LayerNorm(model_dim), nn.Linear(model_dim, vocab_size))

    def forward(self, context):
        places = torch.arange(context.size(1), device=context.device)
        return self.head(self.layers(self.tok_emb(context) + self.pos_emb(places)))
