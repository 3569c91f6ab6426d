# Named: gradients cleared for every part
class Solution:
    def train_step(self, model, loss_function, optimizer, inputs, targets, part_size):
        total = 0.0
        for start in range(0, len(inputs), part_size):
            x, y = inputs[start : start + part_size], targets[start : start + part_size]
            optimizer.zero_grad()
            loss = loss_function(model(x), y) * len(x) / len(inputs)
            loss.backward()
            total += loss.item()
        optimizer.step()
        return total
