# Named: sigmoid instead of SiLU
import torch
from torch import nn


class Norm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return self.weight * x / (x.pow(2).mean(-1, keepdim=True) + 1e-6).sqrt()


class ModernBlock(nn.Module):
    def __init__(self, d, H, f):
        super().__init__()
        self.h = d // H
        self.ln1, self.ln2 = Norm(d), Norm(d)
        self.q_proj, self.k_proj, self.v_proj, self.o_proj = (nn.Linear(d, d, bias=False) for _ in range(4))
        self.q_norm, self.k_norm = Norm(self.h), Norm(self.h)
        self.gate_proj, self.up_proj = nn.Linear(d, f, bias=False), nn.Linear(d, f, bias=False)
        self.down_proj = nn.Linear(f, d, bias=False)

    def forward(self, x, cosines, sines):
        T, h = x.shape[1], self.h
        y = self.ln1(x)
        q, k, v = self.q_proj(y), self.k_proj(y), self.v_proj(y)
        hidden = torch.full((T, T), float("-inf")).triu(1)
        results = []
        for start in range(0, x.shape[2], h):
            turned = []
            for vectors, norm in ((q, self.q_norm), (k, self.k_norm)):
                vectors = norm(vectors[..., start : start + h])
                other = torch.cat([-vectors[..., h // 2 :], vectors[..., : h // 2]], -1)
                turned.append(vectors * cosines + other * sines)
            weights = (turned[0] @ turned[1].mT / h**0.5 + hidden).softmax(-1)
            results.append(weights @ v[..., start : start + h])
        x = x + self.o_proj(torch.cat(results, -1))
        y = self.ln2(x)
        gate = self.gate_proj(y)
        return x + self.down_proj(torch.sigmoid(gate) * self.up_proj(y))
