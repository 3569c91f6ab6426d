# Named: gradients never cleared
import torch


def train(model, loss_function, optimizer, inputs, targets, epochs, batch_size):
    losses = []
    model.train()
    for _ in range(epochs):
        for batch in torch.randperm(len(inputs)).split(batch_size):
            loss = loss_function(model(inputs[batch]), targets[batch])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses
