import numpy as np


class Value:
    def __init__(self, data, parents=()):
        self.data, self.grad, self.parents = float(data), 0.0, parents

    def wrap(self, other):
        return other if isinstance(other, Value) else Value(other)

    def __add__(self, other):
        other = self.wrap(other)
        return Value(self.data + other.data, ((self, 1), (other, 1)))

    def __mul__(self, other):
        other = self.wrap(other)
        return Value(self.data * other.data, ((self, other.data), (other, self.data)))

    def __pow__(self, n):
        return Value(np.power(self.data, float(n)), ((self, n * np.power(self.data, n - 1.0)),))

    def tanh(self):
        return Value(np.tanh(self.data), ((self, 1 / np.cosh(self.data) ** 2),))

    def relu(self):
        return self * (self.data > 0)

    def exp(self):
        return Value(np.exp(self.data), ((self, np.exp(self.data)),))

    def backward(self):
        uses, stack, seen = {}, [self], {id(self)}
        while stack:
            for parent, _ in stack.pop().parents:
                uses[id(parent)] = uses.get(id(parent), 0) + 1
                if id(parent) not in seen:
                    seen.add(id(parent))
                    stack.append(parent)
        self.grad, ready = 1.0, [self]
        while ready:
            value = ready.pop()
            for parent, slope in value.parents:
                parent.grad += slope * value.grad
                uses[id(parent)] -= 1
                if uses[id(parent)] == 0:
                    ready.append(parent)
