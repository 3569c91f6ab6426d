# Named: arg-max over the examples
import torch


def accuracy(model, inputs, labels):
    was = model.training
    model.eval()
    with torch.no_grad():
        r = (model(inputs).argmax(dim=0) == labels).float().mean().item()
    model.train(was)
    return r
