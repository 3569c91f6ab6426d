"""Every exercise has a model answer: right without a remark, with the stub's signature, short, and never imported."""

import ast
import doctest
import re
import sys
from types import ModuleType

import numpy as np
import pytest
import torch

from groundup.exercises.registry import LADDER, choose_libraries, load_exercise, read_model_answer, read_stub
from groundup.judge.isolation.fork_server import Limits
from groundup.judge.judging import CheckOptions, judge

# Time enough for all cases on a busy machine, too.
EFFORT = CheckOptions(seed=1, share=0.1, limits=Limits(seconds=60.0, total_seconds=600.0, patience=600.0))


@pytest.mark.parametrize("name", LADDER)
def test_a_model_answer_is_right_and_falls_short_of_nothing(name, fork_server):
    verdict = judge(load_exercise(name), read_model_answer(name), fork_server, EFFORT)
    assert verdict.accepted, verdict.to_json()
    assert not verdict.remarks + verdict.findings
    assert not verdict.printed


def list_signatures(source):
    """Return the classes of a source, their methods, and the names of what each is given, with its defaults."""
    return {
        (node.name, part.name): ast.unparse(part.args)
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef)
        for part in node.body
        if isinstance(part, ast.FunctionDef)
    }


@pytest.mark.parametrize("name", LADDER)
def test_a_model_answer_has_the_signature_of_its_stub(name):
    assert list_signatures(read_stub(name)).items() <= list_signatures(read_model_answer(name)).items()


@pytest.mark.parametrize("name", LADDER)
def test_a_model_answer_is_as_a_learner_would_write_it(name):
    source = read_model_answer(name)
    assert '"""' not in source
    assert "round(" not in source or name == "quantisation"  # where rounding is what is asked for
    assert "manual_seed" not in source
    assert source.count("#") <= 4
    assert max(map(len, source.splitlines())) <= 104  # as the stubs
    imported = set(re.findall(r"^(?:from|import) (\w+)", source, re.MULTILINE))
    assert imported <= {"numpy", "torch", "collections", "itertools"}
    # Where NumPy alone is enough, it does without PyTorch; nothing is imported in vain.
    assert "torch" in read_stub(name) or "torch" not in imported
    assert choose_libraries(name, source) == choose_libraries(name, "") or "optim." in source


@pytest.mark.parametrize("name", LADDER)
def test_the_examples_of_the_stub_are_true_of_the_model_answer(name):
    model_answer = ModuleType(name)
    exec(compile(read_model_answer(name), name, "exec"), vars(model_answer))
    known = {"np": np, "torch": torch, "nn": torch.nn, **vars(model_answer)}
    runner, told = doctest.DocTestRunner(verbose=False), []
    for node in ast.walk(ast.parse(read_stub(name))):
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and (text := ast.get_docstring(node)):
            runner.run(doctest.DocTestParser().get_doctest(text, known, node.name, name, 0), out=told.append)
    assert runner.tries
    assert not runner.failures, "".join(told)


def test_no_exercise_imports_its_model_answer():
    for name in LADDER:
        load_exercise(name)
    assert not [module for module in sys.modules if "model_answer" in module.split(".")[-1:]]
