# Named: the best weights put back only where it stops early
import copy
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
        best, best_epoch, kept = float("inf"), 0, None
        for epoch in range(epochs):
            train_epoch()
            loss = validate()
            losses.append(loss)
            if loss < best:
                best, best_epoch = loss, epoch
                kept = copy.deepcopy(model.state_dict())
            elif epoch - best_epoch >= patience:
                model.load_state_dict(kept)
                break
        return losses
