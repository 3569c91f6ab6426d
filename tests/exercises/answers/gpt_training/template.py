import torch
import torch.nn as nn
import torch.nn.functional as F


class Solution:
    def train(
        self, model: nn.Module, data: torch.Tensor, epochs: int, context_length: int, batch_size: int, lr: float
    ) -> float:
        optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
        for epoch in range(epochs):
            torch.manual_seed(epoch)
            starts = torch.randint(0, len(data) - context_length, (batch_size,))
            x = torch.stack([data[start : start + context_length] for start in starts])
            y = torch.stack([data[start + 1 : start + 1 + context_length] for start in starts])
            logits = model(x)
            count = logits.shape[0] * logits.shape[1]
            loss = F.cross_entropy(logits.view(count, -1), y.view(count))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return round(loss.item(), 4)
