# Named: bias once for each feature
import torch


def linear(x, weight, bias):
    result = 0
    for feature in range(weight.shape[1]):
        result = result + x[..., feature : feature + 1] * weight[:, feature] + bias
    return result
