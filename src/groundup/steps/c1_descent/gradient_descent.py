"""Gradient descent in its simplest form: start from a guess and move it against the slope (derivative), step by step.

    guess ← guess - learning_rate · slope(guess)

With several coordinates, all of them move from the same old point. `groundup.steps.c1_descent.descent` works on any
function, computes the slope itself and explains how the descent ended. Source: A. Cauchy, "Méthode générale pour la
résolution des systèmes d'équations simultanées" (1847).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence


def square_slope(x: float | int) -> float | int:
    """Return the slope of x² at x."""
    return 2 * x


def walk_down(
    slope: Callable[[float | int], float | int], start: float | int, learning_rate: float | int, iterations: int
) -> float | int:
    """Return the last guess of a descent in one variable.

    Parameters
    ----------
    slope : callable
        Takes a guess, returns the slope (derivative) there.
    start : float
        The first guess.
    learning_rate : float
        The length of a step where the slope is 1.
    iterations : int
        The number of steps; 0 returns ``start``.

    Examples
    --------
    >>> round(walk_down(square_slope, 5, 0.01, 10), 5)
    4.08536
    """
    guess = start
    for _ in range(iterations):
        guess = guess - learning_rate * slope(guess)
    return guess


def walk_down_together(
    gradient: Callable[[list[float]], Sequence[float]],
    start: Sequence[float | int],
    learning_rate: float | int,
    iterations: int,
) -> list[list[float]]:
    """Return every point of a descent in several variables, the start first.

    Parameters
    ----------
    gradient : callable
        Takes a point, returns the slope along each of its coordinates.
    start : sequence of float
        The first point.
    learning_rate, iterations
        As for `walk_down`.

    Returns
    -------
    list of list of float
        ``iterations + 1`` points.

    Examples
    --------
    >>> walk_down_together(lambda point: [2 * point[0], 2 * point[1]], [1.0, 2.0], 0.25, 2)
    [[1.0, 2.0], [0.5, 1.0], [0.25, 0.5]]
    """
    point = [float(coordinate) for coordinate in start]
    points = [point]
    for _ in range(iterations):
        slopes = gradient(list(point))
        point = [coordinate - learning_rate * slope for coordinate, slope in zip(point, slopes, strict=True)]
        points.append(point)
    return points
