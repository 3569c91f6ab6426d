"""Automatic differentiation: numbers that remember how they were computed, and find every gradient by themselves.

Each operation makes a new value that keeps its inputs and, for each of them, the local derivative:

    c = a + b        ∂c/∂a = 1           ∂c/∂b = 1
    c = a · b        ∂c/∂a = b           ∂c/∂b = a
    c = aⁿ           ∂c/∂a = n · aⁿ⁻¹
    c = tanh(a)      ∂c/∂a = 1 - c²
    c = max(0, a)    ∂c/∂a = 1 where a > 0, else 0
    c = eᵃ           ∂c/∂a = c

So the values form a graph. Backward, from the result to its inputs,

    ∂result/∂result = 1,        ∂result/∂a = Σ ∂result/∂c · ∂c/∂a    over every c that was computed from a

A value that is used several times gets a gradient from each use, and they are added. A value must pass its gradient on
only after all of them have arrived: the graph is walked in topological order, inputs before what uses them, from its
end. PyTorch's autograd does the same with tensors in place of numbers; it trains every network of the jobs.
Source: S. Linnainmaa, "The representation of the cumulative rounding error of an algorithm" (1970); A. Griewank and
A. Walther, "Evaluating Derivatives" (2nd edition, 2008), chapter 3, for the reverse mode.
"""

from __future__ import annotations

import math


class Value:
    """A number in a graph of computations.

    Parameters
    ----------
    data : float
        The number.
    inputs : tuple of Value
        What it was computed from; none for a number that is given.
    slopes : tuple of float
        The derivative of ``data`` along each input.

    Attributes
    ----------
    grad : float
        The derivative of a result along this value: 0 until `backward` is called on the result.

    Examples
    --------
    >>> a, b = Value(2.0), Value(-3.0)
    >>> c = a * b + a
    >>> c.backward()
    >>> c.data, a.grad, b.grad
    (-4.0, -2.0, 2.0)
    """

    def __init__(self, data: float | int, inputs: tuple[Value, ...] = (), slopes: tuple[float, ...] = ()) -> None:
        self.data = float(data)
        self.grad = 0.0
        self.inputs, self.slopes = inputs, slopes

    def __add__(self, other: Value | float | int) -> Value:
        other = as_value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Value | float | int) -> Value:
        other = as_value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, exponent: float | int) -> Value:
        return Value(self.data**exponent, (self,), (exponent * self.data ** (exponent - 1),))

    def tanh(self) -> Value:
        """Return the hyperbolic tangent, between -1 and 1."""
        data = math.tanh(self.data)
        return Value(data, (self,), (1 - data**2,))

    def relu(self) -> Value:
        """Return the value itself where it is positive, and 0 elsewhere."""
        return Value(max(0.0, self.data), (self,), (1.0 if self.data > 0 else 0.0,))

    def exp(self) -> Value:
        """Return e to the power of the value."""
        data = math.exp(self.data)
        return Value(data, (self,), (data,))

    def backward(self) -> None:
        """Add the derivative of this value along every value of its graph to their ``grad``.

        To take it along the same numbers again, for another result, set their ``grad`` to 0 first.
        """
        self.grad = 1.0
        for value in reversed(sort_graph(self)):
            for one, slope in zip(value.inputs, value.slopes, strict=True):
                one.grad += slope * value.grad


def as_value(number: Value | float | int) -> Value:
    """Return a number as a value; a value as it is."""
    return number if isinstance(number, Value) else Value(number)


def sort_graph(result: Value) -> list[Value]:
    """Return every value of a graph once, in topological order: its inputs before it, the result last."""
    order: list[Value] = []
    seen: set[int] = set()
    waiting = [(result, False)]
    while waiting:
        value, inputs_are_done = waiting.pop()
        if inputs_are_done:
            order.append(value)
        elif id(value) not in seen:
            seen.add(id(value))
            waiting.append((value, True))
            waiting.extend((one, False) for one in value.inputs)
    return order
