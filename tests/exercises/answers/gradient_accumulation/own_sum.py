import torch


def train_step(model, loss_function, optimizer, inputs, targets, part_size):
    weights = list(model.parameters())
    sums, total, done = [torch.zeros_like(weight) for weight in weights], 0.0, 0
    while done < len(inputs):
        x, y = inputs[done : done + part_size], targets[done : done + part_size]
        optimizer.zero_grad()
        loss = loss_function(model(x), y)
        loss.backward()
        share = len(x) / len(inputs)
        sums = [old + share * weight.grad for old, weight in zip(sums, weights)]
        total += share * loss.item()
        done += len(x)
    for weight, gradient in zip(weights, sums):
        weight.grad = gradient
    optimizer.step()
    return total
