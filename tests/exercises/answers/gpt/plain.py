import torch
from torch import nn


class Head(nn.Module):
    def __init__(self, d, h):
        super().__init__()
        self.key, self.query, self.value = (nn.Linear(d, h, bias=False) for _ in range(3))

    def forward(self, x):
        T = x.shape[1]
        scores = self.query(x) @ self.key(x).mT / self.key.out_features**0.5
        return (scores + torch.full((T, T), float("-inf")).triu(1)).softmax(-1) @ self.value(x)


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = nn.ModuleList([Head(d, d // heads) for _ in range(heads)])
        self.output_projection = nn.Linear(d, d, bias=False)
        self.norm1, self.norm2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.linear1, self.linear2 = nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def forward(self, x):
        looked = self.norm1(x)
        x = x + self.output_projection(torch.cat([head(looked) for head in self.heads], -1))
        thought = self.linear2(torch.relu(self.linear1(self.norm2(x))))
        return x + nn.functional.dropout(thought, 0.2, self.training)


class GPT(nn.Module):
    def __init__(self, vocab_size, context_length, model_dim, num_blocks, num_heads):
        super().__init__()
        self.wte = nn.Embedding(vocab_size, model_dim)
        self.wpe = nn.Embedding(context_length, model_dim)
        self.blocks = nn.ModuleList([Block(model_dim, num_heads) for _ in range(num_blocks)])
        self.ln_f = nn.LayerNorm(model_dim)
        self.lm_head = nn.Linear(model_dim, vocab_size)

    def forward(self, context):
        x = self.wte(context) + self.wpe.weight[: context.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.lm_head(self.ln_f(x))
