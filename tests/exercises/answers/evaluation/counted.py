import torch


@torch.inference_mode()
def evaluate(model, inputs, labels):
    was, right = model.training, 0
    try:
        model.train(False)
        for example, label in zip(inputs, labels):
            right += int(torch.max(model(example[None]), 1).indices) == int(label)
    finally:
        model.train(was)
    return right / len(labels)
