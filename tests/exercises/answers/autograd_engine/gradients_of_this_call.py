import math


class Value:
    def __init__(self, data, came_from=()):
        self.data = data
        self.grad = 0.0
        self.came_from = came_from

    def __add__(self, other):
        if not isinstance(other, Value):
            return Value(self.data + other, ((self, 1.0),))
        return Value(self.data + other.data, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other):
        if not isinstance(other, Value):
            return Value(self.data * other, ((self, other),))
        return Value(self.data * other.data, ((self, other.data), (other, self.data)))

    def __pow__(self, n):
        return Value(self.data**n, ((self, n * self.data ** (n - 1)),))

    def tanh(self):
        t = math.tanh(self.data)
        return Value(t, ((self, 1 - t * t),))

    def relu(self):
        return Value(max(self.data, 0), ((self, 1.0 if self.data > 0 else 0.0),))

    def exp(self):
        e = math.exp(self.data)
        return Value(e, ((self, e),))

    def backward(self):
        order = []

        def visit(value):
            if value not in order:
                for one, _ in value.came_from:
                    visit(one)
                order.append(value)

        visit(self)
        found = {value: 0.0 for value in order}
        found[self] = 1.0
        for value in reversed(order):
            for one, slope in value.came_from:
                found[one] += slope * found[value]
        for value, gradient in found.items():
            value.grad += gradient
