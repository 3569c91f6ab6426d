import torch


class Solution:
    def accuracy(self, model, inputs, labels):
        was_training = model.training
        model.eval()
        with torch.inference_mode():
            predicted = model(inputs).argmax(dim=1)
        model.train(was_training)
        return (predicted == labels).float().mean().item()
