# Named: the loss of the stop left out
import copy
import torch


def stop_early(losses, patience):
    best = 0
    for i, loss in enumerate(losses):
        if loss < losses[best]:
            best = i
        if i - best >= patience:
            return best, i
    return best, len(losses) - 1


def train(model, train_epoch, validate, epochs, patience):
    losses = []
    best, bad = float("inf"), 0
    for _ in range(epochs):
        train_epoch()
        loss = validate()
        if loss < best:
            best, bad = loss, 0
            keep = copy.deepcopy(model.state_dict())
        else:
            bad += 1
            if bad == patience:
                break
        losses.append(loss)
    model.load_state_dict(keep)
    return losses
