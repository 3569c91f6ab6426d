# Named: the last map applied twice
import torch
from torch import nn

class MultiHeadedSelfAttention(nn.Module):
    def __init__(self, embedding_dim, attention_dim, num_heads):
        super().__init__()
        self.H = num_heads
        self.query = nn.Linear(embedding_dim, attention_dim, bias=False)
        self.key = nn.Linear(embedding_dim, attention_dim, bias=False)
        self.value = nn.Linear(embedding_dim, attention_dim, bias=False)
        self.output = nn.Linear(attention_dim, attention_dim, bias=False)

    def attend(self, x):
        B, T, _ = x.shape
        q, k, v = (f(x).view(B, T, self.H, -1).transpose(1, 2) for f in (self.query, self.key, self.value))
        s = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
        s = s.masked_fill(torch.tril(torch.ones(T, T)) == 0, float("-inf"))
        return self.output((torch.softmax(s, -1) @ v).transpose(1, 2).reshape(B, T, -1))

    def forward(self, embedded):
        result = self.attend(embedded)
        return self.output(result)
