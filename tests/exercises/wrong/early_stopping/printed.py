# Named: nothing returned
import copy


def stop_early(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best == patience:
            break
    print(best, epoch)


def train(model, train_epoch, validate, epochs, patience):
    losses, best = [], 0
    for epoch in range(epochs):
        train_epoch()
        losses.append(validate())
        if epoch == 0 or losses[epoch] < losses[best]:
            best, kept = epoch, copy.deepcopy(model.state_dict())
        if epoch - best >= patience:
            break
    model.load_state_dict(kept)
    return losses
