def stop_early(losses, patience):
    for last in range(len(losses)):
        seen = losses[: last + 1]
        best = min(range(len(seen)), key=seen.__getitem__)
        if last == best + patience:
            break
    return best, last


def train(model, train_epoch, validate, epochs, patience):
    losses, states = [], []
    while len(losses) < epochs:
        train_epoch()
        losses = losses + [validate()]
        states.append([weight.detach().clone() for weight in model.parameters()])
        best, last = stop_early(losses, patience)
        if last - best == patience:
            break
    for weight, kept in zip(model.parameters(), states[best]):
        weight.data.copy_(kept)
    return losses
