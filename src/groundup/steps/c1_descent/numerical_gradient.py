"""Central differences: the gradient of any function from its values alone, and how far another gradient is from it.

    ∂f/∂xᵢ ≈ (f(x + h·eᵢ) - f(x - h·eᵢ)) / (2h)             eᵢ: 1 at coordinate i, 0 elsewhere

One coordinate moves at a time, a little up and a little down. The error of the formula is about h²/6 times the third
derivative; with one side only, (f(x + h·eᵢ) - f(x)) / h, it would be h/2 times the second. A smaller h also loses
digits, since two nearly equal values are subtracted: the best h is near the cube root of the precision of a float.

It needs two values of f per coordinate, far too many to train with. It is the test for a gradient that was derived by
hand: the two are compared by the length of their difference, relative to their own lengths,

    |g - n| / (|g| + |n|)                    g: the gradient to test, n: that of central differences

which is near 1e-10 for a right gradient, and above 1e-4 for a wrong one.
Source: W. H. Press and others, "Numerical Recipes" (3rd edition, 2007), 5.7.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

# Two gradients count as the same below this relative difference, or if they differ by rounding alone.
SAME, ROUNDING = 1e-6, 1e-9


def numerical_gradient(
    function: Callable[[Float[np.ndarray, " variable"]], float], point: Float[np.ndarray, " variable"], h: float = 1e-5
) -> Float[np.ndarray, " variable"]:
    """Return the slope along each coordinate by central differences.

    Parameters
    ----------
    function : callable
        Takes a point, an array of float64, shape (variable,); returns its value, a number.
    point : array of float, shape (variable,)
        Where the slopes are wanted. It is not changed.
    h : float
        How far a coordinate moves to each side, above 0.

    Examples
    --------
    >>> numerical_gradient(lambda x: x[0] ** 2 + 3 * x[1], np.array([2.0, 5.0]), 0.5).tolist()
    [4.0, 3.0]
    """
    gradient = np.zeros(len(point))
    for place in range(len(point)):
        above, below = point.astype(float), point.astype(float)
        above[place] += h
        below[place] -= h
        gradient[place] = (function(above) - function(below)) / (2 * h)
    return gradient


def relative_difference(gradient: Float[np.ndarray, " variable"], numerical: Float[np.ndarray, " variable"]) -> float:
    """Return how far two gradients are apart, from 0 (equal) to 1 (opposite).

    Examples
    --------
    >>> relative_difference(np.array([3.0, 4.0]), np.array([0.0, 0.0]))
    1.0
    >>> relative_difference(np.array([0.0]), np.array([0.0]))
    0.0
    """
    lengths = np.linalg.norm(gradient) + np.linalg.norm(numerical)
    return 0.0 if lengths == 0 else float(np.linalg.norm(gradient - numerical) / lengths)


def is_same(gradient: Float[np.ndarray, " variable"], numerical: Float[np.ndarray, " variable"], value: float) -> bool:
    """Tell whether two gradients agree as well as central differences can tell.

    Parameters
    ----------
    gradient, numerical : array of float, shape (variable,)
        The two; that of central differences with the h of `choose_h`.
    value : float
        The function's value there: the larger it is, the more its differences are rounded.

    Examples
    --------
    >>> is_same(np.array([0.0]), np.array([3e-11]), 1.0), is_same(np.array([1.0]), np.array([1.001]), 1.0)
    (True, False)
    """
    apart = float(np.linalg.norm(gradient - numerical))
    return bool(apart <= ROUNDING * max(1.0, abs(value)) or relative_difference(gradient, numerical) <= SAME)


def choose_h(point: Float[np.ndarray, " variable"]) -> float:
    """Return an h for a point: the cube root of the precision of a float, times the size of the largest coordinate.

    Examples
    --------
    >>> round(choose_h(np.array([0.0, -1.0])), 8)
    6.06e-06
    """
    return float(np.finfo(float).eps ** (1 / 3) * max(1.0, np.abs(point).max(initial=0.0)))
