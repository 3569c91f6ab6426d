# Named: not shuffled
class Solution:
    def train(self, model, loss_function, optimizer, inputs, targets, epochs, batch_size):
        losses = []
        model.train()
        for _ in range(epochs):
            for i in range(0, len(inputs), batch_size):
                optimizer.zero_grad()
                loss = loss_function(model(inputs[i : i + batch_size]), targets[i : i + batch_size])
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
        return losses
