"""A quantised run opens like any other, is a quarter as large, and is hardly worse."""

import json

import pytest

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.cli import main
from groundup.runs.folder import Run
from groundup.tasks.gpt.runs import write_sample
from groundup.tasks.launch import launch
from groundup.tasks.opening import open_run

RHYME = "one two three four five six seven eight\n" * 60
SMALL = ["layers=2", "heads=2", "width=64", "context=32", "batch_size=8", "precision=float32", "steps=60"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    root = tmp_path_factory.mktemp("quantise")
    (root / "rhyme.txt").write_text(RHYME)
    for name, more in (("rhyme", []), ("classic", ["preset=classic", "tokenizer=bytepair", "vocabulary_size=260"])):
        data = str(root / "rhyme.txt")
        launch("gpt", root=root, data=data, name=name, pairs=[*SMALL, *more], reporter=Reporter.silent())
    return root


@pytest.fixture(scope="module")
def quantised(runs):
    """Return the facts about the quantised rhyme."""
    from groundup.tasks.gpt.quantising import quantise_run

    return quantise_run(open_run(runs, "rhyme"), runs, None, None, Reporter.silent())


def test_it_is_a_quarter_as_large_and_hardly_worse(runs, quantised):
    facts = quantised.facts
    assert facts["run"] == "rhyme-int8"
    assert facts["bytes"] < 0.3 * facts["bytes_before"]
    assert facts["bytes"] == (runs / "rhyme-int8" / "model.safetensors").stat().st_size
    assert abs(facts["loss"] - facts["loss_before"]) < 0.005
    assert facts["tokens_per_second"] > 0
    slower = facts["tokens_per_second"] <= facts["tokens_per_second_before"]
    assert ("too large for the processor's caches" in "\n".join(quantised.lines)) == slower


def test_it_opens_like_any_other_run(runs, quantised, capsys):
    assert "two three four" in write_sample(open_run(runs, "rhyme-int8"), "one ", 40)
    assert main(["evaluate", "rhyme-int8", "--runs", str(runs), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["loss"] == pytest.approx(quantised.facts["loss"], rel=0.01)
    for command in (["predict", "rhyme-int8", "one two"], ["attention", "rhyme-int8", "--text", "one two"], ["runs"]):
        assert main([*command, "--runs", str(runs)]) == 0
    assert "finished" in capsys.readouterr().out


def test_a_classic_run_with_byte_pairs(runs, capsys):
    command = [
        "quantise",
        "classic",
        "--runs",
        str(runs),
        "--run",
        "small",
        "--data",
        str(runs / "rhyme.txt"),
        "--json",
    ]
    assert main(command) == 0
    facts = json.loads(capsys.readouterr().out)
    assert abs(facts["loss"] - facts["loss_before"]) < 0.005
    assert main(["generate", "small", "--runs", str(runs), "--temperature", "0", "--tokens", "5"]) == 0


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("quantise rhyme-int8", "quantised already"),
        ("quantise rhyme --run classic", "exists already"),
        ("train --run rhyme-int8 --resume", "cannot be trained"),
        ("train gpt --from rhyme-int8 --run more", "cannot be trained"),
        ("export rhyme-int8", "groundup export rhyme"),
    ],
)
def test_what_cannot_be_done_is_said(runs, quantised, capsys, command, said):
    assert main([*command.split(), "--runs", str(runs)]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


def test_a_run_with_a_learners_parts_is_refused(runs, quantised):
    from groundup.tasks.gpt.quantising import quantise_run

    run = open_run(runs, "rhyme")
    own = Run(run.folder, {**run.config, "parts": {"linear": {"exercise": "linear", "sha256": "x"}}})
    with pytest.raises(UserError, match="own linear"):
        quantise_run(own, runs, "other", None, Reporter.silent())
