import torch

def quantise(weight):
    nodes, features = weight.shape
    numbers = torch.zeros(nodes, features, dtype=torch.int8)
    scales = torch.zeros(nodes)
    for i in range(nodes):
        largest = 0.0
        for j in range(features):
            size = abs(weight[i, j].item())
            if size > largest:
                largest = size
        scale = largest / 127
        scales[i] = scale
        if scale > 0:
            for j in range(features):
                numbers[i, j] = round(weight[i, j].item() / scale)
    return numbers, scales


def dequantise(numbers, scales):
    result = torch.zeros(numbers.shape)
    for i in range(numbers.shape[0]):
        for j in range(numbers.shape[1]):
            result[i, j] = scales[i] * numbers[i, j]
    return result


def quantised_linear(x, numbers, scales, bias):
    y = torch.zeros(x.shape[0], numbers.shape[0])
    for b in range(x.shape[0]):
        for i in range(numbers.shape[0]):
            total = 0.0
            for j in range(x.shape[1]):
                total = total + numbers[i, j].item() * x[b, j].item()
            y[b, i] = scales[i] * total + bias[i]
    return y
