# Named: always put into training mode at the end
import torch


class Solution:
    def accuracy(self, model, inputs, labels):
        model.eval()
        with torch.no_grad():
            predicted = torch.max(model(inputs), 1).indices
        model.train()
        return (predicted == labels).sum().item() / len(labels)
