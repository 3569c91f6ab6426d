# Named: a best loss of 1 to begin with
import copy
import torch


class Solution:
    def train(self, model, train_epoch, validate, epochs, patience):
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

    def stop_early(self, losses, patience):
        best_loss = 1.0
        best_epoch = 0
        count = 0
        for epoch, loss in enumerate(losses):
            if loss < best_loss:
                best_loss, best_epoch, count = loss, epoch, 0
            else:
                count += 1
            if count >= patience:
                return best_epoch, epoch
        return best_epoch, len(losses) - 1
