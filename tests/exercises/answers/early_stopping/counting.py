import copy
from typing import Callable, List, Tuple

import torch.nn as nn


class Solution:
    def stop_early(self, losses: List[float], patience: int) -> Tuple[int, int]:
        best_loss = float("inf")
        best_epoch = 0
        waited = 0
        for epoch in range(len(losses)):
            if losses[epoch] < best_loss:
                best_loss = losses[epoch]
                best_epoch = epoch
                waited = 0
            else:
                waited += 1
                if waited == patience:
                    return best_epoch, epoch
        return best_epoch, len(losses) - 1

    def train(
        self, model: nn.Module, train_epoch: Callable, validate: Callable, epochs: int, patience: int
    ) -> List[float]:
        best_loss, best_state, waited = float("inf"), None, 0
        history = []
        for _ in range(epochs):
            train_epoch()
            loss = validate()
            history.append(loss)
            if loss < best_loss:
                best_loss, waited = loss, 0
                best_state = copy.deepcopy(model.state_dict())
            else:
                waited += 1
            if waited >= patience:
                break
        model.load_state_dict(best_state)
        return history
