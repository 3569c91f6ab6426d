import torch


class Solution:
    def stop_early(self, losses, patience):
        best = 0
        for epoch, loss in enumerate(losses):
            if loss < losses[best]:
                best = epoch
            if epoch - best >= patience:
                return best, epoch
        return best, len(losses) - 1

    def train(self, model, train_epoch, validate, epochs, patience):
        losses = []
        best = 0
        for epoch in range(epochs):
            train_epoch()
            losses.append(validate())
            if epoch == 0 or losses[epoch] < losses[best]:
                best = epoch
                # A copy of each: the weights themselves go on changing.
                kept = {name: torch.clone(value) for name, value in model.state_dict().items()}
            if epoch - best >= patience:
                break
        model.load_state_dict(kept)
        return losses
