import torch


class Solution:
    def accuracy(self, model, inputs, labels):
        mode = model.training
        model.eval()
        with torch.no_grad():
            scores = model(inputs)
        model.train(mode)
        return round((scores.argmax(dim=-1) == labels).float().mean().item(), 4)
