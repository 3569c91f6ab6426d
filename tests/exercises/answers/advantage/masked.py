import torch


def group_advantages(rewards):
    centred = rewards - rewards.mean(1, keepdim=True)
    norm = centred.norm(dim=1, keepdim=True)
    result = torch.zeros_like(rewards)
    learns = norm[:, 0] > 0
    result[learns] = centred[learns] / norm[learns] * rewards.shape[1] ** 0.5
    return result
