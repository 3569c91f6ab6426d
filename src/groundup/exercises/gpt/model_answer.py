import torch
from torch import nn


class MultiHeadedSelfAttention(nn.Module):
    def __init__(self, embedding_dim, attention_dim, num_heads):
        super().__init__()
        self.num_heads = num_heads
        self.key = nn.Linear(embedding_dim, attention_dim, bias=False)
        self.query = nn.Linear(embedding_dim, attention_dim, bias=False)
        self.value = nn.Linear(embedding_dim, attention_dim, bias=False)
        self.output = nn.Linear(attention_dim, attention_dim, bias=False)

    def forward(self, embedded):
        q = self.split(self.query(embedded))
        k = self.split(self.key(embedded))
        v = self.split(self.value(embedded))
        scores = q @ k.transpose(-2, -1) / k.shape[-1] ** 0.5
        future = torch.ones_like(scores, dtype=torch.bool).triu(diagonal=1)
        weights = torch.softmax(scores.masked_fill(future, float("-inf")), dim=-1)
        return self.output((weights @ v).transpose(1, 2).flatten(start_dim=2))

    def split(self, vectors):
        # (B, T, H * h) → (B, H, T, h)
        return vectors.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)


class TransformerBlock(nn.Module):
    def __init__(self, model_dim, num_heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(model_dim)
        self.attention = MultiHeadedSelfAttention(model_dim, model_dim, num_heads)
        self.norm2 = nn.LayerNorm(model_dim)
        self.feed_forward = nn.Sequential(
            nn.Linear(model_dim, 4 * model_dim),
            nn.ReLU(),
            nn.Linear(4 * model_dim, model_dim),
            nn.Dropout(0.2),
        )

    def forward(self, embedded):
        x = embedded + self.attention(self.norm1(embedded))
        return x + self.feed_forward(self.norm2(x))


class GPT(nn.Module):
    def __init__(self, vocab_size, context_length, model_dim, num_blocks, num_heads):
        super().__init__()
        self.token_embedding = nn.Embedding(vocab_size, model_dim)
        self.position_embedding = nn.Embedding(context_length, model_dim)
        blocks = [TransformerBlock(model_dim, num_heads) for _ in range(num_blocks)]
        self.blocks = nn.Sequential(*blocks)
        self.norm = nn.LayerNorm(model_dim)
        self.output = nn.Linear(model_dim, vocab_size)

    def forward(self, context):
        positions = torch.arange(context.shape[1], device=context.device)
        x = self.token_embedding(context) + self.position_embedding(positions)
        return self.output(self.norm(self.blocks(x)))
