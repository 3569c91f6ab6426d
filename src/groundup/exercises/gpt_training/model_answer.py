import torch
from torch.nn import functional


class Solution:
    def train(self, model, data, epochs, context_length, batch_size, lr):
        optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
        model.train()
        for _ in range(epochs):
            starts = torch.randint(len(data) - context_length, (batch_size, 1))
            positions = starts + torch.arange(context_length)
            inputs, targets = data[positions], data[positions + 1]
            logits = model(inputs)
            # Every position of every window is one example: (B, T, V) → (B * T, V).
            loss = functional.cross_entropy(logits.flatten(end_dim=1), targets.flatten())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return loss.item()
