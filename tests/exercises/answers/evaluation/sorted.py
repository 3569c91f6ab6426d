import torch


def accuracy(model, inputs, labels):
    before = model.training
    with torch.inference_mode():
        best = model.eval()(inputs).sort(dim=1, descending=True).indices[:, 0]
    model.train(before)
    return torch.mean((best == labels).double())
