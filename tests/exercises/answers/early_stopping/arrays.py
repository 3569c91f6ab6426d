import io

import numpy as np
import torch


def stop_early(losses, patience):
    best = int(np.argmin(losses[:1]))
    epoch = 0
    while epoch < len(losses) - 1 and epoch - best < patience:
        epoch += 1
        if losses[epoch] < min(losses[:epoch]):
            best = epoch
    return np.array([best, epoch])


def fit(model, train_epoch, validate, epochs, patience):
    losses, best, since = [], np.inf, 0
    file = io.BytesIO()
    for _ in range(epochs):
        train_epoch()
        losses.append(validate())
        since += 1
        if losses[-1] < best:
            best, since = losses[-1], 0
            file = io.BytesIO()
            torch.save(model.state_dict(), file)
        if since == patience:
            break
    file.seek(0)
    model.load_state_dict(torch.load(file))
    return losses
