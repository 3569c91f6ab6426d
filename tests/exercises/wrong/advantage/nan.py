# Named: NaN where all are equal
import torch


def advantages(rewards):
    spread, mean = torch.std_mean(rewards, dim=1, correction=0, keepdim=True)
    return (rewards - mean) / spread
