import random

import torch


def train(model, data, epochs, context_length, batch_size, lr):
    places = torch.arange(context_length + 1)
    descent = torch.optim.AdamW(model.parameters(), lr)
    model.train()
    for _ in range(epochs):
        starts = [[random.randrange(len(data) - context_length)] for _ in range(batch_size)]
        windows = data[torch.tensor(starts) + places]
        shares = torch.log_softmax(model(windows[:, :-1]), dim=-1)
        loss = -shares.gather(2, windows[:, 1:, None]).mean()
        loss.backward()
        descent.step()
        descent.zero_grad()
    model.eval()
    return loss
