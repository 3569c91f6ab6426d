"""What cells take from other cells, as people write notebooks: each case is judged in the answer's own process."""

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from groundup.exercises.cells import read_top
from groundup.exercises.program import is_python
from groundup.exercises.registry import choose_libraries, load_exercise
from groundup.judge.judging import CheckOptions
from groundup.judge.warm_judge import WarmJudge
from groundup.plugins.notebook_source import complete

QUICK = CheckOptions(seed=1, shrink_seconds=0.1, naming_seconds=0.1, share=0.1)
NP = "import numpy as np"
BARE = "def softmax(z):\n    e = exp(z - z.max())\n    return e / e.sum()"
PLAIN = "def softmax(z):\n    e = np.exp(z - np.max(z))\n    return e / e.sum()"
SCALED = "def softmax(z):\n    e = np.exp(z - np.max(z))\n    return e / e.sum() * {}"
# A helper that does nothing to the result, by whatever makes it.
THROUGH = "def softmax(z):\n    e = np.exp(z - np.max(z))\n    return {}(e / e.sum())"


@pytest.fixture(scope="module")
def judge():
    with WarmJudge(load_exercise) as standing:
        yield standing


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    before = sys.modules["__main__"], sys.displayhook, sys.excepthook
    settings = Config()
    settings.HistoryManager.enabled = False
    InteractiveShell.clear_instance()
    made = InteractiveShell.instance(config=settings, ipython_dir=str(tmp_path_factory.mktemp("ipython")))
    made.run_line_magic("colors", "nocolor")
    yield made
    made.run_line_magic("precision", "")  # numpy prints as before
    made.restore_sys_module_state()
    InteractiveShell.clear_instance()
    sys.modules["__main__"], sys.displayhook, sys.excepthook = before


@pytest.fixture
def verdict_on(shell, judge, tmp_path, monkeypatch):
    """Return a function that runs cells and judges the last one."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in shell.user_ns.keys() - shell.user_ns_hidden.keys() if not name.startswith("__")]:
        del shell.user_ns[name]  # as %reset does, which also collects garbage for a second
    shell.compile.reset_compiler_flags()

    def run(*cells, name="softmax"):
        # In a thread of its own, because a browser test before may have left this one's event loop running.
        with capture_output(), ThreadPoolExecutor(1) as thread:
            for cell in cells:
                result = thread.submit(shell.run_cell, cell).result()
                assert result.success, result.error_in_exec or result.error_before_exec
        source = shell.transform_cell(f"# %%check\n{read_top(cells[-1]).text}").partition("\n")[2]
        assert is_python(source)
        hidden = shell.user_ns_hidden
        names = {key: value for key, value in shell.user_ns.items() if hidden.get(key, run) is not value}
        exercise = load_exercise(name)
        extract = complete(source, names, exercise.entries.values())
        libraries = choose_libraries(name, extract.text)
        return extract.retell(judge.judge(name, extract.text, QUICK, libraries))

    return run


def _read_cases():
    text = Path(__file__).with_name("taken_along.txt").read_text(encoding="utf-8")
    for case in text.split("\n## ")[1:]:
        name, _, body = case.strip("\n").partition("\n")
        cells = re.sub(r"^TIMES (.*)$", lambda found: SCALED.format(found[1]), body, flags=re.MULTILINE)
        for word, code in (("BARE", BARE), ("PLAIN", PLAIN)):
            cells = re.sub(f"^{word}$", lambda _, code=code: code, cells, flags=re.MULTILINE)
        yield pytest.param(cells.split("\n---\n"), id=name)


@pytest.mark.parametrize("cells", list(_read_cases()))
def test_what_is_used_is_taken_along(cells, verdict_on):
    verdict = verdict_on(*cells)
    assert verdict.accepted, (verdict.headline, verdict.findings, verdict.shown)


LOST = {
    "a generator": ([f"{NP}\nK = (1.0 for _ in range(9))", SCALED.format("next(K)")], "generator"),
    "a file": (
        [f"{NP}\nK = open('x', 'w')\nK.close()", SCALED.format("bool(K)")],
        "a TextIOWrapper cannot be copied into another process",
    ),
    "far too much": ([f"{NP}\nK = np.zeros(3_000_000)", SCALED.format("(1 + K[0])")], "larger than 8 MiB"),
    "the notebook itself": ([f"{NP}", SCALED.format("(1 if get_ipython() else 0)")], "only a notebook"),
}  # fmt: skip


@pytest.mark.parametrize(("cells", "why"), LOST.values(), ids=LOST.keys())
def test_what_cannot_be_taken_along_is_said(cells, why, verdict_on):
    verdict = verdict_on(*cells)
    assert not verdict.accepted
    name = "get_ipython" if "notebook" in why else "K"
    assert verdict.headline.startswith(f"It uses {name}, which cannot be taken along out of the notebook: ")
    assert why in verdict.headline
    assert "NameError" not in verdict.headline + "".join(verdict.findings)
    assert verdict.shown is None


def test_a_module_beside_the_notebook_is_said_by_its_name(verdict_on, tmp_path, monkeypatch):
    (tmp_path / "beside.py").write_text("def one():\n    return 1.0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    for cells in (["import beside", SCALED.format("beside.one()")], ["from beside import one", SCALED.format("one()")]):
        verdict = verdict_on(NP, *cells)
        assert "the module beside is not installed" in verdict.headline


def test_a_name_that_nobody_gave_is_undefined(verdict_on):
    verdict = verdict_on(NP, SCALED.format("nowhere"))
    assert "NameError: name 'nowhere'" in verdict.findings[0]


def test_lines_are_those_of_the_cell_or_of_the_function_they_are_in(verdict_on):
    helper = "def helper(z):\n    # a comment\n    return nowhere"
    verdict = verdict_on(NP, helper, THROUGH.format("helper"))
    assert "(line 3 of helper)" in verdict.findings[0]
    verdict = verdict_on(NP, helper, f"x = 1\n{SCALED.format('nowhere')}")
    assert "(line 5)" in verdict.findings[0]  # with the line of %%check
