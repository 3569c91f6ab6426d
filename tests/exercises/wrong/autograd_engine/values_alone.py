# Named: plain numbers not taken
import math


class Value:
    def __init__(self, data, inputs=()):
        self.data, self.grad = data, 0.0
        self.inputs = inputs

    def __add__(self, other):
        return Value(self.data + other.data, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other):
        return Value(self.data * other.data, ((self, other.data), (other, self.data)))

    def __pow__(self, n):
        return Value(self.data**n, ((self, n * self.data ** (n - 1)),))

    def tanh(self):
        t = math.tanh(self.data)
        return Value(t, ((self, 1 - t**2),))

    def relu(self):
        return Value(max(0.0, self.data), ((self, float(self.data > 0)),))

    def exp(self):
        e = math.exp(self.data)
        return Value(e, ((self, e),))

    def backward(self):
        order, seen = [], set()

        def visit(value):
            if value not in seen:
                seen.add(value)
                for one, _ in value.inputs:
                    visit(one)
                order.append(value)

        visit(self)
        self.grad = 1.0
        for value in reversed(order):
            for one, slope in value.inputs:
                one.grad += slope * value.grad
