"""What goes wrong in an autograd engine: local derivatives, values, the way back and its order."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

ADD, MULTIPLY, POWER, BACK = "Value.__add__", "Value.__mul__", "Value.__pow__", "Value.backward"
LOOP = "for value in reversed(sort_graph(self)):"
PASS_ON = "one.grad += slope * value.grad"
GIVE = "for one, slope in zip(value.inputs, value.slopes, strict=True)"
TOO_EARLY = (
    "A value passes its gradient on before all of it has arrived. List the graph in topological order first, and walk through the list "
    "from its end."
)


def wrong(name: str, says: str, old: str, new: str, within: str) -> Mistake:
    """Return a mistake in one method."""
    return Mistake(name, says, [Edit(old, new, within)])


def overwritten(what: str, inputs: str, within: str) -> Mistake:
    """Return the mistake of one operation that sets the gradients of its inputs, where all others add to them."""
    return Mistake(
        f"gradients overwritten by {what}",
        f"Your {what.split()[-1]} overwrites {inputs}. Where a value is used twice, only one of its gradients stays: "
        "add to what is there, +=, not =.",
        [
            # The results of this operation are told by a type of their own.
            Edit("return Value(", "return type('Overwriting', (Value,), {})(", within),
            Edit(PASS_ON, "one.grad = slope * value.grad + (one.grad if type(value) is Value else 0.0)", BACK),
        ],
    )


WAY_BACK = [
    wrong(
        "gradients overwritten instead of added",
        "A value that is used twice keeps only one of its gradients. Add each one to what is there: +=, not =.",
        PASS_ON,
        "one.grad = slope * value.grad",
        BACK,
    ),
    overwritten("a sum", "the gradients of its terms", ADD),
    overwritten("a product", "the gradients of its factors", MULTIPLY),
    overwritten("a power", "the gradient of its base", POWER),
    overwritten("tanh", "the gradient of its input", "Value.tanh"),
    overwritten("relu", "the gradient of its input", "Value.relu"),
    overwritten("exp", "the gradient of its input", "Value.exp"),
    wrong(
        "no topological order",
        "A value passes its gradient on before all of it has arrived. List the graph in topological order first, and walk through the list from its end.",
        LOOP,
        "order, waiting = [], [self]\n"
        "        while waiting:\n"
        "            order.append(waiting.pop(0))\n"
        "            waiting.extend(one for one in order[-1].inputs if one not in order and one not in waiting)\n"
        "        for value in order:",
        BACK,
    ),
    wrong(
        "each value passes its gradient on as soon as it is reached",
        "A value passes its gradient on before all of it has arrived: a loop or a recursion without a topological order visits it too early.",
        LOOP,
        "def visit(value, seen):\n"
        "            if id(value) in seen:\n"
        "                return\n"
        "            seen.add(id(value))\n"
        "            for one, slope in zip(value.inputs, value.slopes, strict=True):\n"
        "                one.grad += slope * value.grad\n"
        "            for one in value.inputs:\n"
        "                visit(one, seen)\n"
        "        visit(self, set())\n"
        "        for value in ():",
        BACK,
    ),
    wrong(
        "every path instead of every value",
        "Your gradients are right, but backward() walks along every path. A value that is used twice doubles their number: 14 sums in a row have "
        "14 results and 16,384 paths. List every value once, in topological order, and let each pass on the sum of its gradients.",
        LOOP,
        "def walk(value, gradient):\n"
        "            for one, slope in zip(value.inputs, value.slopes, strict=True):\n"
        "                one.grad += slope * gradient\n"
        "                walk(one, slope * gradient)\n"
        "        walk(self, 1.0)\n"
        "        for value in ():",
        BACK,
    ),
    wrong(
        "no topological order, a stack",
        TOO_EARLY,
        LOOP,
        "waiting, seen = [self], set()\n"
        "        while waiting:\n"
        "            value = waiting.pop()\n"
        "            if id(value) in seen:\n"
        "                continue\n"
        "            seen.add(id(value))\n"
        f"            {GIVE}:\n"
        "                one.grad += slope * value.grad\n"
        "            waiting.extend(value.inputs)\n"
        "        for value in ():",
        BACK,
    ),
    wrong(
        "no topological order, each input followed at once",
        TOO_EARLY,
        LOOP,
        "def visit(value, seen):\n"
        "            seen.add(id(value))\n"
        f"            {GIVE}:\n"
        "                one.grad += slope * value.grad\n"
        "                if id(one) not in seen:\n"
        "                    visit(one, seen)\n"
        "        visit(self, set())\n"
        "        for value in ():",
        BACK,
    ),
    wrong(
        "paths counted several times, in a queue",
        "A value that is used twice passes its whole gradient on twice. Visit each value once, after all of its gradients have arrived.",
        LOOP,
        "waiting = [self]\n"
        "        while waiting:\n"
        "            value = waiting.pop(0)\n"
        f"            {GIVE}:\n"
        "                one.grad += slope * value.grad\n"
        "            waiting.extend(value.inputs)\n"
        "        for value in ():",
        BACK,
    ),
    wrong(
        "paths counted several times, in a stack",
        "A value that is used twice passes its whole gradient on twice. Visit each value once, after all of its gradients have arrived.",
        LOOP,
        "waiting = [self]\n"
        "        while waiting:\n"
        "            value = waiting.pop()\n"
        f"            {GIVE}:\n"
        "                one.grad += slope * value.grad\n"
        "            waiting.extend(value.inputs)\n"
        "        for value in ():",
        BACK,
    ),
    wrong(
        "paths counted several times, all inputs first",
        "A value that is used twice passes its whole gradient on twice. Visit each value once, after all of its gradients have arrived.",
        LOOP,
        "def visit(value):\n"
        f"            {GIVE}:\n"
        "                one.grad += slope * value.grad\n"
        "            for one in value.inputs:\n"
        "                visit(one)\n"
        "        visit(self)\n"
        "        for value in ():",
        BACK,
    ),
    wrong(
        "paths counted several times",
        "A value that is used twice passes its whole gradient on twice. Visit each value once, after all of its gradients have arrived.",
        LOOP,
        "def visit(value):\n"
        "            for one, slope in zip(value.inputs, value.slopes, strict=True):\n"
        "                one.grad += slope * value.grad\n"
        "                visit(one)\n"
        "        visit(self)\n"
        "        for value in ():",
        BACK,
    ),
    wrong(
        "only the result passes its gradient on",
        "Only the result passes its gradient on: you walk through the topological order from its beginning, or do not go on to the inputs' inputs. "
        "Walk from the result back: reversed(order).",
        LOOP,
        "for value in sort_graph(self):",
        BACK,
    ),
    wrong(
        "the result's gradient not set to 1",
        "All gradients stay 0: set the result's own gradient to 1 before the way back.",
        "self.grad = 1.0",
        "self.grad = 0.0",
        BACK,
    ),
    wrong(
        "the result's value as its gradient",
        "You begin with the result's value. Along itself its derivative is 1.",
        "self.grad = 1.0",
        "self.grad = self.data",
        BACK,
    ),
    wrong(
        "chain rule forgotten",
        "You add the local derivative alone. The chain rule multiplies it by the gradient of the value that passes it on.",
        PASS_ON,
        "one.grad += slope",
        BACK,
    ),
    wrong(
        "local derivative left out",
        "You pass the gradient on unchanged. Multiply it by the local derivative.",
        PASS_ON,
        "one.grad += value.grad",
        BACK,
    ),
    wrong(
        "gradients added in the chain",
        "You add the local derivative to the gradient. The chain rule multiplies them.",
        PASS_ON,
        "one.grad += slope + value.grad",
        BACK,
    ),
    wrong(
        "multiplied by the value instead of its gradient",
        "You multiply the local derivative by the value's data. The chain rule multiplies it by the value's gradient.",
        PASS_ON,
        "one.grad += slope * value.data",
        BACK,
    ),
    wrong(
        "gradients of an earlier result cleared",
        "backward sets the gradients to 0 first, so those of an earlier result are lost. They add up, as in PyTorch; the training loop clears them.",
        "self.grad = 1.0",
        "for value in sort_graph(self):\n            value.grad = 0.0\n        self.grad = 1.0",
        BACK,
    ),
    wrong(
        "gradients start at 1",
        "grad starts at 1. It starts at 0; only the result's becomes 1, in backward.",
        "self.grad = 0.0",
        "self.grad = 1.0",
        "Value.__init__",
    ),
]

LOCAL = [
    wrong(
        "the factors not exchanged",
        "In a product you multiply each gradient by the value's own number. The derivative of a * b along a is b, and along b it is a.",
        "(other.data, self.data)",
        "(self.data, other.data)",
        MULTIPLY,
    ),
    wrong(
        "a product's derivatives taken as 1",
        "A product passes gradients on as a sum does. The derivative of a * b along a is b, and along b it is a.",
        "(other.data, self.data)",
        "(1.0, 1.0)",
        MULTIPLY,
    ),
    wrong(
        "a product passes nothing to its second factor",
        "The second factor of a product gets no gradient: its derivative is the first factor.",
        "(other.data, self.data)",
        "(other.data, 0.0)",
        MULTIPLY,
    ),
    wrong(
        "a sum passes nothing to its second term",
        "The second term of a sum gets no gradient: its derivative is 1, as that of the first.",
        "(1.0, 1.0)",
        "(1.0, 0.0)",
        ADD,
    ),
    wrong(
        "a sum's derivatives taken from a product",
        "A sum multiplies the gradients by the other term. Its derivatives are 1 and 1.",
        "(1.0, 1.0)",
        "(other.data, self.data)",
        ADD,
    ),
    wrong(
        "a sum halves the gradient",
        "A sum passes half of the gradient to each term. Each gets all of it: the derivatives are 1 and 1.",
        "(1.0, 1.0)",
        "(0.5, 0.5)",
        ADD,
    ),
    wrong(
        "the exponent not lowered",
        "The derivative of aⁿ is n * aⁿ⁻¹: the exponent falls by 1.",
        "** (exponent - 1)",
        "**exponent",
        POWER,
    ),
    wrong(
        "the exponent not brought down",
        "The derivative of aⁿ is n * aⁿ⁻¹: the factor n is missing.",
        "exponent * self.data ** (exponent - 1)",
        "self.data ** (exponent - 1)",
        POWER,
    ),
    wrong(
        "every power taken for a square",
        "The derivative of every power is 2a in your engine. That of aⁿ is n * aⁿ⁻¹.",
        "exponent * self.data ** (exponent - 1)",
        "2 * self.data",
        POWER,
    ),
    wrong(
        "tanh's derivative without the square",
        "The derivative of tanh is 1 − c², with c the result of tanh.",
        "1 - data**2",
        "1 - data",
        "Value.tanh",
    ),
    wrong(
        "tanh's derivative from its input",
        "You square the input. The derivative of tanh is 1 − c², with c the result of tanh.",
        "1 - data**2",
        "1 - self.data**2",
        "Value.tanh",
    ),
    wrong(
        "sigmoid's derivative for tanh",
        "c (1 − c) is the derivative of the sigmoid. That of tanh is 1 − c².",
        "1 - data**2",
        "data * (1 - data)",
        "Value.tanh",
    ),
    wrong(
        "tanh passes all of the gradient on",
        "tanh passes the gradient on unchanged. Its derivative is 1 − c².",
        "1 - data**2",
        "1.0",
        "Value.tanh",
    ),
    wrong(
        "relu passes all of the gradient on",
        "relu passes the gradient on where it is off. Its derivative there is 0.",
        "1.0 if self.data > 0 else 0.0",
        "1.0",
        "Value.relu",
    ),
    wrong(
        "relu passes the gradient on at 0",
        "At exactly 0 you pass the gradient on. The derivative of relu there is taken as 0: a > 0, not a ≥ 0.",
        "self.data > 0",
        "self.data >= 0",
        "Value.relu",
    ),
    wrong(
        "relu's derivative is its value",
        "relu multiplies the gradient by its own value. Its derivative is 1 where the value is positive.",
        "1.0 if self.data > 0 else 0.0",
        "max(0.0, self.data)",
        "Value.relu",
    ),
    wrong(
        "exp's derivative by the rule for powers",
        "You use the rule for powers. The derivative of eᵃ is eᵃ itself.",
        "(self,), (data,)",
        "(self,), (self.data * math.exp(self.data - 1),)",
        "Value.exp",
    ),
    wrong(
        "exp passes all of the gradient on",
        "exp passes the gradient on unchanged. Its derivative is eᵃ.",
        "(self,), (data,)",
        "(self,), (1.0,)",
        "Value.exp",
    ),
    wrong(
        "exp's derivative is its input",
        "exp multiplies the gradient by its input. The derivative of eᵃ is eᵃ.",
        "(self,), (data,)",
        "(self,), (self.data,)",
        "Value.exp",
    ),
]

PLAIN = "other = as_value(other)"
NO_NUMBER = (
    "has no .data. Where other is no Value, make one of it first: other if isinstance(other, Value) else Value(other)."
)

VALUES = [
    Mistake(
        "plain numbers not taken",
        f"a + 2 and a * 2 fail: the number 2 {NO_NUMBER}",
        [Edit(PLAIN, "", ADD), Edit(PLAIN, "", MULTIPLY)],
    ),
    wrong("no plain number added", f"a + 2 fails: the number 2 {NO_NUMBER}", PLAIN, "", ADD),
    wrong("no plain number as a factor", f"a * 2 fails: the number 2 {NO_NUMBER}", PLAIN, "", MULTIPLY),
    wrong(
        "relu without its sign",
        "relu returns the size of the number. Below 0 it is 0.",
        "max(0.0, self.data)",
        "abs(self.data)",
        "Value.relu",
    ),
    wrong(
        "relu the wrong way round",
        "relu keeps negative numbers. It keeps positive ones.",
        "max(0.0, self.data)",
        "min(0.0, self.data)",
        "Value.relu",
    ),
    wrong(
        "data rounded",
        "You round data to 4 places. Nothing is rounded here.",
        "self.data = float(data)",
        "self.data = round(data, 4)",
        "Value.__init__",
    ),
    wrong(
        "a power multiplied instead",
        "You multiply by n. `a ** n` is a to the power n.",
        "self.data**exponent",
        "self.data * exponent",
        POWER,
    ),
    wrong(
        "a changed by a + b",
        "a + b adds b to a.data, too. An operation changes none of its inputs: compute self.data + other.data for the new Value alone.",
        "return Value(self.data + other.data, (self, other), (1.0, 1.0))",
        "self.data = self.data + other.data\n        return Value(self.data, (self, other), (1.0, 1.0))",
        ADD,
    ),
    wrong(
        "the sum changed in place",
        "a + b changes a itself. Return a new Value, and leave the inputs as they are.",
        "return Value(self.data + other.data, (self, other), (1.0, 1.0))",
        "self.data = self.data + other.data\n        return self",
        ADD,
    ),
]

MISTAKES = [*WAY_BACK, *LOCAL, *VALUES]
