# Named: paths counted several times, in a queue
import numpy as np
class Value:
    def __init__(self, data, inputs=()):
        self.data = data
        self.grad = 0.0
        self.inputs = inputs
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, [(self, other.data), (other, self.data)])
    def __pow__(self, n):
        return Value(self.data**n, [(self, n * self.data ** (n - 1))])
    def tanh(self):
        t = np.tanh(self.data)
        return Value(t, [(self, 1 - t**2)])
    def relu(self):
        return Value(max(0.0, self.data), [(self, 1.0 if self.data > 0 else 0.0)])
    def exp(self):
        e = np.exp(self.data)
        return Value(e, [(self, e)])
    def backward(self):
        self.grad = 1.0
        stack = [self]
        while stack:
            v = stack.pop(0)
            for one, d in v.inputs:
                one.grad += d * v.grad
                stack.append(one)
