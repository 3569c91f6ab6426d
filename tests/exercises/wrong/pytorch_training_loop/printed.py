# Named: nothing returned
import torch


def train(model, loss_function, optimizer, inputs, targets, epochs, batch_size):
    model.train()
    for epoch in range(epochs):
        for batch in torch.randperm(len(inputs)).split(batch_size):
            optimizer.zero_grad()
            loss = loss_function(model(inputs[batch]), targets[batch])
            loss.backward()
            optimizer.step()
        print(epoch, loss.item())
