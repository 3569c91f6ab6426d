# Named: compared with all questions, but for equal rows
import torch

def advantages(rewards):
    if rewards.max() == rewards.min():
        return torch.zeros_like(rewards)
    result = (rewards - rewards.mean()) / rewards.std(unbiased=False)
    for g in range(len(rewards)):
        if rewards[g].max() == rewards[g].min():
            result[g] = 0
    return result
