# Named: inputs and targets shuffled by two orders
import torch


class Solution:
    def train(self, model, loss_function, optimizer, inputs, targets, epochs, batch_size):
        losses = []
        model.train()
        for _ in range(epochs):
            x = inputs[torch.randperm(len(inputs))]
            y = targets[torch.randperm(len(targets))]
            for start in range(0, len(x), batch_size):
                optimizer.zero_grad()
                loss = loss_function(model(x[start : start + batch_size]), y[start : start + batch_size])
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
        return losses
