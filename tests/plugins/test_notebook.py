"""The magics in a shell of this process, and once in a real kernel."""

import re
import sys
from types import SimpleNamespace

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient
from traitlets.config import Config

from groundup.exercises.registry import list_names, read_stub

SOFTMAX = "def softmax(z):\n    powers = np.exp(z - np.max(z))\n    return powers / powers.sum()"
LEAKY = "def sigmoid(z):\n    return 1 / (1 + np.exp(-z))\n\ndef relu(z):\n    return np.maximum(z, 0.01 * z)"


class Notebook:
    """Cells, run one after the other."""

    def __init__(self, shell):
        self.shell = shell
        self.passed = True

    def run(self, cell):
        """Return what a cell shows: (plain text of each rich output, HTML of the last, written output and errors)."""
        with capture_output() as seen:
            self.passed = self.shell.run_cell(cell, store_history=True).success
        self.html = "".join(output.data.get("text/html", "") for output in seen.outputs)
        self.markdown = "".join(output.data.get("text/markdown", "") for output in seen.outputs)
        self.errors = seen.stderr
        return seen.stdout + "\n".join(output.data["text/plain"] for output in seen.outputs)


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
    made.run_line_magic("unload_ext", "groundup")
    made.restore_sys_module_state()
    InteractiveShell.clear_instance()
    sys.modules["__main__"], sys.displayhook, sys.excepthook = before


@pytest.fixture
def notebook(shell, standing_judge, monkeypatch):
    # One judge for all, which no notebook closes; the real kernels below start their own.
    kept = SimpleNamespace(judge=standing_judge.judge, warm=standing_judge.warm, close=lambda: None)
    monkeypatch.setattr("groundup.plugins.notebook.WarmJudge", lambda load: kept)
    shell.reset(new_session=True)
    shell.run_line_magic("reload_ext", "groundup")
    return Notebook(shell)


def test_a_right_cell_is_run_and_accepted(notebook):
    notebook.run("import numpy as np")
    told = notebook.run(f"%%check softmax\n{SOFTMAX}\nprint(softmax(np.zeros(2)))")
    assert told.startswith("[0.5 0.5]\n")
    assert "✓ Softmax: Accepted." in told
    assert "border-left:4px solid rgb(26, 145, 78)" in notebook.html
    assert "0.25" in notebook.run("softmax(np.zeros(4))[0]")
    assert "Accepted" in notebook.run("%check softmax")


def test_a_wrong_cell_is_told_as_everywhere(notebook):
    told = notebook.run(f"%%check activations\nimport numpy as np\n{LEAKY}")
    shown = re.search(r"z = \[-([1-9])\.\]", told)  # one whole number
    assert shown, told
    for words in (
        "That is a leaky ReLU",
        f"your answer  [-0.0{shown[1]}]",
        "expected     [0.]",
        "%hint activations",
    ):
        assert words in told
        assert words in re.sub("<[^>]+>", "", notebook.html)
    assert "border-left:4px solid rgb(224, 68, 74)" in notebook.html
    assert notebook.passed
    assert "relu" in notebook.shell.user_ns


def test_what_other_cells_define_goes_with_the_answer(notebook):
    notebook.run("import numpy as np\nfrom math import e as base, exp\nPARTS = 1")
    notebook.run("def shift(z):\n    return z - np.max(z)")
    notebook.run("class Tool:\n    def powers(self, z):\n        return base ** shift(z) * exp(0) / PARTS")
    code = "class Solution(Tool):\n    def softmax(self, z):\n        p = self.powers(z)\n        return p / p.sum()"
    told = notebook.run(f"%%check softmax\n{code}")
    assert "Accepted" in told
    assert "Accepted" in notebook.run("%check softmax")


def test_definitions_are_found_by_any_name_the_exercise_knows(notebook):
    notebook.run(f"import numpy as np\n{LEAKY.replace('0.01', '0')}")
    assert "Accepted" in notebook.run("%check activations")
    notebook.run("@staticmethod\ndef nothing():\n    pass\nrelu = abs")
    assert "Accepted" not in notebook.run("%check activations")
    notebook.run("from scipy.special import softmax")
    assert notebook.run("%check softmax") == ""
    assert "defines no softmax yet" in notebook.errors


def test_lines_are_counted_as_the_notebook_shows_them(notebook):
    notebook.run("import numpy as np")
    assert "(line 4)" in notebook.run("%%check softmax\n\ndef softmax(z):\n    return np.exp(z) / nothing")
    assert "not Python, line 3" in notebook.run("%%check softmax\ndef softmax(z):\n    return 1 /")
    assert notebook.passed


def test_a_cell_that_raises_is_no_answer(notebook):
    told = notebook.run(f"%%check softmax\nimport numpy as np\n{SOFTMAX}\n1 / 0")
    assert not notebook.passed
    assert told.count("Traceback") == 1
    assert "line 6" in told
    for words in ("Softmax", "notebook.py", "run_cell_magic"):
        assert words not in told


def test_magics_and_trials_in_a_cell_are_not_judged(notebook):
    cell = f"%%check softmax\n%precision 3\nimport numpy as np\n{SOFTMAX}\nsoftmax(np.arange(3)); print('hello')"
    assert "Accepted" in notebook.run(cell)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("%check sofmax", "Did you mean softmax?"),
        ("%%check sofmax\nx = 1", "Did you mean softmax?"),
        ("%%check\nx = 1", "%exercise lists them"),
        ("%check", "%exercise lists them"),
        ("%check softmax", "defines no softmax yet"),
        ("%hint", "needs an exercise's name"),
        ("%hint softmax 7", "stages 1 to 3"),
        ("%hint nothing-like-it", "There is no exercise named"),
        ("%exercise sofmax", "Did you mean softmax?"),
    ],
)
def test_bad_input_is_one_kind_line(line, told, notebook):
    assert notebook.run(line) == ""
    assert told in notebook.errors
    assert notebook.errors.count("\n") == 1
    assert notebook.passed


def test_hints_come_one_after_the_other(notebook):
    first, second, third, fourth = (notebook.run("%hint softmax") for _ in range(4))
    assert first.startswith("## Where to start")
    assert len({first, second, third}) == 3
    assert third == fourth
    assert notebook.run("%hint softmax 1") == first
    assert notebook.markdown == first


def test_an_exercise_brings_its_statement_and_a_stub(notebook):
    assert notebook.run("%exercise softmax").startswith("# Softmax")
    assert notebook.shell.rl_next_input == f"%%check softmax\n{read_stub('softmax')}".rstrip()
    listed = notebook.run("%exercise")
    assert [line.split()[0] for line in listed.splitlines()] == list_names()
    assert listed.splitlines()[list_names().index("softmax")].endswith("Softmax")


def test_a_name_that_cannot_be_taken_along_is_said(notebook):
    notebook.run("import numpy as np\nK = (1 for _ in range(9))")
    told = notebook.run(f"%%check softmax\n{SOFTMAX} * next(K)")
    assert "It uses K, which cannot be taken along out of the notebook: a generator" in told
    assert "NameError" not in told


def test_without_a_name_the_last_exercise_is_meant(notebook):
    notebook.run("import numpy as np")
    notebook.run("%exercise softmax")
    assert notebook.run("%hint").startswith("## Where to start")
    assert "Accepted" in notebook.run(f"%%check\n{SOFTMAX}")
    assert "Accepted" in notebook.run("%check")


def test_a_cell_magic_under_check_runs_and_is_no_part_of_the_answer(notebook):
    told = notebook.run(f"%%check softmax\n%%time\nimport numpy as np\n{SOFTMAX}\nsoftmax(np.zeros(2))")
    assert "Accepted" in told
    assert "softmax" in notebook.shell.user_ns


def test_functions_of_one_answer_may_stand_in_several_cells(notebook):
    notebook.run("import numpy as np\ndef sigmoid(z):\n    return 1 / (1 + np.exp(-z))")
    assert "Accepted" in notebook.run("%%check activations\nrelu = lambda z: np.maximum(0, z)")
    assert "Accepted" in notebook.run("%check activations")


def test_a_real_kernel_waits_for_a_cell(tmp_path):
    cells = [
        "%load_ext groundup",
        "import asyncio\nimport numpy as np",
        f"%%check softmax\none = await asyncio.sleep(0, 1.0)\nprint('waited')\n{SOFTMAX} * one",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(book, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
    said, verdict = book.cells[2].outputs
    assert said.text == "waited\n"
    assert "Accepted" in verdict.data["text/html"]


def test_a_real_kernel_shows_verdicts(tmp_path):
    cells = [
        "%load_ext groundup",
        "import numpy as np",
        "%exercise softmax",
        f"%%check softmax\n{SOFTMAX}",
        f"%%check activations\n{LEAKY}",
        "%check softmax",
        "%hint softmax",
        "%check sofmax",
        "class SingleHeadAttention:\n    def forward(self, z):\n        return z",
        "%check self-attention",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(book, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [cell.outputs[0] if cell.outputs else None for cell in book.cells]
    assert shown[2].data["text/markdown"].startswith("# Softmax")
    assert "Accepted" in shown[3].data["text/html"]
    assert "leaky ReLU" in shown[4].data["text/html"]
    assert "leaky ReLU" in shown[4].data["text/plain"]
    assert "Accepted" in shown[5].data["text/html"]
    assert shown[6].data["text/markdown"].startswith("## Where to start")
    assert shown[7].name == "stderr"
    assert "SingleHeadAttention" in shown[9].data["text/plain"]
    assert nbformat.validate(book) is None


def test_a_real_kernel_puts_the_stub_into_the_next_cell():
    manager, client = start_new_kernel()
    try:
        reply = client.execute_interactive("%load_ext groundup\n%exercise softmax", output_hook=lambda message: None)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    (payload,) = reply["content"]["payload"]
    assert payload["source"] == "set_next_input"
    assert payload["text"] == f"%%check softmax\n{read_stub('softmax')}".rstrip()
