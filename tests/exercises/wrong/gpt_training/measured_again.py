# Named: the loss measured again after the last step
import torch
import torch.nn.functional as F


class Solution:
    def train(self, model, data, epochs, context_length, batch_size, lr):
        model.train()
        optimizer = torch.optim.AdamW(model.parameters(), lr)
        for _ in range(epochs):
            starts = torch.randint(0, data.numel() - context_length, (batch_size,))
            x = torch.stack([data[s : s + context_length] for s in starts])
            y = torch.stack([data[s + 1 : s + context_length + 1] for s in starts])
            optimizer.zero_grad()
            F.cross_entropy(model(x).flatten(0, 1), y.flatten()).backward()
            optimizer.step()
        return round(F.cross_entropy(model(x).flatten(0, 1), y.flatten()).item(), 4)
