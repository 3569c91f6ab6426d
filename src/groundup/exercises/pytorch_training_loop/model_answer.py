import torch


class Solution:
    def train(self, model, loss_function, optimizer, inputs, targets, epochs, batch_size):
        losses = []
        model.train()
        for _ in range(epochs):
            order = torch.randperm(len(inputs))
            for batch in order.split(batch_size):
                optimizer.zero_grad()
                loss = loss_function(model(inputs[batch]), targets[batch])
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
        return losses
