import torch


def train_step(model, loss_function, optimizer, inputs, targets, part_size):
    optimizer.zero_grad()
    losses, counts = [], []
    for rows in torch.arange(len(inputs)).split(part_size):
        loss = loss_function(model(inputs[rows]), targets[rows])
        (loss * len(rows)).backward()
        losses.append(loss.detach())
        counts.append(len(rows))
    for weight in model.parameters():
        weight.grad /= len(inputs)
    optimizer.step()
    return torch.dot(torch.stack(losses), torch.tensor(counts, dtype=losses[0].dtype)) / len(inputs)
