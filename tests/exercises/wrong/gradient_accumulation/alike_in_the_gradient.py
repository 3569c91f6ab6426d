# Named: every part counted alike in the gradient
import torch
class Solution:
    def train_step(self, model, loss_function, optimizer, inputs, targets, part_size):
        optimizer.zero_grad()
        n = len(inputs)
        k = (n + part_size - 1) // part_size
        total = 0.0
        for i in range(0, n, part_size):
            x, y = inputs[i:i+part_size], targets[i:i+part_size]
            loss = loss_function(model(x), y)
            (loss / k).backward()
            total += loss.item() * len(x)
        optimizer.step()
        return total / n
