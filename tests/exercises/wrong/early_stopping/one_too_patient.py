# Named: one epoch too patient
import copy


def stop_early(losses, patience):
    best, waited = 0, 0
    for epoch in range(len(losses)):
        if losses[epoch] < losses[best] or epoch == 0:
            best, waited = epoch, 0
        else:
            waited += 1
        if waited > patience:
            return best, epoch
    return best, len(losses) - 1


def train(model, train_epoch, validate, epochs, patience):
    losses, best = [], 0
    for epoch in range(epochs):
        train_epoch()
        losses.append(validate())
        if losses[epoch] <= min(losses) and losses.count(losses[epoch]) == 1:
            best, kept = epoch, copy.deepcopy(model.state_dict())
        if epoch - best > patience:
            break
    model.load_state_dict(kept)
    return losses
