import numpy as np


class Value:
    """A number that remembers how it was computed.

    Parameters
    ----------
    data : float, the number
    inputs : what it was computed from, for the way back; you choose the form

    Examples
    --------
    >>> a, b = Value(2.0), Value(-3.0)
    >>> c = a * b
    >>> d = c + a
    >>> d.backward()
    >>> d.data, a.grad, b.grad, c.grad
    (-4.0, -2.0, 2.0, 1.0)
    """

    def __init__(self, data, inputs=()):
        self.data = data
        self.grad = 0.0
        self.inputs = inputs

    def __add__(self, other):
        """Return the sum.

        Parameters
        ----------
        other : Value or float

        Returns
        -------
        Value
        """
        raise NotImplementedError

    def __mul__(self, other):
        """Return the product.

        Parameters
        ----------
        other : Value or float

        Returns
        -------
        Value
        """
        raise NotImplementedError

    def __pow__(self, n):
        """Return the value to the power n.

        Parameters
        ----------
        n : float

        Returns
        -------
        Value
        """
        raise NotImplementedError

    def tanh(self):
        """Return the hyperbolic tangent, np.tanh.

        Returns
        -------
        Value
        """
        raise NotImplementedError

    def relu(self):
        """Return the value where it is positive, else 0.

        Returns
        -------
        Value
        """
        raise NotImplementedError

    def exp(self):
        """Return e to the power of the value, np.exp.

        Returns
        -------
        Value
        """
        raise NotImplementedError

    def backward(self):
        """Add the derivative of this value along every value that it was computed from to their grad.

        Returns
        -------
        None
        """
        raise NotImplementedError
