# Named: divided by S − 1
import torch


def advantages(rewards):
    if rewards.shape[1] == 1:
        return torch.zeros_like(rewards)
    spread = rewards.std(dim=1, keepdim=True)
    return torch.where(spread == 0, 0.0, (rewards - rewards.mean(dim=1, keepdim=True)) / spread)
