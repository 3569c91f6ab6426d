"""Hostile answers, each alone: a clear verdict on every one, and never a hang or a fooled judge."""

import textwrap
import time
from dataclasses import replace
from pathlib import Path

import pytest

from groundup.exercises.registry import load_exercise
from groundup.judge.isolation.fork_server import ForkServer, Limits
from groundup.judge.isolation.messages import unpack
from groundup.judge.judging import CheckOptions, judge

EXERCISE = load_exercise("regression-training")
LIMITS = Limits(seconds=3.0, total_seconds=9.0)
EFFORT = CheckOptions(seed=1, shrink_seconds=0.05, naming_seconds=0.1, share=0.2, limits=LIMITS)
PATIENT = replace(EFFORT, limits=Limits(seconds=200.0, total_seconds=600.0))
# What only stops at a limit costs as much as the limit allows.
NARROW = replace(EFFORT, limits=Limits(seconds=2.0, total_seconds=4.0, patience=0.5, memory=2**28))
RIGHT = textwrap.dedent("""
    import numpy as np

    class Solution:
        def get_derivative(self, model_prediction, ground_truth, N, X, desired_weight):
            return -2 * np.dot(ground_truth - model_prediction, X[:, desired_weight]) / N

        def train_model(self, X, Y, num_iterations, initial_weights):
            weights = np.array(initial_weights, dtype=float)
            for _ in range(num_iterations):
                prediction = X @ weights
                slopes = [self.get_derivative(prediction, Y, len(X), X, j) for j in range(len(weights))]
                weights = weights - 0.01 * np.array(slopes)
            return np.round(weights, 5)
""")
# What runs when the judge asks for a slope; "" stands for the right answer.
WRONG_IN_CALL = {
    "endless loop": ("while True: pass", "did not end within 2 s"),
    "sleep": ("import time; time.sleep(60)", "did not end within 2 s"),
    "sys.exit": ("import sys; sys.exit(3)", "slope"),
    "os._exit": ("import os; os._exit(3)", "exit code 3"),
    "abort": ("import os; os.abort()", "SIGABRT"),
    "memory bomb": ("kept = [bytearray(10**8) for _ in range(10**6)]", ""),
    "array of 80 GB": ("return np.ones((10**5, 10**5))", "slope"),
    "value of 1 GB": ("return np.broadcast_to(1.0, (10**6, 134))", "slope"),
    "values of 60 MB": (
        "return np.ones(7_500_000)",
        ("slope", "300 MB and more in all"),
    ),  # one is of a wrong shape, several are too much in all
    "string of 10 MB": ("return 'x' * 10**7", "slope"),
    "nested lists": ("a = []\nfor _ in range(10**5): a = [a]\nreturn a", "slope"),
    "list that holds itself": ("a = []; a.append(a); return a", "slope"),
    "a million numbers": ("return list(range(10**6))", ""),
    "deep recursion": ("return self.get_derivative(model_prediction, ground_truth, N, X, desired_weight)", "slope"),
    "no recursion limit": (
        "import sys; sys.setrecursionlimit(10**9)\ndef f(x): return f(x) + 1\nreturn max(map(f, [1]))",
        "",
    ),
    "closed descriptors": ("import os; os.closerange(0, 200)", "went silent, two times"),
    "garbage into every descriptor": (
        "import os\nfor number in range(3, 64):\n"
        "    try: os.write(number, b'\\xff' * 4096)\n    except OSError: pass\nreturn 0.0",
        "",
    ),
    "a flood without end": ("import os\nwhile True: os.write(1, b'x' * 65536)", "did not end within 2 s"),
    "NaN": ("return float('nan')", "slope"),
    "generator": ("return (value for value in [1.0])", "slope"),
    "raises an error without text": (
        "class E(Exception):\n    def __str__(self): raise ValueError\nraise E",
        "slope",
    ),
    "raises KeyboardInterrupt": ("raise KeyboardInterrupt", "slope"),
    "surrogates": ("raise ValueError('\\ud800\\x00\\x1b[31m')", "slope"),
    "hostile object": (
        "class H:\n    __array__ = __len__ = __iter__ = __float__ = lambda self, *a: 1 / 0\n"
        "    def __eq__(self, other): return True\n    __hash__ = None\n"
        "    __class__ = property(lambda self: np.ndarray)\nreturn H()",
        "slope",
    ),
    "is equal to everything": (
        "class H(float):\n    def __eq__(self, other): return True\n    def __sub__(self, other): return 0.0\n"
        "    __rsub__ = __sub__\n    def __abs__(self): return 0.0\nreturn H(123.0)",
        "slope",
    ),
    "array that lies": (
        "class H(np.ndarray):\n    def __array_ufunc__(self, *a, **k): return 0.0\n"
        "    def tobytes(self): return b'1'\nreturn np.ones(3).view(H)",
        "",
    ),
    "tensor that lies": (
        "import torch\nclass H(torch.Tensor):\n    def detach(self): raise SystemExit\n"
        "return torch.ones(3).as_subclass(H)",
        "slope",
    ),
    "dictionary that lies": (
        "class H(dict):\n    def items(self): return 1 / 0\n    def __len__(self): return -1\nreturn H(a=1)",
        "slope",
    ),
    "list that lies": ("class H(list):\n    def __iter__(self): return 1 / 0\nreturn H([1.0, 2.0])", "slope"),
    "text that lies": ("class H(str):\n    def __str__(self): return 1 / 0\nreturn H('text')", "slope"),
    "class that lies": (
        "class M(type):\n    __name__ = property(lambda cls: 1 / 0)\nclass H(metaclass=M): pass\nreturn H()",
        "slope",
    ),
}
REFUSED = {
    "fork": ("import os; os.fork()", "starting another process"),
    "subprocess": ("import subprocess; subprocess.run(['true'])", "starting another process"),
    "os.system": ("import os; os.system('true')", "starting another process"),
    "multiprocessing": (
        "import multiprocessing as m; p = m.Process(target=print); p.start()",
        "starting another process",
    ),
    "setsid and double fork": (
        "import os; os.setpgid; os.fork() or os.setsid() or os.fork()",
        "starting another process",
    ),
    "segfault by ctypes": ("import ctypes; ctypes.CDLL(None).raise_(11)", "reaching into the interpreter"),
    "network": ("import socket; socket.create_connection(('127.0.0.1', 9))", "the network"),
    "download": ("import urllib.request as u; u.urlopen('http://127.0.0.1:9')", "the network"),
    "writing outside": ("open('/tmp/groundup-escaped', 'w')", "writing files outside"),
    "writing outside by os.open": ("import os; os.open('/tmp/groundup-escaped', os.O_CREAT | os.O_RDWR)", "outside"),
    "writing beside its folder": ("import os; open(os.getcwd() + '-escaped', 'w')", "writing files outside"),
    "writing above its folder": ("open('../groundup-escaped', 'w')", "writing files outside"),
    "removing": ("import os; os.remove('/tmp/groundup-escaped')", "changing files outside"),
    "links": ("import os; os.symlink('/', 'root')", "making links"),
    "many files": ("for n in range(100): open(f'{n}', 'w').close()", "writing more than"),
    "others' answers": (f"open({__file__!r})", "reading files that are not its own"),
    "environment of others": ("open('/proc/1/environ')", "reading files that are not its own"),
    "import groundup": ("__import__('groundup.steps.c2_regression.regression')", "importing groundup"),
    "importlib": ("import importlib; importlib.import_module('groundup.steps.c2_regression.regression')", "groundup"),
    "reads the reference": (
        "import importlib.util as u, os, numpy\nimport sys\n"
        "for place in sys.path:\n    open(place + '/groundup/steps/c2_regression/regression.py')",
        "",
    ),
    "kills its parent": ("import os; os.kill(os.getppid(), 9)", "sending signals"),
    "looks for the judge": ("import gc; gc.get_objects()", "reaching into the interpreter"),
    "replaces the audit hook's functions": (
        "import os, builtins\nos.path.realpath = lambda path: os.getcwd()\nos.fsdecode = os.path.realpath\n"
        "builtins.isinstance = lambda *a: True\nopen('/tmp/groundup-escaped', 'w')",
        "",
    ),
}
RIGHT_ALL_THE_SAME = {
    "replaced library functions": "np.mean = np.sum = np.allclose = lambda *a, **k: 0.0",
    "replaced stdout": "import sys; sys.stdout = None; sys.stderr = object()",
    "threads left running": "import threading as t; t.active_count() > 3 or t.Thread(target=t.Event().wait).start()",
    "prints": "print('x' * 100_000)",
    "writes in its own folder": "open('mine.txt', 'w').write('x')",
    "no modules": "import sys; sys.modules['json'] = None; sys.modules['groundup'] = None",
    "seeds": "np.random.seed(0)",
}


@pytest.fixture(scope="module")
def fork_server():
    with ForkServer(["numpy", "torch"]) as warm:
        yield warm


def insert(code):
    """Return the right answer with code at the beginning of ``get_derivative``."""
    head, tail = RIGHT.split("desired_weight):\n", 1)
    return head + "desired_weight):\n" + textwrap.indent(code, " " * 8) + "\n" + tail


def judge_bounded(source, fork_server, effort=EFFORT):
    started = time.monotonic()
    verdict = judge(EXERCISE, source, fork_server, effort)
    assert time.monotonic() - started < 600, "it hung"
    # The fork_server lives on, and judges the next one right.
    assert judge(EXERCISE, RIGHT, fork_server, EFFORT).accepted
    return verdict


def join_messages(verdict):
    return " ".join([verdict.headline, *verdict.findings, *verdict.remarks])


@pytest.mark.parametrize("kind", WRONG_IN_CALL)
def test_a_hostile_call_is_rejected_with_a_reason(kind, fork_server):
    code, says = WRONG_IN_CALL[kind]
    # While much is sent, the answer also waits for who reads it: a busy machine takes longer than the limit.
    verdict = judge_bounded(insert(code), fork_server, PATIENT if kind == "values of 60 MB" else NARROW)
    assert not verdict.accepted
    assert any(one in verdict.headline for one in ([says] if isinstance(says, str) else says)), join_messages(verdict)
    assert len(str(verdict.to_json())) < 20_000


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_not_allowed_is_refused_and_told(kind, fork_server):
    code, says = REFUSED[kind]
    verdict = judge_bounded(insert(code), fork_server)
    assert not verdict.accepted
    assert says in join_messages(verdict), join_messages(verdict)
    assert not list(Path("/tmp").glob("groundup*escaped"))


@pytest.mark.parametrize("kind", RIGHT_ALL_THE_SAME)
def test_odd_habits_do_not_make_a_right_answer_wrong(kind, fork_server):
    source = insert(RIGHT_ALL_THE_SAME[kind]).replace("np.round(weights, 5)", "weights")
    # What is printed waits for who reads it: on a busy machine, longer than the limit.
    verdict = judge_bounded(source, fork_server, PATIENT if kind == "prints" else EFFORT)
    assert verdict.accepted, verdict.to_json()


@pytest.mark.parametrize(
    "code",
    [
        "import torch; torch.optim.Adam([torch.nn.Parameter(torch.ones(1))])",
        "import tempfile; tempfile.TemporaryFile().close()",
        "from sklearn.linear_model import LinearRegression; LinearRegression().fit([[1.0], [2.0]], [1.0, 2.0])",
    ],
    ids=["optimiser", "temporary file", "scikit-learn"],
)
def test_what_libraries_do_behind_the_scenes_is_allowed(code, fork_server):
    verdict = judge(EXERCISE, insert(code), fork_server, CheckOptions(seed=1))
    assert verdict.accepted, verdict.to_json()
    assert verdict.remarks == []


def test_megabytes_of_printing_are_accepted_with_a_remark(fork_server):
    verdict = judge_bounded(insert("print('x' * 100_000)"), fork_server, PATIENT)
    assert verdict.accepted
    assert "MB: printing" in verdict.remarks[0]


def test_a_wrong_answer_that_replaces_what_compares_is_rejected(fork_server):
    patches = """
        import builtins, json
        np.allclose = np.array_equal = np.isclose = lambda *a, **k: True
        builtins.abs = lambda x: 0
        builtins.all = builtins.any = lambda x: True
        return 123.0
    """
    verdict = judge_bounded(insert(textwrap.dedent(patches)), fork_server)
    assert not verdict.accepted


@pytest.mark.parametrize(
    "code", ["while True: pass", "import os; os._exit(0)", "raise SystemExit", "1 /", "\0", "x" * 10**6]
)
def test_a_file_that_does_not_load_is_told(code, fork_server):
    assert not judge_bounded(code, fork_server, NARROW).accepted


@pytest.mark.parametrize("unit", ["-", "np.", "lambda:", "1+", "(", "f()()"])
def test_a_file_nested_too_deeply_is_told(unit, fork_server):
    verdict = judge_bounded("x = " + unit * 50_000 + "1", fork_server)
    assert verdict.headline.startswith("The file is not Python")


def test_a_memory_bomb_is_told_its_limit(fork_server):
    verdict = judge_bounded(insert("return np.ones((10**5, 10**5))"), fork_server)
    assert "1 GiB of memory" in join_messages(verdict)


def test_a_refusal_that_is_caught_is_told_as_a_remark(fork_server):
    code = "try:\n    import subprocess; subprocess.run(['true'])\nexcept Exception: pass"
    verdict = judge_bounded(insert(code), fork_server)
    assert verdict.accepted
    assert "starting another process" in verdict.remarks[0]


def test_a_process_that_nobody_waits_for_ends_without_a_word(capfd):
    for _ in range(3):
        ForkServer(["numpy"]).close()
    assert capfd.readouterr().err == ""


def test_what_the_judge_does_with_a_reply_is_no_time_of_the_answer(fork_server, monkeypatch):
    def read_slowly(content, unpack=unpack):
        time.sleep(0.3)  # as when a tensor comes, and PyTorch must be loaded first
        return unpack(content)

    monkeypatch.setattr("groundup.judge.isolation.fork_server.unpack", read_slowly)
    with fork_server.fork(LIMITS) as process:
        process.perform({"do": "load", "source": "x = 1", "forbidden": [], "classes": [], "functions": []})
        assert process.spent < 0.3
