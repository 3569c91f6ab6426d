# Named: a standard deviation below 0.01 taken for 0
import torch

def advantages(rewards):
    mean = rewards.mean(1, keepdim=True)
    std = rewards.std(1, correction=0, keepdim=True)
    small = std < 0.01
    return torch.where(small, torch.zeros_like(rewards), (rewards - mean) / std.masked_fill(small, 1.0))
