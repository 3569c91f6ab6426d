"""What a learner begins with says what goes in, what comes out, of which shapes, and shows an example that is true."""

import ast
import doctest
import re
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from groundup.exercises.registry import LADDER, load_exercise, read_stub
from groundup.exercises.workspace import is_untouched
from groundup.judge.explain.known_mistakes import find_reference
from groundup.judge.explain.showing import name_arguments


def list_described(name):
    """Yield what a stub asks for: a name, its arguments, its docstring and that of its class."""
    for node in ast.parse(read_stub(name)).body:
        functions = [node] if isinstance(node, ast.FunctionDef) else []
        around = ""
        if isinstance(node, ast.ClassDef):
            functions = [part for part in node.body if isinstance(part, ast.FunctionDef)]
            around = ast.get_docstring(node) or ""
            if functions[0].name == "__init__":
                yield node.name, [one.arg for one in functions[0].args.args[1:]], around, ""
        for function in functions:
            if function.name != "__init__":
                arguments = [one.arg for one in function.args.args if one.arg != "self"]
                yield function.name, arguments, ast.get_docstring(function) or "", around


@pytest.mark.parametrize("name", LADDER)
def test_a_stub_says_what_goes_in_and_what_comes_out(name):
    described = list(list_described(name))
    assert described
    for one, arguments, docstring, around in described:
        assert docstring, one
        assert ">>> " in docstring + around, one
        if one[0].islower():
            assert "\nReturns\n-------\n" in docstring, one
        given = dict(re.findall(r"^(\w+) : (.+)$", docstring, re.MULTILINE))
        assert list(given) == arguments, one
        for line in [*given.values(), docstring.partition("Returns\n-------\n")[2].partition("\n")[0]]:
            if re.search(r"\b(array|tensor)s?\b", line):
                assert re.search(r"shapes? |0-d", line), (one, line)
    assert max(map(len, read_stub(name).splitlines())) <= 104


@pytest.mark.parametrize("name", LADDER)
def test_the_example_in_a_stub_is_what_the_reference_returns(name):
    exercise = load_exercise(name)
    reference = {
        exercise.entries[entry][0]: made
        for entry, made in find_reference(exercise).items()
        if entry in exercise.entries
    }
    known = {"np": np, "torch": torch, "nn": torch.nn, "Solution": lambda: SimpleNamespace(**reference), **reference}
    runner = doctest.DocTestRunner(verbose=False)
    told = []
    for one, _, docstring, around in list_described(name):
        parsed = doctest.DocTestParser().get_doctest(f"{docstring}\n\n{around}", known, one, f"{name}, {one}", 0)
        assert parsed.examples
        runner.run(parsed, out=told.append)
    assert not runner.failures, "".join(told)


@pytest.mark.parametrize("name", LADDER)
def test_a_failing_input_has_the_names_of_the_stub_or_of_its_check(name):
    exercise = load_exercise(name)
    described = {one: arguments for one, arguments, _, _ in list_described(name)}
    for check in exercise.checks:
        for case in check.edges[:1]:
            names = name_arguments(exercise, SimpleNamespace(check=check.name, case=case))
            assert names == list(check.arguments or described[exercise.entries[check.entry][0]])[: len(case)], (
                check.name
            )


def test_docstrings_are_no_work_of_the_learners():
    stub = read_stub("softmax")
    before = "import numpy as np\n\n\nclass Solution:\n    def softmax(self, z):\n        raise NotImplementedError\n"
    assert is_untouched("softmax", before)
    assert is_untouched("softmax", stub.replace("Turn scores", "My notes: turn scores"))
    assert not is_untouched("softmax", stub.replace("raise NotImplementedError", "return z"))
