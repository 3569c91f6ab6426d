# Named: every path instead of every value
import math
class Value:
    def __init__(self, data, inputs=(), slopes=()):
        self.data=data; self.grad=0.0; self.inputs=inputs; self.slopes=slopes
    def __add__(self, o):
        o = o if isinstance(o, Value) else Value(o)
        return Value(self.data+o.data,(self,o),(1,1))
    def __mul__(self, o):
        o = o if isinstance(o, Value) else Value(o)
        return Value(self.data*o.data,(self,o),(o.data,self.data))
    def __pow__(self, n):
        return Value(self.data**n,(self,),(n*self.data**(n-1),))
    def tanh(self):
        t=math.tanh(self.data); return Value(t,(self,),(1-t*t,))
    def relu(self):
        return Value(max(0,self.data),(self,),(1.0 if self.data>0 else 0.0,))
    def exp(self):
        e=math.exp(self.data); return Value(e,(self,),(e,))
    def backward(self):
        # naive: go through the graph path by path
        def go(v, g):
            v.grad += g
            for i,s in zip(v.inputs, v.slopes): go(i, g*s)
        go(self, 1.0)
