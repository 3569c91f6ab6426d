# Named: the last epoch's weights instead of the best
class Solution:
    def stop_early(self, losses, patience):
        best = 0
        for epoch, loss in enumerate(losses):
            if loss < losses[best]:
                best = epoch
            elif epoch - best >= patience:
                return best, epoch
        return best, len(losses) - 1

    def train(self, model, train_epoch, validate, epochs, patience):
        losses, best, kept = [], float("inf"), None
        since = 0
        for _ in range(epochs):
            train_epoch()
            loss = validate()
            losses.append(loss)
            if loss < best:
                best, since, kept = loss, 0, model.state_dict()
            else:
                since += 1
                if since >= patience:
                    break
        model.load_state_dict(kept)
        return losses
