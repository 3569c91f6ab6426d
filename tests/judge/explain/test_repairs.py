"""A beginner's mistake is taken out of an answer's file, and nothing else is changed."""

import ast

import pytest

from groundup.judge.explain.repairs import find_nearest, list_repairs

# Name, file, what the file must compute without the mistake: an expression over its names that is true then.
MISTAKES = {
    "a power": ("^ written for a power", "def f(x):\n    return 1 - 2 * x^2 / 4", "f(4.0) == -7"),
    "a power in place": ("^ written for a power", "def f(x):\n    x ^= 2\n    return x", "f(3) == 9"),
    "max": ("Python's max on an array", "def f(x):\n    return max(0, x)", "list(f(np.array([-1.0, 2.0]))) == [0, 2]"),
    "min": ("Python's max on an array", "def f(x):\n    return min(x, 0)", "list(f(np.array([-1.0, 2.0]))) == [-1, 0]"),
    "log10": (
        "log10 taken for the natural logarithm",
        "import math\ndef f(x):\n    return math.log10(x)",
        "f(math.e) == 1",
    ),
    "sum": ("Python's sum on a matrix", "def f(x):\n    return sum(x)", "f(np.ones((2, 3))) == 6"),
    "a list": ("a list where an array is meant", "def f(x):\n    return [1, 2] + list(x)", "list(f([3, 4])) == [4, 6]"),
    "a list in place": (
        "a list where an array is meant",
        "def f(x):\n    y = [1, 2]\n    y += [2 * v for v in x]\n    return y",
        "list(f([3, 4])) == [7, 10]",
    ),
    "whole numbers": (
        "an array of whole numbers",
        "import numpy as np\ndef f(x):\n    y = np.zeros(2, dtype=int)\n    y[:] = x\n    return y",
        "list(f([0.5, 1.5])) == [0.5, 1.5]",
    ),
    "zeros like": (
        "an array of whole numbers",
        "import numpy as np\ndef f(x):\n    y = np.zeros_like(x)\n    y[0] = 0.5\n    return y",
        "f(np.array([1, 2]))[0] == 0.5",
    ),
    "astype": ("an array of whole numbers", "def f(x):\n    return x.astype(int) / 2", "f(np.array([0.5]))[0] == 0.25"),
    "int": ("cut to a whole number", "def f(x):\n    return int(x) / 2", "f(1.5) == 0.75"),
    "rounded in a loop": (
        "rounded inside the loop",
        "def f(x):\n    for _ in range(2):\n        x = round(x / 3, 1)\n    return x",
        "abs(f(1.0) - 1 / 9) < 1e-12",
    ),
    "rounded": ("rounded to too few places", "def f(x):\n    return round(x / 3, 1)", "f(1.0) == 1 / 3"),
    "no self": ("self is missing", "class A:\n    def f(x):\n        return x", "A().f(2) == 2"),
    "a name without self": (
        "self is missing",
        "class A:\n    def g(self, x):\n        return x\n    def f(self, x):\n        return g(x)",
        "A().f(2) == 2",
    ),
    "a module that is not prepared": (
        "super().__init__() is missing",
        "from torch import nn\nclass A(nn.Module):\n    def __init__(self):\n        self.f = nn.Identity()",
        "A().f(2) == 2",
    ),
    "a module that is prepared too late": (
        "super().__init__() is missing",
        "from torch.nn import *\nclass A(Module):\n    def __init__(self):\n        self.f = Identity()\n"
        "        super().__init__()",
        "A().f(2) == 2",
    ),
    "printed": ("nothing returned", "def f(x):\n    print(2 * x)", "f(2) == 4"),
    "forgotten": ("nothing returned", "def f(x):\n    y = 2 * x", "f(2) == 4"),
    "forgotten behind a loop": (
        "nothing returned",
        "def f(x):\n    y = 0\n    for v in x:\n        y += v",
        "f([1, 2]) == 3",
    ),
    "in one branch": (
        "nothing returned",
        "def f(x):\n    if x > 0:\n        return x\n    else:\n        print(-x)",
        "f(-2) == f(2) == 2",
    ),
    "too early": (
        "returned inside the loop",
        "def f(x):\n    y = 0\n    for v in x:\n        y += v\n        return y",
        "f([1, 2]) == 3",
    ),
    "too early, in the inner loop": (
        "returned inside the loop",
        "def f(x):\n    y = 0\n    for r in x:\n        for v in r:\n            y += v\n            return y",
        "f([[1, 2], [3]]) == 6",
    ),
    "the input changed": (
        "the input changed in place",
        "def f(x):\n    x -= 1\n    return x",
        "(x := np.ones(2)) is not None and f(x)[0] == 0 and x[0] == 1",
    ),
    "a list of the class": (
        "shared by all objects",
        "class A:\n    kept = []\n    def f(self, x):\n        self.kept.append(x)\n        return len(self.kept)",
        "A().f(1) == A().f(1) == 1",
    ),
    "a number of the class": (
        "shared by all objects",
        "class A:\n    total = 0\n    def __init__(self, x):\n        self.x = x\n"
        "    def f(self):\n        A.total += self.x\n        return A.total",
        "A(1).f() == A(1).f() == 1 and (a := A(2)).f() + a.f() == 6",
    ),
    "a list as a default value": (
        "shared by all calls",
        "class A:\n    def __init__(self, kept=[]):\n        self.kept = kept\n"
        "    def f(self, x):\n        self.kept.append(x)\n        return len(self.kept)",
        "A().f(1) == A().f(1) == 1 and A([1]).f(1) == 2",
    ),
    "one array kept": (
        "an array changed in place that is used elsewhere, too",
        "import numpy as np\ndef f():\n    p, way = np.zeros(1), []\n    for _ in range(2):\n        p += 1\n"
        "        way.append(p)\n    return way",
        "[one[0] for one in f()] == [1, 2]",
    ),
}


def repair_all(source, lacking=(), rounding=4):
    found = []
    for general in (False, True):
        wanted = {name: [name] for name in lacking}
        for repairs in list_repairs(source, ast.parse(source), wanted, rounding, True, general):
            found += [repairs.whole, *repairs.singles()]
    return found


def is_mended(source, test):
    import math

    import numpy as np

    names = {"np": np, "math": math}
    try:
        exec(source, names)
        return bool(eval(test, names))
    except Exception:  # noqa: BLE001 - a mistaken file may raise anything
        return False


@pytest.mark.parametrize("kind", MISTAKES)
def test_the_mistake_is_taken_out(kind):
    name, source, test = MISTAKES[kind]
    assert not is_mended(source, test)
    assert any(repair.name == name and is_mended(repair.source, test) for repair in repair_all(source))


def test_a_missing_return_takes_nothing_else_out():
    # Without its last line the answer would come right, but that is another mistake.
    source = "def spoil(v):\n    w = v\n    w.append(1)\n\ndef f(x):\n    spoil(x)\n    return x"
    returned = [repair for repair in repair_all(source) if repair.name == "nothing returned"]
    assert returned
    assert all("w.append(1)" in repair.source for repair in returned)


@pytest.mark.parametrize("asked", ["soft_max", "Softmax", "softMax", "my_softmax", "softmaxx"])
def test_another_name_leads_to_the_one_that_is_asked_for(asked):
    (repair,) = repair_all(f"def {asked}(z):\n    return z", lacking=["softmax"])
    assert is_mended(repair.source, "softmax(2) == 2")
    assert repair.says == f"softmax is asked for, and {asked} (line 1) is it: rename it."


def test_a_method_of_another_class_is_found():
    (repair,) = repair_all("class Answer:\n    def softmax(self, z):\n        return z", lacking=["softmax"])
    assert is_mended(repair.source, "softmax(2) == 2")
    assert repair.says.endswith("rename the class: Solution.")


def test_what_is_like_no_name_is_not_taken_for_one():
    assert find_nearest(["softmax"], ["draw", "main"]) is None
    assert (
        find_nearest(["SingleHeadAttention", "Solution"], ["my_SingleHeadAttention", "mask"])
        == "my_SingleHeadAttention"
    )
    assert repair_all("def draw(z):\n    return z\n\n\ndef main():\n    pass", lacking=["softmax"]) == []


def test_the_line_is_told():
    says = [repair.says for repair in repair_all("def f(x):\n    y = x^2\n    return y")]
    assert any(one.startswith("Line 2: ") for one in says)


def test_constants_of_a_class_are_left_alone():
    assert repair_all("class A:\n    rate = 0.01\n    def f(self, x):\n        return self.rate - x") == []


def test_rounding_that_is_allowed_is_left_alone():
    assert repair_all("def f(x):\n    return round(x / 3, 4)", rounding=4) == []
