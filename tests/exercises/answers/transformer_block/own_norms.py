import torch
from torch import nn
import torch.nn.functional as F


class Norm(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(d))
        self.shift = nn.Parameter(torch.zeros(d))

    def forward(self, x):
        mean = x.mean(-1, keepdim=True)
        var = ((x - mean) ** 2).mean(-1, keepdim=True)
        return self.scale * (x - mean) / torch.sqrt(var + 1e-5) + self.shift


class TransformerBlock(nn.Module):
    def __init__(self, model_dim, num_heads):
        super().__init__()
        self.h = num_heads
        self.qkv = nn.Linear(model_dim, 3 * model_dim, bias=False)
        self.n1, self.n2 = Norm(model_dim), Norm(model_dim)
        self.a = nn.Linear(model_dim, 4 * model_dim)
        self.b = nn.Linear(4 * model_dim, model_dim)

    def attend(self, x):
        B, T, d = x.shape
        q, k, v = [z.view(B, T, self.h, -1).transpose(1, 2) for z in self.qkv(x).chunk(3, -1)]
        s = q @ k.transpose(-1, -2) / (d // self.h) ** 0.5
        s = s.masked_fill(~torch.ones(T, T, dtype=torch.bool).tril(), float("-inf"))
        return (s.softmax(-1) @ v).transpose(1, 2).reshape(B, T, d)

    def forward(self, embedded):
        x = embedded + self.attend(self.n1(embedded))
        return x + F.dropout(self.b(F.relu(self.a(self.n2(x)))), 0.2, self.training)
