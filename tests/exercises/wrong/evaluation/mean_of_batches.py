# Named: mean over batches of 64
import torch


def accuracy(model, inputs, labels):
    mode = model.training
    model.eval()
    shares = []
    with torch.inference_mode():
        for start in range(0, len(inputs), 64):
            scores = model(inputs[start : start + 64])
            shares.append((scores.argmax(1) == labels[start : start + 64]).float().mean().item())
    model.train(mode)
    return sum(shares) / len(shares)
