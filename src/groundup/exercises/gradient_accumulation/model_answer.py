import torch


class Solution:
    def train_step(self, model, loss_function, optimizer, inputs, targets, part_size):
        optimizer.zero_grad()
        total = 0.0
        for x, y in zip(torch.split(inputs, part_size), torch.split(targets, part_size)):
            share = len(x) / len(inputs)
            loss = share * loss_function(model(x), y)
            loss.backward()
            total += loss.item()
        optimizer.step()
        return total
