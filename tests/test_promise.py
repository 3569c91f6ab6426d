"""The promise: every step runs in a job, or a module that does is held equal to it by a test that is there."""

import ast
import re
from pathlib import Path

import pytest

import groundup
from groundup import promise
from groundup.course import CHAPTERS, find_step

ROOT = Path(groundup.__file__).parents[2]
STEPS = [step for chapter in CHAPTERS for step in chapter.steps]


def test_every_step_runs_in_a_job_or_equals_what_does():
    assert promise.list_broken() == []


def test_a_step_that_nothing_runs_is_found(monkeypatch):
    line = re.compile(r"from groundup\.steps\.c6_gpt\.positions import .*")
    sources = {name: line.sub("", source) for name, source in promise._list_sources().items()}
    promise._list_chains.cache_clear()
    monkeypatch.setattr(promise, "_list_sources", lambda: sources)
    try:
        assert promise.list_broken() == ["positions"]
    finally:
        promise._list_chains.cache_clear()


@pytest.mark.parametrize("step", STEPS)
def test_the_tests_that_hold_forms_equal_are_there_and_know_the_step(step):
    for form in promise.find_place(step).forms:
        file, _, name = form.test.partition("::")
        if not (ROOT / "tests").is_dir():
            pytest.skip("installed without its tests")
        tree = ast.parse((ROOT / file).read_text())
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, form.test
        module = find_step(step)
        imported = promise.read_imports(ast.unparse(tree), frozenset({module, *promise._list_sources()}))
        assert module in imported, f"{file} does not import {module}"


def test_what_is_declared_names_steps():
    for module, tests in promise._list_equals().items():
        assert set(tests) <= set(STEPS), module


def test_imports_for_type_checkers_run_nothing():
    source = "if TYPE_CHECKING:\n    import a.b\nfrom a import c\ndef f():\n    from a.d import e\n"
    assert promise.read_imports(source, frozenset({"a", "a.b", "a.c", "a.d"})) == {"a.c", "a.d"}
