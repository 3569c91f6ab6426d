# Named: the best of all losses, also after the stop
import copy
import torch


def train(model, train_epoch, validate, epochs, patience):
    losses, best = [], None
    for epoch in range(epochs):
        train_epoch()
        losses.append(validate())
        if best is None or losses[-1] < losses[best]:
            best = epoch
            weights = copy.deepcopy(model.state_dict())
        elif epoch - best >= patience:
            break
    model.load_state_dict(weights)
    return losses


def stop_early(losses, patience):
    best, waited, stop = float("inf"), 0, len(losses) - 1
    for k, v in enumerate(losses):
        waited = 0 if v < best else waited + 1
        best = min(best, v)
        if waited >= patience:
            stop = k
            break
    return losses.index(min(losses)), stop
