import torch


def quantise(weight):
    rows, scales = [], []
    for row in weight.tolist():
        largest = max(abs(number) for number in row)
        scale = largest / 127
        scales.append(scale)
        rows.append([round(number / scale) if largest > 0 else 0 for number in row])
    return torch.tensor(rows, dtype=torch.int8), torch.tensor(scales)


def dequantise(numbers, scales):
    return torch.stack([row.float() * scale for row, scale in zip(numbers, scales)])


def quantised_linear(x, numbers, scales, bias):
    columns = []
    for row, scale, shift in zip(numbers, scales, bias):
        columns.append((x * row.float()).sum(dim=1) * scale + shift)
    return torch.stack(columns, dim=1)
