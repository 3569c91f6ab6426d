# Named: the count begun again at any fall
import torch


class Solution:
    def train(self, model, train_epoch, validate, epochs, patience):
        history = []
        best_loss = float("inf")
        waited = 0
        best_state = None
        for _ in range(epochs):
            train_epoch()
            val_loss = validate()
            history.append(val_loss)
            if val_loss < best_loss:
                best_loss = val_loss
                best_state = {k: v.clone() for k, v in model.state_dict().items()}
                waited = 0
            else:
                waited += 1
            if waited >= patience:
                break
        if best_state is not None:
            model.load_state_dict(best_state)
        return history

    def stop_early(self, losses, patience):
        best_epoch = 0
        wait = 0
        for i in range(1, len(losses)):
            if losses[i] < losses[best_epoch]:
                best_epoch = i
            if losses[i] < losses[i - 1]:
                wait = 0
            else:
                wait += 1
            if wait == patience:
                return best_epoch, i
        return best_epoch, len(losses) - 1
