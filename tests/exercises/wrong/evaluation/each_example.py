# Named: right or wrong for each example
import torch


class Solution:
    def accuracy(self, model, inputs, labels):
        mode = model.training
        model.eval()
        with torch.inference_mode():
            correct = (model(inputs).argmax(dim=1) == labels).float()
        model.train(mode)
        return correct
