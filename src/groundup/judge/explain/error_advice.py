"""What the errors that an answer raises most often come from: they tell what was met, not what to do."""

from __future__ import annotations

import ast
import re

from groundup.judge.answer import Raised

# A pattern of "kind: text" → what it most often comes from and what to write instead. The first that fits is told.
ADVICE: dict[str, str] = {
    r"bitwise_xor|for \^:": (
        "In Python a power is written with two stars: x**2. The sign ^ works on the bits of whole numbers."
    ),
    r"name 'self' is not defined|(\w+)\.\w+\(\) takes 0 positional arguments but 1 was given": (
        "The first parameter of a method is self: write def name(self, …)."
    ),
    r"truth value of an array|Boolean value of Tensor": (
        "An if, and, or, max(…) or min(…) of Python's takes one number, not an array of several. Use a function "
        "that works on each value: np.maximum, np.where; in PyTorch torch.relu, clamp, torch.where. For the largest"
        " value of an array use .max()."
    ),
    r"'(axis|dim|keepdims?)' is an invalid keyword argument for (sum|max|min)\(\)": (
        "This is Python's own function, which knows no dimensions. Use NumPy's or PyTorch's: np.sum, np.max, or the"
        " method x.sum, x.max."
    ),
    (
        r"can't multiply sequence by non-int|for [^:]+: .*'(?:list|tuple)'|"
        r"bad operand type for unary -: '(?:list|tuple)'"
    ): (
        "A list is no array: + joins two lists, and other arithmetic does not work on them. Make it an array first,"
        " with np.array or torch.tensor, or go through its numbers in a loop."
    ),
    r"can only concatenate (list|tuple)": (
        "With a list, + joins another list to its end. Make it an array first, with np.array or torch.tensor, to "
        "add numbers to it."
    ),
    r"'(?:list|tuple)' object has no attribute '(?:shape|T|mT|sum|mean|max|min|dot|reshape|astype|size)'": (
        "This is a list, not an array: make it one first, with np.array or torch.tensor."
    ),
    r"list indices must be integers or slices, not tuple": (
        "A list of lists has no x[i, j] and no x[:, j]: write x[i][j], or make it an array first, with np.array or "
        "torch.tensor."
    ),
    (
        r"'float' object cannot be interpreted as an integer|indices must be integers.* not float|"
        r"expected a sequence of integers"
    ): ("Here only a whole number will do. A division with / always gives a fraction: use //, or int(…)."),
    r"NoneType": (
        "Something here is None: an argument that may be None, or what a function returned that has no return "
        "(print only shows a value). Methods such as append and sort return None, too."
    ),
    r"builtin_function_or_method'|: 'method'|'method' object is not subscriptable|'method' and '": (
        "A function is named here but not called: the parentheses are missing, as in x.mean()."
    ),
    (
        r"only (0-dimensional|length-1|size-1|one element)|can only convert an array of size 1|"
        r"cannot be converted to Scalar"
    ): (
        "A function for one number is given an array of several: float(…), int(…), .item() and those of math take "
        "one. Use NumPy's or PyTorch's function instead: np.exp for math.exp."
    ),
    r"must be real number, not (list|tuple)": (
        "Functions of math take one number. For many numbers use NumPy's or PyTorch's."
    ),
    r"Cannot cast ufunc .* to dtype\('u?int|can't be cast to the desired output type (Long|Int)": (
        "An array of whole numbers cannot take fractions. Make it one of fractions first: x.astype(float), "
        "x.float(), or dtype=float."
    ),
    (
        r"not implemented for '(Long|Int)'|could not infer output dtype|"
        r"must have the same dtype, but got (Long|Int)"
    ): ("This tensor holds whole numbers, and the function needs fractions: convert it first, with x.float()."),
    r"must have the same dtype": ("The two tensors have different dtypes: convert one with x.to(other.dtype)."),
    r"one of the following scalar types: Long, Int|used as indices must be|arrays used as indices": (
        "Only whole numbers can pick rows: convert the indices first, with x.long() or x.astype(int)."
    ),
    r"before Module\.__init__\(\) call": (
        "The first line of __init__ must be super().__init__(), before any layer is made."
    ),
    r'missing the required "forward" function': (
        "An nn.Module computes in a method forward(self, …): write one, spelled like this."
    ),
    r"leaf Variable that requires grad is being used in an in-place": (
        "A weight that is being trained cannot be changed in place like this. Do it within torch.no_grad(), or make"
        " a new tensor."
    ),
    r"does not require grad and does not have a grad_fn": (
        "The loss is not connected to any weight. Is something cut off on the way: .item(), .detach(), .numpy(), "
        "float(…), torch.no_grad() or a new torch.tensor(…)?"
    ),
    r"only for scalar outputs": ("backward() starts from one number: take the mean or sum of the losses first."),
    (
        r"mismatch in its core dimension|not aligned|shapes cannot be multiplied|size mismatch|"
        r"inconsistent tensor size"
    ): (
        "The shapes do not fit: in a product A @ B the last dimension of A must be as long as the first of a B with"
        " one or two dimensions. Write down both shapes. Is one to be transposed, or are the two exchanged?"
    ),
    r"could not be broadcast|must match the size of tensor": (
        "The shapes do not fit: two arrays meet value by value, from the last dimension back, and there they must "
        "be equally long, or one of them 1. Write down both shapes. Is a keepdims=True missing, or a product with @"
        " meant?"
    ),
    r"^(AxisError|numpy\.AxisError)|Dimension out of range": (
        "There is no such dimension: they are counted from 0, and from −1 backwards. The array has fewer than you "
        "think."
    ),
    r"setting an array element with a sequence|expected sequence of length": (
        "Several numbers are put where one has its place: are the rows equally long, and is each entry a single number?"
    ),
    r"too many indices": ("The array has fewer dimensions than the brackets have places: look at its shape."),
    r"^IndexError: .*out of (range|bounds)": (
        "An index is too large: of n things the first has the index 0 and the last n − 1. Does a loop run one step "
        "too far, or is the input shorter than you think?"
    ),
    r"^RecursionError": (
        "A function calls itself without end: is there a case that returns without a further call, and is it reached?"
    ),
    r"^UnboundLocalError": (
        "A variable is used before it gets a value in this function: set it first, also where a loop or an if is "
        "not entered."
    ),
    r"^ZeroDivisionError": (
        "Something is divided by 0: which size or sum can be 0 here? That case has to be taken care of first."
    ),
    r"math domain error": ("math.log and math.sqrt take no number that is 0 or negative here: what can become so?"),
    r"^OverflowError": (
        "A number became too large: exp, for one, overflows above about 709. Rewrite the formula so that it gets no "
        "large positive number."
    ),
    r"'(ndarray|numpy\.ndarray|Tensor|float|int|list|tuple|str|dict)' object is not callable": (
        "A value is called like a function. Is a * missing before a parenthesis, are square brackets meant, or has "
        "a variable the name of a function, such as sum or max?"
    ),
    r"argument 'input' \(position 1\) must be Tensor, not": (
        "PyTorch's functions take tensors: make one with torch.tensor, or use math's function for a number and "
        "NumPy's for an array."
    ),
    r"has no attribute 'append'": (
        "Arrays and tensors have no append: collect the parts in a list, then np.array or torch.stack."
    ),
}


def advise(raised: Raised) -> str | None:
    """Return what an error most often comes from and what to do about it; None where that cannot be told.

    Examples
    --------
    >>> advise(Raised("TypeError", "unsupported operand type(s) for ^: 'float' and 'int'", 3))
    'In Python a power is written with two stars: x**2. The sign ^ works on the bits of whole numbers.'
    >>> advise(Raised("TypeError", "not today", 3))
    """
    if (missed := _SELF.search(raised.text)) and int(missed["given"]) == int(missed["taken"]) + 1:
        return (
            "One argument too many: does the method lack its first parameter, self? Write def name(self, …). "
            "Otherwise compare the parameters with the statement's."
        )
    told = f"{raised.kind}: {raised.text}"
    return next((advice for pattern, advice in ADVICE.items() if re.search(pattern, told)), None)


_SELF = re.compile(r"\w+\.\w+\(\) takes (?P<taken>[1-9]\d*) positional arguments? but (?P<given>\d+) were given")


def advise_on_syntax(error: BaseException) -> str | None:
    """Return what to do about a file whose lines are indented wrongly; None for other errors, whose texts say it.

    Examples
    --------
    >>> advise_on_syntax(IndentationError("unexpected indent"))
    'This line begins further to the right than the one above it, and no block (for, if, def …:) begins there.'
    """
    text = error.msg if isinstance(error, SyntaxError) else ""
    if isinstance(error, TabError):
        return (
            "Some lines are indented with tabs and others with spaces: use four spaces for each level. Most editors "
            "convert tabs to spaces for you."
        )
    if "unexpected indent" in text:
        return (
            "This line begins further to the right than the one above it, and no block (for, if, def …:) begins there."
        )
    if "unindent does not match" in text:
        return (
            "This line begins where no block above it begins: give it as many spaces as the other lines of its block."
        )
    return None


def advise_on_self(raised: Raised, tree: ast.AST) -> str | None:
    r"""Return what to write where an unknown name is one that the file's own class has; None elsewhere.

    Examples
    --------
    >>> tree = ast.parse("class A:\n    def __init__(self):\n        self.table = 1")
    >>> advise_on_self(Raised("NameError", "name 'table' is not defined", 5), tree)
    'table belongs to the object: write self.table.'
    """
    unknown = re.search(r"name '(\w+)' is not defined", raised.text) if raised.kind == "NameError" else None
    if unknown is None:
        return None
    own = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            own |= {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
    return f"{unknown[1]} belongs to the object: write self.{unknown[1]}." if unknown[1] in own else None
