import math
from itertools import count

births = count()


class Value:
    def __init__(self, data, *inputs):
        self.data, self.grad, self.inputs, self.birth = data, 0, inputs, next(births)

    def __add__(self, other):
        if not isinstance(other, Value):
            return Value(self.data + other, (self, 1))
        return Value(self.data + other.data, (self, 1), (other, 1))

    def __mul__(self, other):
        if not isinstance(other, Value):
            return Value(self.data * other, (self, other))
        return Value(self.data * other.data, (self, other.data), (other, self.data))

    def __pow__(self, n):
        return Value(self.data**n, (self, n * self.data ** (n - 1)))

    def tanh(self):
        return Value(math.tanh(self.data), (self, 1 - math.tanh(self.data) ** 2))

    def relu(self):
        return Value(self.data, (self, 1)) if self.data > 0 else Value(0, (self, 0))

    def exp(self):
        return Value(math.exp(self.data), (self, math.exp(self.data)))

    def backward(self):
        found = {self}
        waiting = [self]
        while waiting:
            for one, _ in waiting.pop().inputs:
                if one not in found:
                    found.add(one)
                    waiting.append(one)
        self.grad = 1
        for value in sorted(found, key=lambda v: -v.birth):
            for one, slope in value.inputs:
                one.grad += slope * value.grad
