from typing import Callable, List

import torch
import torch.nn as nn


class Solution:
    def train(
        self,
        model: nn.Module,
        loss_function: Callable,
        optimizer: torch.optim.Optimizer,
        inputs: torch.Tensor,
        targets: torch.Tensor,
        epochs: int,
        batch_size: int,
    ) -> List[float]:
        losses: List[float] = []
        model.train()
        n = inputs.shape[0]
        for epoch in range(epochs):
            permutation = torch.randperm(n)
            for i in range(0, n, batch_size):
                indices = permutation[i : i + batch_size]
                batch_x, batch_y = inputs[indices], targets[indices]
                predictions = model(batch_x)
                loss = loss_function(predictions, batch_y)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
        return losses
