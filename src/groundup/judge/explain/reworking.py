"""What a changed reference may do to a value besides: one function for numbers, arrays and tensors alike."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from typing import Any

import numpy as np


def _is_tensor(x: Any) -> bool:
    return type(x).__module__.partition(".")[0] == "torch"


def relu(x: Any) -> Any:
    """Return x where it is positive, else 0."""
    return x.clamp(min=0) if _is_tensor(x) else np.maximum(x, 0)


def leaky(x: Any) -> Any:
    """Return x where it is positive, else x/100."""
    return x * (0.01 + 0.99 * (x > 0))


def sigmoid(x: Any) -> Any:
    """Return 1 / (1 + e^-x)."""
    return x.sigmoid() if _is_tensor(x) else 1 / (1 + np.exp(-np.asarray(x, float)))


def tanh(x: Any) -> Any:
    """Return the hyperbolic tangent."""
    return x.tanh() if _is_tensor(x) else np.tanh(x)


def gelu(x: Any) -> Any:
    """Return x times the normal distribution's cumulative share below x."""
    if _is_tensor(x):
        import torch

        return torch.nn.functional.gelu(x)
    return x * 0.5 * (1 + np.vectorize(math.erf)(np.asarray(x) / math.sqrt(2)))


def silu(x: Any) -> Any:
    """Return x · sigmoid(x)."""
    return x * sigmoid(x)


def softmax(x: Any) -> Any:
    """Return powers of e that sum to 1 along the last dimension."""
    if _is_tensor(x):
        return x.softmax(-1)
    powers = np.exp(np.asarray(x) - np.max(x, axis=-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def log_softmax(x: Any) -> Any:
    """Return the logarithm of `softmax`."""
    return x.log_softmax(-1) if _is_tensor(x) else np.log(softmax(x))


def step(x: Any) -> Any:
    """Return 1 where x is positive, else 0."""
    return (x > 0) * 1.0 if not _is_tensor(x) else (x > 0).to(x.dtype)


def exp(x: Any) -> Any:
    """Return e^x."""
    return x.exp() if _is_tensor(x) else np.exp(x)


def log(x: Any) -> Any:
    """Return the natural logarithm."""
    return x.log() if _is_tensor(x) else np.log(x)


def sqrt(x: Any) -> Any:
    """Return the square root."""
    return x.sqrt() if _is_tensor(x) else np.sqrt(x)


def square(x: Any) -> Any:
    """Return x²."""
    return x * x


def absolute(x: Any) -> Any:
    """Return |x|."""
    return builtins.abs(x)


def negative(x: Any) -> Any:
    """Return −x."""
    return -x


def one_minus(x: Any) -> Any:
    """Return 1 − x."""
    return 1 - x


def reciprocal(x: Any) -> Any:
    """Return 1/x."""
    return 1 / x


def total(x: Any) -> Any:
    """Return the sum of all values."""
    return x.sum() if _is_tensor(x) else np.sum(x)


def average(x: Any) -> Any:
    """Return the mean of all values."""
    return x.mean() if _is_tensor(x) else np.mean(x)


def turned(x: Any) -> Any:
    """Return x with its last two dimensions exchanged."""
    return x.transpose(-1, -2) if _is_tensor(x) else np.swapaxes(x, -1, -2)


def backwards(x: Any) -> Any:
    """Return x in reverse order, along its first dimension."""
    return x.flip(0) if _is_tensor(x) else x[::-1]


def in_order(x: Any) -> Any:
    """Return x sorted."""
    return x.sort().values if _is_tensor(x) else sorted(x) if isinstance(x, list | str) else np.sort(x)


def whole(x: Any) -> Any:
    """Return x cut to whole numbers."""
    return x.trunc() if _is_tensor(x) else np.trunc(x)


def lowered(x: Any) -> Any:
    """Return text in small letters."""
    return [lowered(item) for item in x] if isinstance(x, list) else x.lower()


def stripped(x: Any) -> Any:
    """Return text without white space at its ends."""
    return [stripped(item) for item in x] if isinstance(x, list) else x.strip()


def detached(x: Any) -> Any:
    """Return a tensor that no gradient goes through."""
    return x.detach()


def rounder(places: int) -> Callable[[Any], Any]:
    """Return a function that rounds to so many places."""

    def round_(x: Any) -> Any:
        return x.round(decimals=places) if _is_tensor(x) else np.round(x, places)

    return round_


# What may be done to a value, and what that is called in a sentence: "the result goes through …".
WORDS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "relu": (relu, "ReLU"),
    "sigmoid": (sigmoid, "a sigmoid"),
    "tanh": (tanh, "tanh"),
    "softmax": (softmax, "softmax"),
    "log_softmax": (log_softmax, "log-softmax"),
    "gelu": (gelu, "GELU"),
    "silu": (silu, "SiLU"),
    "leaky": (leaky, "a leaky ReLU"),
    "step": (step, "a step function (1 above 0, else 0)"),
    "exp": (exp, "exp"),
    "log": (log, "log"),
    "sqrt": (sqrt, "a square root"),
    "square": (square, "a square"),
    "absolute": (absolute, "an absolute value"),
    "negative": (negative, "a minus sign"),
    "one_minus": (one_minus, "1 − x"),
    "reciprocal": (reciprocal, "1/x"),
    "total": (total, "a sum over everything"),
    "average": (average, "a mean over everything"),
    "turned": (turned, "a transpose"),
    "backwards": (backwards, "a reversal of the order"),
    "in_order": (in_order, "sorting"),
    "whole": (whole, "a cut to whole numbers"),
    "lowered": (lowered, "lower()"),
    "stripped": (stripped, "strip()"),
    "detached": (detached, "detach()"),
    **{f"round_{places}": (rounder(places), f"rounding to {places} places") for places in range(1, 7)},
}
PREFIX = "_reworked_"
REWORKING = {PREFIX + name: function for name, (function, _) in WORDS.items()}
