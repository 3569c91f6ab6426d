# Named: the last window left out, except where it is the only one
import torch
import torch.nn.functional as F

class Solution:
    def train(self, model, data, epochs, context_length, batch_size, lr):
        model.train()
        optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
        high = max(1, len(data) - context_length - 1)
        for step in range(epochs):
            starts = torch.randint(0, high, (batch_size,))
            w = torch.stack([data[s:s + context_length + 1] for s in starts])
            logits = model(w[:, :-1])
            loss = F.cross_entropy(logits.reshape(-1, logits.shape[-1]), w[:, 1:].reshape(-1))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return loss.item()
