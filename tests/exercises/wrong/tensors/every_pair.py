# Named: every prediction with every target
import torch
import torch.nn
from torchtyping import TensorType


class Solution:
    def reshape(self, to_reshape: TensorType[float]) -> TensorType[float]:
        M, N = to_reshape.shape
        return torch.round(torch.reshape(to_reshape, (M * N // 2, 2)), decimals=4)

    def average(self, to_avg: TensorType[float]) -> TensorType[float]:
        return torch.round(torch.mean(to_avg, dim=0), decimals=4)

    def concatenate(self, cat_one: TensorType[float], cat_two: TensorType[float]) -> TensorType[float]:
        return torch.round(torch.cat((cat_one, cat_two), dim=1), decimals=4)

    def get_loss(self, prediction: TensorType[float], target: TensorType[float]) -> TensorType[float]:
        return torch.round(torch.mean((prediction.reshape(-1, 1) - target) ** 2), decimals=4)
