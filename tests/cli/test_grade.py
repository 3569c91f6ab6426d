"""Grading from the command line: names of files, reports that strangers cannot break, exit codes, Ctrl-C."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from groundup.base.errors import UserError
from groundup.cli import main
from groundup.exercises.grading_folders import claim, remove_stale
from groundup.exercises.reports import Graded, clean, count_mistakes, write_csv, write_html, write_junit
from groundup.exercises.submissions import Submission, find_submissions, read_source, recognise

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
SCRIPT = "<script>alert(1)</script>"


@pytest.mark.parametrize(
    ("place", "learner", "exercise"),
    [
        ("ada/regression_training.py", "ada", "regression-training"),
        ("ada/week 2/regression-training.py", "ada", "regression-training"),
        ("regression-training/ada.py", "ada", "regression-training"),
        ("Regression_Training/class b/ada.py", "ada", "regression-training"),
        ("ada_regression_training.py", "ada", "regression-training"),
        ("regression-training-ada lovelace.py", "ada lovelace", "regression-training"),
        ("Ada_GPT_training.py", "Ada", "gpt-training"),
        ("training_gpt.py", "training", "gpt"),
        ("gpt_training_gpt.py", "gpt", "gpt-training"),
        ("ada/gpt_final.py", "ada", "gpt"),
    ],
)
def test_names_tell_learner_and_exercise(place, learner, exercise):
    path = Path(place)
    assert recognise(path, path) == Submission(learner, exercise, path)


@pytest.mark.parametrize("place", ["notes.py", "regression_training.py", "ada/notes.py", "adagpt.py", "İ.py", "_.py"])
def test_names_that_do_not_tell_are_not_recognised(place):
    assert recognise(Path(place), Path(place)) is None


def test_with_an_exercise_given_the_name_is_the_learner():
    assert recognise(Path("ada.py"), Path("ada.py"), "softmax") == Submission("ada", "softmax", Path("ada.py"))
    assert recognise(Path("ada_softmax.py"), Path("ada_softmax.py"), "softmax").learner == "ada"


def test_only_files_of_answers_are_found(tmp_path):
    for place in ("ada/gpt.py", "ada/readme.txt", ".git/gpt.py", "__pycache__/gpt.py", "b/notes.py"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_text("")
    found, unknown = find_submissions(tmp_path)
    assert [one.path for one in found] == [tmp_path / "ada/gpt.py"]
    assert unknown == [tmp_path / "b/notes.py"]


def test_files_that_are_no_answers_are_refused(tmp_path):
    (tmp_path / "large.py").write_bytes(b"#" * 2**21)
    (tmp_path / "binary.py").write_bytes(b"\xff\0")
    (tmp_path / "folder.py").mkdir()
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "gone.py").symlink_to(tmp_path / "nowhere")
    for name in ("large", "binary", "folder", "pipe", "gone"):
        with pytest.raises(UserError):
            read_source(tmp_path / f"{name}.py")


def make_graded(learner, headline, accepted=False, **more):
    verdict = {"exercise": "regression-training", "accepted": accepted, "headline": headline, "mistakes": []}
    verdict |= {"findings": [], "remarks": [], "failing": None, "seconds": 0.5} | more
    return Graded(Submission(learner, "regression-training", Path(f"{learner}.py")), verdict)


HOSTILE = make_graded(
    f"=cmd|{SCRIPT}\x00\x1b[2J",
    f"{SCRIPT}\ud800]]>",
    findings=[SCRIPT, "\u202egnorw"],
    remarks=[SCRIPT],
    failing={
        "check": "the slope of the error along one weight",
        "input": [SCRIPT, "2", "3", "4", "5"],
        "got": f'"{SCRIPT}\x00',
        "expected": "&",
    },
)


def test_no_format_is_broken_by_what_strangers_wrote(tmp_path):
    graded = [HOSTILE, make_graded("ada", "Accepted.", accepted=True)]
    page = write_html(graded, [Path(SCRIPT)], [HOSTILE.submission], SCRIPT)
    assert SCRIPT not in page
    assert page.count("&lt;script&gt;") >= 8
    assert "\x00" not in page
    assert "\x1b" not in page
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    tree = ElementTree.fromstring(write_junit(graded))
    assert tree.get("failures") == "1"
    assert [suite.get("tests") for suite in tree] == ["1", "1"]
    assert SCRIPT in tree.find(".//failure").text
    rows = list(csv.reader(write_csv(graded).splitlines()))
    assert rows[1][0].startswith("'=cmd")
    assert rows[2][2] == "yes"
    assert json.dumps([one.to_json() for one in graded]).encode("ascii")
    assert clean("\t\n é✓") == "\t\n é✓"


FORMULAS = [
    f"{before}{sign}1+1"
    for before in ("", " ", "\t", '"', "x;", "x; ", "x|", "a\n", "b\r", "x;\t")
    for sign in "=+-@＝＋－＠"
]


@pytest.mark.parametrize("text", [*FORMULAS, "\tx", "\rx", ";=1", "\n\n=1", 'x;"=1', "';=1"])
@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
def test_no_spreadsheet_takes_a_text_for_a_formula(text, delimiter):
    graded = [
        make_graded(text, text, findings=[text, text], remarks=[text], mistakes=[text]),
        make_graded("b", "Accepted."),
    ]
    rows = list(csv.reader(io.StringIO(write_csv(graded), newline=""), delimiter=delimiter))
    for cell in (cell for row in rows for cell in row):
        assert not re.match('[\t\r]|[\\s"]*[=+\\-@＝＋－＠]', cell), cell
    if delimiter == ",":
        assert [len(row) for row in rows] == [9, 9, 9]
        assert "".join(rows[1][0].split()).replace("'", "") == "".join(clean(text).split()).replace("'", "")


def test_several_answers_of_one_learner_to_one_exercise_are_all_told(tmp_path):
    right, wrong = make_graded("ada", "Accepted.", accepted=True), make_graded("ada", "Not right yet: slope.")
    wrong = Graded(Submission("ada", "regression-training", Path("ada/copy.py")), wrong.verdict)
    for graded in ([right, wrong], [wrong, right]):
        page = write_html(graded, [], [], "")
        assert "✓✗" in page
        assert "2 answers, 1 of them accepted: " in page
        assert write_csv(graded).count("one of 2 answers to this exercise") == 2
        names = [case.get("name") for case in ElementTree.fromstring(write_junit(graded)).iter("testcase")]
        assert len(set(names)) == 2
    assert "✓✗" not in write_html([right, right], [], [], "")


def test_the_page_needs_nothing_from_elsewhere():
    page = write_html([HOSTILE], [], [], "")
    for word in ("http://", "https://", "src=", "@import", "url("):
        assert word not in page


def test_the_commonest_mistakes_come_first():
    graded = [make_graded(str(n), "Not right yet: a.", mistakes=["a"], findings=["why a"]) for n in range(3)]
    graded += [make_graded("x", "Not right yet: slope.", findings=["3 times"])]
    graded += [make_graded("y", "Not right yet: slope.", findings=["4 times"])]
    common = count_mistakes([*graded, make_graded("z", "Accepted.", accepted=True)])
    name = "regression-training"
    assert common == [(name, "a", 3, "why a"), (name, "no known mistake · slope.", 2, "")]


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "answers"
    for learner, code in {"ada": RIGHT, "bob": RIGHT.replace(" / N", ""), "eve": "import os; os._exit(0)"}.items():
        (place / learner).mkdir(parents=True)
        (place / learner / "regression_training.py").write_text(code)
    (place / "notes.py").write_text("")
    return place


def test_a_folder_is_graded_and_reported(folder, tmp_path, capsys):
    places = [f"--{kind}={tmp_path}/out.{kind}" for kind in ("csv", "junit", "html")]
    assert main(["grade", str(folder), "--seed", "1", "--json", *places]) == 1
    out = capsys.readouterr()
    facts = json.loads(out.out)
    assert [answer["accepted"] for answer in facts["answers"]] == [True, False, False]
    assert facts["answers"][1]["mistakes"] == ["not divided by N"]
    assert facts["not_recognised"] == [str(folder / "notes.py")]
    assert "not recognised" in out.err
    assert "bubblewrap" in out.err
    assert "not divided by N" in (tmp_path / "out.html").read_text()
    assert ElementTree.parse(tmp_path / "out.junit").getroot().get("failures") == "2"
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 4


def test_all_right_is_no_failure(folder, capsys):
    for learner in ("bob", "eve"):
        (folder / learner / "regression_training.py").write_text(RIGHT)
    assert main(["grade", str(folder), "--workers", "1"]) == 0
    assert "3 of 3 answers are right" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere"], "no such folder"),
        (["."], "no Python file"),
        ([".", "--exercise", "nothing"], "no exercise named"),
        ([".", "--html", "nowhere/page.html"], "there is no folder"),
    ],
)
def test_bad_input_is_told_in_one_line(arguments, says, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["grade", *arguments]) == 2
    assert says in capsys.readouterr().err


def test_what_was_judged_before_ctrl_c_is_written(folder, tmp_path, monkeypatch, capsys):
    def judge_one(jobs, *_):
        yield 1, make_graded("bob", "Accepted.", accepted=True).verdict
        raise KeyboardInterrupt

    monkeypatch.setattr("groundup.judge.grading.grade", judge_one)
    assert main(["grade", str(folder), f"--csv={tmp_path}/out.csv", f"--html={tmp_path}/out.html"]) == 130
    assert "Stopped: 1 of 3" in capsys.readouterr().err
    assert "bob" in (tmp_path / "out.csv").read_text()
    assert "Not judged any more" in (tmp_path / "out.html").read_text()


def test_ctrl_c_ends_every_process(folder):
    endless = "class Solution:\n    def get_derivative(self, *a):\n        while True: pass\n"
    for number in range(40):
        (folder / f"slow{number}_regression_training.py").write_text(endless)
    command = [sys.executable, "-m", "groundup", "grade", str(folder), "--workers", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert "bubblewrap" in process.stderr.readline() + process.stderr.readline()
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=600)
    assert process.returncode == 130
    assert "Stopped:" in err
    assert "Traceback" not in err
    assert "answers are right" in out


SOFTMAX = "{}\n\ndef softmax(z):\n    {}\n"
BY_TORCH = SOFTMAX.format("import torch", "return torch.softmax(torch.tensor(z, dtype=torch.float64), dim=0).numpy()")
BY_NUMPY = SOFTMAX.format("import numpy as np", "return np.exp(z - np.max(z)) / np.exp(z - np.max(z)).sum()")


def grade_json(capsys, *arguments):
    code = main(["grade", *map(str, arguments), "--workers", "1", "--seed", "1", "--json"])
    captured = capsys.readouterr()
    return code, json.loads(captured.out), captured.err


def write_class(folder, files):
    for place, text in files.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def test_a_verdict_is_that_of_check_whatever_lies_beside(tmp_path, capsys):
    book = {"cells": [{"cell_type": "code", "source": f"%matplotlib inline\n{BY_NUMPY}\nsoftmax([1])"}], "nbformat": 4}
    alone = {
        "torch/softmax.py": BY_TORCH,
        "book/softmax.ipynb": json.dumps(book),
    }
    write_class(tmp_path / "class", alone)
    assert main(["check", str(tmp_path / "class" / "torch" / "softmax.py"), "--seed", "1"]) == 0
    capsys.readouterr()
    checked = {place.partition("/")[0]: True for place in alone}
    _, facts, _ = grade_json(capsys, tmp_path / "class")
    assert {one["learner"]: one["accepted"] for one in facts["answers"]} == checked
    write_class(tmp_path / "class", {"noa/layer_norm.py": "import torch"})
    _, facts, _ = grade_json(capsys, tmp_path / "class")
    assert {one["learner"]: one["accepted"] for one in facts["answers"]} == {**checked, "noa": False}


def test_what_is_left_out_or_doubtful_is_told(tmp_path, capsys):
    folder = write_class(
        tmp_path / "class",
        {
            "ada/softmax.py": BY_NUMPY,
            "mallory/ada/softmax.py": "x = 1",
            "mallory/softmax.py": BY_NUMPY,
            "ben/all.zip": b"PK",
            "ben/linear_regression.py": "x = 1",
        },
    )
    (folder / "eve").mkdir()
    (folder / "eve" / "softmax.py").symlink_to(folder / "ada" / "softmax.py")
    code, facts, err = grade_json(capsys, folder, f"--html={tmp_path}/page.html")
    assert code == 1
    verdicts = {one["path"].removeprefix(f"{folder}/"): (one["learner"], one["accepted"]) for one in facts["answers"]}
    assert verdicts == {
        "ada/softmax.py": ("ada", True),
        "mallory/softmax.py": ("mallory", True),
        "mallory/ada/softmax.py": ("mallory", False),
        "eve/softmax.py": ("eve", False),
    }
    assert "a link, which is not followed" in str(facts["answers"])
    assert [one["reason"] for one in facts["left_out"]] == ["an archive: unpack it to have it judged"]
    page = (tmp_path / "page.html").read_text()
    for told in (
        "counted as mallory's and not as ada's",
        "may mean regression-forward or regression-training",
        "an archive: unpack it",
    ):
        assert told in err
        assert told.replace("'", "&#x27;") in page
    assert "mallory has 2 answers to softmax; each is judged" in err
    assert [(one["learner"], len(one["paths"])) for one in facts["several_answers"]] == [("mallory", 2)]


def test_where_nothing_holds_answers_back_nothing_is_judged_unasked(folder, monkeypatch, capsys):
    monkeypatch.setattr("groundup.judge.isolation.bubblewrap.ask_version", lambda: 0)
    monkeypatch.setattr("groundup.judge.isolation.bubblewrap.shutil.which", lambda name: None)
    monkeypatch.setattr("groundup.judge.grading.grade", lambda *a: pytest.fail("judged"))
    assert main(["grade", str(folder)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "an answer could read and delete your files" in line
    assert "--trust" in line
    monkeypatch.setattr("groundup.judge.grading.grade", lambda jobs, *a: iter([(0, HOSTILE.verdict)]))
    main(["grade", str(folder), "--trust"])
    assert "an answer could read and delete your files" in capsys.readouterr().err.splitlines()[0]


def test_a_judge_that_cannot_start_is_told_in_a_line(folder, tmp_path, monkeypatch, capsys):
    def fail(jobs, *_):
        yield 1, make_graded("bob", "Accepted.", accepted=True).verdict
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("groundup.judge.grading.grade", fail)
    assert main(["grade", str(folder), f"--csv={tmp_path}/out.csv"]) == 2
    captured = capsys.readouterr()
    assert "A judging process could not be started (Resource temporarily unavailable)." in captured.err
    assert "1 of 3 answers were judged and are reported." in captured.err
    assert "Traceback" not in captured.err
    assert "bob" in (tmp_path / "out.csv").read_text()
    monkeypatch.setattr("groundup.judge.grading.grade", lambda *a: (_ for _ in ()).throw(RuntimeError("it died\nlate")))
    assert main(["grade", str(folder)]) == 2
    assert (
        capsys.readouterr()
        .err.splitlines()[-1]
        .startswith("groundup: A judging process could not be started (it died).")
    )


def test_a_report_that_cannot_be_written_loses_no_verdict(folder, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("groundup.judge.grading.grade", lambda jobs, *a: iter([(0, HOSTILE.verdict)]))
    (tmp_path / "there").mkdir()
    assert main(["grade", str(folder), f"--csv={tmp_path}/there", f"--html={tmp_path}/page.html"]) == 2
    captured = capsys.readouterr()
    assert "there: a folder" in captured.err
    assert "answers are right" in captured.out
    assert (tmp_path / "page.html").exists()


def test_what_a_killed_grading_left_is_removed_by_the_next(folder, tmp_path, monkeypatch, capsys):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    endless = "class Solution:\n    def get_derivative(self, *a):\n        while True: pass\n"
    (folder / "slow_regression_training.py").write_text(endless)
    command = [sys.executable, "-m", "groundup", "grade", str(folder), "--workers", "1"]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        process.stderr.readline()
        (left,) = temporary.glob("groundup-grading-*")
        process.kill()
        process.communicate()
    assert left.exists()
    (left / "deep" / "deeper").mkdir(parents=True)
    (left / "deep").chmod(0)
    left.chmod(0)
    alive = temporary / "groundup-grading-alive"
    alive.mkdir()
    (alive / ".owner").write_text(str(os.getpid()))
    nobodys = temporary / "groundup-grading-nobodys"
    nobodys.mkdir()
    (temporary / "groundup-grading-link").symlink_to(tmp_path)
    assert remove_stale(temporary) == [left]
    assert not left.exists()
    assert alive.exists()
    assert nobodys.exists()
    assert folder.exists()


def test_a_folder_that_somebody_holds_is_not_stale(tmp_path):
    base = tmp_path / "groundup-grading-held"
    base.mkdir()
    with claim(base):
        (base / ".owner").write_text("999999999")  # as an answer might, or a container's own numbers
        code = "import sys; from pathlib import Path; from groundup.exercises.grading_folders import remove_stale; "
        code += f"print(remove_stale(Path({str(tmp_path)!r})))"
        told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert told.stdout == "[]\n"
    assert remove_stale(tmp_path) == [base]
