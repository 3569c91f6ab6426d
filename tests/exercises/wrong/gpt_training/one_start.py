# Named: one start for the whole batch
import torch
from torch.nn import functional as F


def train(model, data, epochs, context_length, batch_size, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    model.train()
    for epoch in range(epochs):
        torch.manual_seed(epoch)
        start = torch.randint(len(data) - context_length, (1,)).item()
        x = data[start : start + context_length].repeat(batch_size, 1)
        y = data[start + 1 : start + 1 + context_length].repeat(batch_size, 1)
        loss = F.cross_entropy(model(x).transpose(1, 2), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()
