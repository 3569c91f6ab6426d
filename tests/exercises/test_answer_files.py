"""Notebooks that are handed in as files: the answer's cells are found, with what they need, and nothing else."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from groundup.base.errors import UserError
from groundup.exercises.answer_files import extract_answer, read_answer
from groundup.exercises.registry import load_exercise

NP = "import numpy as np"
ANSWER = "def softmax(z):\n    e = np.exp(z - np.max(z))\n    return e / e.sum()"

METHOD = "def softmax(self, z):\n        return np.exp(z) / np.exp(z).sum()"


def write_book(*cells, **more):
    made = [{"cell_type": "code", "source": cell, "outputs": [], "metadata": {}} for cell in cells]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more}).encode()


def extract(*cells, exercise="softmax"):
    return extract_answer(write_book(*cells), Path("a.ipynb"), exercise, "a.ipynb")


def run(text):
    names = {"__name__": "answer"}
    exec(compile(text, "<answer>", "exec"), names)
    return names


FOUND = {
    "in one cell": [f"{NP}\n{ANSWER}"],
    "with imports of another": [NP, ANSWER],
    "with imports further down": [ANSWER, NP],
    "with a base class further down": ["class Solution(Base):\n    pass", f"{NP}\nclass Base:\n    {METHOD}"],
    "under a magic": [f"%matplotlib inline\n{NP}", f"%%time\n{ANSWER}"],
    "under %%check": [f"%load_ext groundup\n{NP}", f"%%check softmax\n{ANSWER}"],
    "kept in a file": [NP, f"%%writefile answers/softmax.py\n{ANSWER}"],
    "among other answers": [NP, "class Solution:\n    def get_minimizer(self, *a):\n        return 1", ANSWER,
        "class Solution:\n    def encode(self):\n        pass"],
    "in a class, among other classes": [NP, f"class Solution:\n    {METHOD}",
        "class Solution:\n    def get_minimizer(self, *a):\n        return 1"],
    "before a comparison": [NP, ANSWER, "from scipy.special import softmax\nsoftmax([1, 2])"],
    "before data of its name": [NP, ANSWER, "softmax, other = 1, 2"],
    "last of several": [NP, "def softmax(z):\n    return None", ANSWER],
    "checked before the last": [NP, f"%%check softmax\n{ANSWER}", "def softmax(z):\n    return None"],
    "in a cell with a broken one beside": [NP, "def nothing(:", ANSWER],
    "with shell commands": [f"!pip install numpy\n{NP}", f"files = !ls\nprint(files)\n{ANSWER}"],
    "with an import that is installed if missing": [
        "try:\n    import numpy as np\nexcept ImportError:\n    !pip install numpy\n    import numpy as np", ANSWER],
    "with plots around": [f"{NP}\nimport matplotlib.pyplot as plt", f"fig, ax = plt.subplots()\n{ANSWER}\nax.plot([1])",
        "for k in range(3):\n    plt.plot(softmax(np.zeros(k)))"],
    "with a star import": ["from numpy import *", "def softmax(z):\n    e = exp(z - z.max())\n    return e / sum(e)"],
    "with data that nobody needs": [NP, "import pandas as pd\ndata = pd.read_csv('nowhere.csv')", ANSWER],
    "with a table that is filled": [NP, "K = {}\nfor k in range(2):\n    K[k] = 1.0", f"{ANSWER} * K[1]"],
    "with a value set later": [NP, f"class C:\n    k = 2.0\n{ANSWER} * C.k", "C.k = 1.0"],
    "with a decorator": [NP, "def same(f):\n    return f", f"@same\n{ANSWER}"],
    "with display": [NP, f"{ANSWER.replace('return', 'display(e); return')}\ndisplay(1)"],
    "with help and quick calls": [f"{NP}\nnp.exp?\n?np\n/print 1", ANSWER],
    "with a text like a magic": [f"{NP}\ntext = '''\n%d\n!x\n'''\n%matplotlib inline\n{ANSWER}"],
    "indented as a whole": [NP, "  def softmax(z):\n      e = np.exp(z - np.max(z))\n      return e / e.sum()\n  !ls"],
    "with awaited values that nobody needs": [NP, f"x = await f()\n{ANSWER}"],
    "with annotations for later": ["from __future__ import annotations", NP, ANSWER.replace("(z):", "(z: Nowhere):")],
}  # fmt: skip


@pytest.mark.parametrize("cells", FOUND.values(), ids=FOUND.keys())
def test_the_answer_is_found_with_what_it_needs(cells):
    names = run(extract(*cells).text)
    softmax = names["Solution"]().softmax if "Solution" in names else names["softmax"]
    np = __import__("numpy")
    assert softmax(np.zeros(4)).tolist() == [0.25] * 4


def test_every_cell_of_an_answer_counts():
    found = extract(
        NP, "def sigmoid(z):\n    return 1 / (1 + np.exp(-z))", "x = 1", "relu = lambda z: z", exercise="activations"
    )
    assert {"sigmoid", "relu"} <= run(found.text).keys()
    assert found.where == "cells 1, 2 and 4"


def test_lines_and_cells_are_told():
    found = extract("# nothing", "%%check softmax\n\ndef softmax(z):\n    return z / nothing")
    assert found.where == "cell 2"
    assert found.places == {1: "3", 2: "4"}
    found = extract("x = 1\nK = 2", "def softmax(z):\n    return z / K")
    assert found.places == {1: "2 of cell 1", 2: "1 of cell 2", 3: "2 of cell 2"}


def test_what_is_broken_is_left_to_the_judge_to_say():
    assert extract(NP, "x = 1\ndef softmax(z:").text == "x = 1\ndef softmax(z:"
    assert extract(NP, "%%check softmax\ndef softmax(z:", ANSWER).text == "\ndef softmax(z:"
    assert extract(NP, "x = 1").text == ""
    assert extract().text == ""


def test_what_only_a_notebook_could_give_is_lost_and_said():
    found = extract(NP, f"files = !ls\nK = len(files)\n{ANSWER} * K")
    assert "K" in found.lost
    said = {"headline": "Not right yet.", "findings": ["It raises NameError: name 'K' is not defined (line 4)."]}
    told = found.retell_facts({**said, "failing": None, "mistakes": [], "remarks": []})
    assert told["headline"].startswith(
        "It uses K, which cannot be taken along out of the notebook: a magic or an await"
    )
    assert "NameError" not in "".join(told["findings"])


def test_a_notebook_of_the_old_form_and_one_with_a_mark():
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": [f"{NP}\n", ANSWER]}]}], "nbformat": 3}
    for raw in (json.dumps(old).encode(), b"\xef\xbb\xbf" + write_book(f"{NP}\n{ANSWER}")):
        assert "softmax" in run(extract_answer(raw, Path("a.ipynb"), "softmax", "a").text)


def test_what_jupyter_writes_is_read(tmp_path):
    book = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("# Softmax"),
            nbformat.v4.new_code_cell(f"{NP}\r\n{ANSWER}".replace("\n", "\r\n")),
        ]
    )
    nbformat.write(book, tmp_path / "a.ipynb")
    found = read_answer(tmp_path / "a.ipynb", "softmax")
    assert found.where == "cell 2"
    assert "softmax" in run(found.text)


def test_a_notebook_exported_as_python_runs():
    text = f"# In[1]:\nget_ipython().run_line_magic('matplotlib', 'inline')\n{NP}\n\n# In[2]:\n{ANSWER}\n"
    found = extract_answer(text.encode(), Path("a.py"), "softmax", "a.py")
    assert "softmax" in run(found.text)
    assert found.text.count("\n") == text.count("\n")


REFUSED = {
    "no JSON": (b"x = 1", "no notebook, or a damaged one"),
    "cut off": (write_book(NP)[:-9], "no notebook, or a damaged one"),
    "nested too deep": (b"[" * 10**5, "no notebook"),
    "a list": (b"[]", "no notebook"),
    "no cells": (b'{"cells": 3}', "no notebook"),
    "not UTF-8": (b'{"cells": ["\xe9"]}', "no notebook"),
    "a long number": (b'{"cells": [' + b"9" * 5000 + b"]}", "no notebook"),
    "another language": (write_book(NP, metadata={"kernelspec": {"language": "R"}}), "a notebook of R"),
    "half a letter": (write_book(NP, "x = 1\ny = '\ud800'"), "cell 2, line 2: half of a pair"),
    "too much code": (write_book(f"x = '{'a' * 2**20}'"), "more than 1 MiB of code"),
    "too many statements": (write_book("x = 1\n" * 5001), "more than 5000 statements"),
}


@pytest.mark.parametrize(("raw", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_notebook_is_said_in_a_line(raw, told):
    with pytest.raises(UserError) as caught:
        extract_answer(raw, Path("a.ipynb"), "softmax", "a.ipynb")
    assert told in str(caught.value)
    assert str(caught.value).startswith("a.ipynb")


@pytest.mark.parametrize(
    "code",
    [
        "x = " + "-" * 10**5 + "1",
        "x = a" + ".b" * 10**5,
        "x = 1" + "+1" * 10**5,
        "x" + " " * 10**6,
        "get_ipython()\n" * 5000,
        "\n".join("x[0] = 1" for _ in range(4990)) + "\ndef softmax(z):\n    return x",
        "\n".join(f"def f{n}():\n    return f{n + 1}()" for n in range(2000)) + "\nsoftmax = f0",
        "%" * 10**5,
        "(" * 10**5,
        "'''" * 10**5,
        "x = 1\n!" * 4000,
        '"' + "\\" * 10**5,
    ],
)
def test_hostile_cells_are_read_or_refused_soon(code):
    done = subprocess.run(
        [sys.executable, "-c", _READ], input=write_book(code, ANSWER), capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr.decode()[-500:]


_READ = """
import sys
from pathlib import Path
from groundup.base.errors import UserError
from groundup.exercises.answer_files import find_answer, read_cells
try:
    find_answer(read_cells(sys.stdin.buffer.read(), "a"), "softmax", {"softmax": ["softmax"]}, "a")
except UserError:
    pass
"""


def test_an_exercise_of_classes():
    exercise = load_exercise("layer-norm")
    source = "import torch\nfrom torch import nn\n\n\nclass Base(nn.Module):\n    pass"
    answer = "class Solution(Base):\n    def forward(self, x, gamma, beta):\n        return x"
    found = extract(source, answer, exercise=exercise.name)
    assert "Solution" in run(found.text)
