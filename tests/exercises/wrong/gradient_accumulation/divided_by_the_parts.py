# Named: every part counted alike
import torch


def train_step(model, loss_function, optimizer, inputs, targets, part_size):
    optimizer.zero_grad()
    parts = list(zip(inputs.split(part_size), targets.split(part_size)))
    total = 0.0
    for x, y in parts:
        loss = loss_function(model(x), y) / len(parts)
        loss.backward()
        total += loss.item()
    optimizer.step()
    return total
