import torch


def quantise(weight):
    """Write a matrix as whole numbers of 8 bits, with one scale per row.

    Parameters
    ----------
    weight : tensor of shape (nodes, features)

    Returns
    -------
    tuple of two tensors: the numbers, int8 of shape (nodes, features), from -127 to 127, and the
    scales, of shape (nodes,), 0 for a row of zeros

    Examples
    --------
    >>> numbers, scales = quantise(torch.tensor([[2.54, -1.0, 0.005]]))
    >>> numbers.tolist(), [round(scale, 4) for scale in scales.tolist()]
    ([[127, -50, 0]], [0.02])
    """
    raise NotImplementedError


def dequantise(numbers, scales):
    """Return the weights that the whole numbers stand for.

    Parameters
    ----------
    numbers : tensor of int8, shape (nodes, features)
    scales : tensor of shape (nodes,)

    Returns
    -------
    tensor of floats, shape (nodes, features)

    Examples
    --------
    >>> dequantise(torch.tensor([[2, -4]], dtype=torch.int8), torch.tensor([0.5])).tolist()
    [[1.0, -2.0]]
    """
    raise NotImplementedError


def quantised_linear(x, numbers, scales, bias):
    """Return the output of a linear layer with quantised weights.

    Parameters
    ----------
    x : tensor of shape (batch, features)
    numbers : tensor of int8, shape (nodes, features)
    scales : tensor of shape (nodes,)
    bias : tensor of shape (nodes,)

    Returns
    -------
    tensor of shape (batch, nodes)

    Examples
    --------
    >>> numbers, scales = torch.tensor([[2, -4]], dtype=torch.int8), torch.tensor([0.5])
    >>> quantised_linear(torch.tensor([[1.0, 0.25]]), numbers, scales, torch.tensor([10.0])).tolist()
    [[10.5]]
    """
    raise NotImplementedError
