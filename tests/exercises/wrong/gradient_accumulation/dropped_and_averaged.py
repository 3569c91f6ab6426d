# Named: the last, smaller part left out, the full ones averaged
import torch
class Solution:
    def train_step(self, model, loss_function, optimizer, inputs, targets, part_size):
        optimizer.zero_grad()
        n = len(inputs)
        parts = n // part_size
        total = 0.0
        for i in range(parts):
            x, y = inputs[i*part_size:(i+1)*part_size], targets[i*part_size:(i+1)*part_size]
            loss = loss_function(model(x), y) / parts
            loss.backward()
            total += loss.item()
        optimizer.step()
        return total
