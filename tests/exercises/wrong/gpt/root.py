# Named: token embedding times √C
import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.key = nn.Linear(width, width, bias=False)
        self.query = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width, bias=False)

    def forward(self, x):
        q, k, v = (part(x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in (self.query, self.key, self.value))
        scores = q @ k.mT / q.shape[-1] ** 0.5
        hidden = torch.ones(x.shape[1], x.shape[1]).triu(1).bool()
        return (scores.masked_fill(hidden, -torch.inf).softmax(-1) @ v).transpose(1, 2).flatten(2)


class TransformerBlock(nn.Module):
    def __init__(self, model_dim, num_heads):
        super().__init__()
        self.attention = Attention(model_dim, num_heads)
        self.mlp = nn.Sequential(
            nn.Linear(model_dim, 4 * model_dim), nn.ReLU(), nn.Linear(4 * model_dim, model_dim), nn.Dropout(0.2)
        )
        self.norm1 = nn.LayerNorm(model_dim)
        self.norm2 = nn.LayerNorm(model_dim)

    def forward(self, embedded):
        embedded = embedded + self.attention(self.norm1(embedded))
        return embedded + self.mlp(self.norm2(embedded))


class GPT(nn.Module):
    def __init__(self, vocab_size, context_length, model_dim, num_blocks, num_heads):
        super().__init__()
        self.tokens = nn.Embedding(vocab_size, model_dim)
        self.positions = nn.Embedding(context_length, model_dim)
        self.blocks = nn.Sequential(*(TransformerBlock(model_dim, num_heads) for _ in range(num_blocks)))
        self.norm = nn.LayerNorm(model_dim)
        self.output = nn.Linear(model_dim, vocab_size)

    def forward(self, context):
        x = self.tokens(context) * self.tokens.embedding_dim**0.5 + self.positions(torch.arange(context.shape[1]))
        return self.output(self.norm(self.blocks(x)))
