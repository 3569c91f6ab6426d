# Named: divided by the number of full parts
import torch
class Solution:
    def train_step(self, model, loss_function, optimizer, inputs, targets, part_size):
        optimizer.zero_grad()
        n = len(inputs)
        parts = max(1, n // part_size)
        total = 0.0
        for i in range(0, n, part_size):
            x, y = inputs[i:i+part_size], targets[i:i+part_size]
            loss = loss_function(model(x), y) / parts
            loss.backward()
            total += loss.item()
        optimizer.step()
        return total
