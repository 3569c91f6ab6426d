# Named: positions from the end of the table
import torch
import torch.nn as nn
from torchtyping import TensorType

class SingleHeadAttention(nn.Module):
    def __init__(self, embedding_dim: int, attention_dim: int):
        super().__init__()
        self.key_gen = nn.Linear(embedding_dim, attention_dim, bias=False)
        self.query_gen = nn.Linear(embedding_dim, attention_dim, bias=False)
        self.value_gen = nn.Linear(embedding_dim, attention_dim, bias=False)

    def forward(self, embedded):
        k = self.key_gen(embedded)
        q = self.query_gen(embedded)
        v = self.value_gen(embedded)
        scores = q @ torch.transpose(k, 1, 2)
        context_length, attention_dim = k.shape[1], k.shape[2]
        scores = scores / (attention_dim ** 0.5)
        mask = torch.tril(torch.ones(context_length, context_length)) == 0
        scores = scores.masked_fill(mask, float('-inf'))
        return nn.functional.softmax(scores, dim=2) @ v


class MultiHeadedSelfAttention(nn.Module):
    def __init__(self, embedding_dim: int, attention_dim: int, num_heads: int):
        super().__init__()
        self.att_heads = nn.ModuleList()
        for i in range(num_heads):
            self.att_heads.append(SingleHeadAttention(embedding_dim, attention_dim // num_heads))

    def forward(self, embedded):
        return torch.cat([head(embedded) for head in self.att_heads], dim=2)


class TransformerBlock(nn.Module):
    def __init__(self, model_dim: int, num_heads: int):
        super().__init__()
        self.attention = MultiHeadedSelfAttention(model_dim, model_dim, num_heads)
        self.linear_network = VanillaNeuralNetwork(model_dim)
        self.first_norm = nn.LayerNorm(model_dim)
        self.second_norm = nn.LayerNorm(model_dim)

    def forward(self, embedded):
        embedded = embedded + self.attention(self.first_norm(embedded))
        embedded = embedded + self.linear_network(self.second_norm(embedded))
        return embedded


class VanillaNeuralNetwork(nn.Module):
    def __init__(self, model_dim: int):
        super().__init__()
        self.up_projection = nn.Linear(model_dim, model_dim * 4)
        self.relu = nn.ReLU()
        self.down_projection = nn.Linear(model_dim * 4, model_dim)
        self.dropout = nn.Dropout(0.2)

    def forward(self, x):
        return self.dropout(self.down_projection(self.relu(self.up_projection(x))))


class GPT(nn.Module):
    def __init__(self, vocab_size: int, context_length: int, model_dim: int, num_blocks: int, num_heads: int):
        super().__init__()
        self.word_embeddings = nn.Embedding(vocab_size, model_dim)
        self.pos_embeddings = nn.Embedding(context_length, model_dim)
        self.transformer_blocks = nn.Sequential(*[TransformerBlock(model_dim, num_heads) for i in range(num_blocks)])
        self.final_norm = nn.LayerNorm(model_dim)
        self.vocab_projection = nn.Linear(model_dim, vocab_size)
        self.context_length = context_length

    def forward(self, context):
        T = context.shape[1]
        positions = torch.arange(self.context_length - T, self.context_length)
        x = self.word_embeddings(context) + self.pos_embeddings(positions)
        return self.vocab_projection(self.final_norm(self.transformer_blocks(x)))
