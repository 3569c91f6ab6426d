"""The exercises over the Model Context Protocol, asked by the package's own client."""

import json
import sys

import pytest
from awaiting import await_apart
from mcp import Client, StdioServerParameters

from groundup.cli import main
from groundup.course import EXERCISES
from groundup.exercises.mcp_server import build_server
from groundup.exercises.registry import load_exercise, read_hints, read_model_answer, read_statement, read_stub
from groundup.exercises.workspace import Workspace
from groundup.judge.warm_judge import WarmJudge

WRONG = "import numpy as np\n\n\ndef softmax(z):\n    return np.exp(z)\n"


@pytest.fixture
def workspace(tmp_path):
    made = Workspace(tmp_path / "answers")
    made.folder.mkdir()
    return made


def ask(target, *calls):
    """Return what the tools answer: (whether it is an error, facts or message) of each call."""

    async def run():
        async with Client(target) as client:
            answers = []
            for name, arguments in calls:
                result = await client.call_tool(name, arguments)
                told = "".join(part.text for part in result.content)
                answers.append((bool(result.is_error), told if result.is_error else result.structured_content))
            return answers

    return await_apart(run)


@pytest.fixture
def served(workspace):
    with WarmJudge(load_exercise) as judge:
        yield lambda *calls: ask(build_server(workspace, judge), *calls)


def test_an_assistant_reads_judges_and_sees_the_hints_so_far(served, workspace):
    path = workspace.start("softmax")
    path.write_text(WRONG)
    workspace.record_hint("softmax", 1)
    listed, read, judged, hints = served(
        ("list_exercises", {}),
        ("read_exercise", {"name": "softmax"}),
        ("judge_answer", {"name": "softmax"}),
        ("read_hints_so_far", {"name": "softmax"}),
    )
    assert listed[1]["current"] == "softmax"
    assert [one["name"] for one in listed[1]["exercises"]] == list(EXERCISES)
    assert read[1]["statement"] == read_statement("softmax")
    assert read[1]["stub"] == read_stub("softmax")
    assert read[1]["answer_file"] == str(path)
    assert judged[1]["accepted"] is False
    assert judged[1]["failing"]["got"]
    assert hints[1] == {"exercise": "softmax", "hints": read_hints("softmax")[:1], "not_seen_yet": 2}
    assert workspace.find_state("softmax") == "not right yet"


def test_a_right_answer_counts_as_with_check(served, workspace):
    workspace.path("softmax").write_text(read_model_answer("softmax"))
    assert served(("judge_answer", {"name": "softmax"}))[0][1]["accepted"]
    assert workspace.find_state("softmax") == "done"


def test_nothing_is_given_away(served, workspace):
    workspace.start("softmax").write_text("def softmax(z):\n    return z\n")
    told = json.dumps(
        served(
            ("list_exercises", {}),
            ("read_exercise", {"name": "softmax"}),
            ("judge_answer", {"name": "softmax"}),
            ("read_hints_so_far", {"name": "softmax"}),
        ),
        ensure_ascii=False,
    )
    code = [line.strip() for line in read_model_answer("softmax").splitlines() if "powers" in line]
    assert code
    assert not [line for line in code if line in told]
    assert not [hint for hint in read_hints("softmax") if hint.splitlines()[-1] in told]
    says = [mistake.says.partition("{")[0][:60] for mistake in load_exercise("softmax").mistakes]
    assert len([text for text in says if text in told]) <= 2, "the mistakes of the verdict, and no other"


@pytest.mark.parametrize(
    ("tool", "name", "said"),
    [
        ("read_exercise", "sofmax", "Did you mean softmax?"),
        ("judge_answer", "softmax", "there is no answer yet"),
        ("judge_answer", "../../etc/passwd", "There is no exercise"),
        ("read_hints_so_far", "", "There is no exercise"),
    ],
)
def test_what_cannot_be_done_is_an_error_of_the_tool(served, tool, name, said):
    error, told = served((tool, {"name": name}))[0]
    assert error
    assert said in told


def test_an_editor_starts_it_as_a_process(workspace):
    arguments = ["-m", "groundup", "mcp", "--answers", str(workspace.folder)]
    listed = ask(StdioServerParameters(command=sys.executable, args=arguments), ("list_exercises", {}))
    assert listed[0][1]["current"] == "gradient-descent"


def test_a_person_is_told_what_it_is_for(monkeypatch, capsys):
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    assert main(["mcp"]) == 2
    assert "is started by an editor" in capsys.readouterr().err
