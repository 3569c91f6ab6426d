# Named: the last part left out
import torch
class Solution:
    def train_step(self, model, loss_function, optimizer, inputs, targets, part_size):
        optimizer.zero_grad()
        n = len(inputs)
        total = 0.0
        for start in range(0, n - part_size, part_size):
            x, y = inputs[start:start+part_size], targets[start:start+part_size]
            loss = loss_function(model(x), y) * len(x) / n
            loss.backward()
            total += loss.item()
        optimizer.step()
        return total
