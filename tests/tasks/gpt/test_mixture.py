"""A gpt with experts learns, says how evenly they are used, goes on bit for bit, and refuses what it cannot do."""

import json
from pathlib import Path

import pytest
from safetensors.torch import load_file

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.cli import main
from groundup.parts.layers import PartMixture
from groundup.runs.folder import Run
from groundup.steps.c7_beyond.experts import MixtureOfExperts
from groundup.tasks.gpt.mixture import choose_experts
from groundup.tasks.gpt.runs import open_gpt
from groundup.tasks.launch import launch
from groundup.tasks.opening import open_run
from groundup.training.checkpoints import Checkpoints

ANSWERS = Path(__file__).parents[2] / "exercises" / "answers" / "mixture_of_experts"
RHYME = "one two three four five six seven eight\n" * 60
TINY = ["layers=2", "heads=2", "width=16", "context=8", "batch_size=8", "precision=float32", "sample_tokens=5"]


def train(root, *pairs, **options):
    data = root / "rhyme.txt"
    data.write_text(RHYME)
    return launch("gpt", root=root, data=str(data), pairs=[*TINY, *pairs], reporter=Reporter.silent(), **options)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Return the folder of runs with one of four experts, and its report."""
    root = tmp_path_factory.mktemp("mixture")
    return root, train(root, "experts=4", "steps=60", "evaluate_every=30", name="mixed")[1]


def test_it_learns_and_tells_the_load_of_each_expert(trained):
    root, report = trained
    assert report.facts["validation_loss"] < 2.2, "a blind guess has 2.8"
    lines = open_run(root, "mixed").metrics()
    for line in (line for line in lines if "validation_loss" in line):
        assert sum(line[f"load_{number}"] for number in range(1, 5)) == pytest.approx(1, abs=1e-5)
    assert all(0.99 < line["balance"] < 4 for line in lines)
    assert report.facts["load"] == [lines[-1][f"load_{number}"] for number in range(1, 5)]
    assert (report.facts["experts"], report.facts["experts_per_token"]) == (4, 2)
    assert any("4 experts per block, 2 for each token" in line for line in report.lines)


def test_the_balance_loss_is_part_of_what_is_learned(tmp_path):
    spread = []
    for factor in ("0", "5"):
        _, report = train(tmp_path, "experts=4", "experts_per_token=1", "steps=20", f"balance={factor}", name=factor)
        spread.append(max(report.facts["load"]))
    assert spread[1] < spread[0]


def test_it_opens_like_any_other_run(trained, capsys):
    root, report = trained
    model, _, _ = open_gpt(open_run(root, "mixed"))
    assert all(isinstance(block.feed_forward, MixtureOfExperts) for block in model.blocks)
    assert report.facts["weights"] == model.count_weights()
    assert main(["evaluate", "mixed", "--runs", str(root), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["loss"] == pytest.approx(report.facts["best_validation_loss"], abs=1e-4)
    for command in (["generate", "mixed", "--tokens", "5"], ["predict", "mixed", "one t"]):
        assert main([*command, "--runs", str(root)]) == 0


def test_a_stopped_run_ends_with_the_weights_of_one_that_was_not(tmp_path, monkeypatch):
    settings = ["experts=5", "experts_per_token=1", "steps=6", "checkpoint_seconds=0"]
    train(tmp_path, *settings, name="whole")
    real = Checkpoints.save

    def save_and_stop(self, record):
        real(self, record)
        if record.step == 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoints, "save", save_and_stop)
        with pytest.raises(KeyboardInterrupt):
            train(tmp_path, *settings, name="stopped")
    train(tmp_path, *settings, name="stopped", resume=True)
    whole, stopped = (load_file(tmp_path / name / "model.safetensors") for name in ("whole", "stopped"))
    assert whole.keys() == stopped.keys()
    assert all((whole[name] == stopped[name]).all() for name in whole)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("quantise mixed", "is not quantised here"),
        ("train gpt --from mixed --run more", "no run goes on from one"),
        ("train chat --from mixed --run more", "no run goes on from one"),
        ("export mixed --to gguf", "only --to huggingface"),
        ("train gpt --set experts=4 --set preset=classic --run more", "only the modern preset"),
        ("train gpt --set experts=2 --set experts_per_token=3 --run more", "there are 2 experts"),
        ("train gpt --set experts_per_token=3 --run more", "Say of how many"),
    ],
)
def test_what_cannot_be_done_is_said(trained, capsys, command, said):
    assert main([*command.split(), "--runs", str(trained[0])]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert not (trained[0] / "more" / "model.safetensors").exists()


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        ({"own": ["block"]}, "--with block: .* only the experts"),
        ({"goes_on": True}, "from nothing"),
        ({"shared": True}, "one process"),
        ({"compiled": True}, "Leave it out"),
    ],
)
def test_what_does_not_go_with_experts_is_said(beside, said):
    with pytest.raises(UserError, match=said):
        choose_experts(4, 2, "modern", **beside)


@pytest.mark.parametrize("name", ["loops", "masks", "sorted_by_expert"])
def test_a_learners_own_experts_learn_what_ours_learn(name, tmp_path, one_judge):
    settings = ["experts=3", "steps=6", "evaluate_every=3"]
    ours, _ = train(tmp_path, *settings, name="ours")
    part = f"experts={ANSWERS / name}.py"
    theirs, report = train(tmp_path, *settings, name="theirs", parts=[part])
    assert theirs.config["model"]["preset"] == "modern"
    assert list(report.facts["parts"]) == ["experts"]
    for figure in ("loss", "validation_loss", "load_1", "load_2"):
        found, wanted = ([line[figure] for line in run.metrics() if figure in line] for run in (theirs, ours))
        assert found == pytest.approx(wanted, rel=1e-3)
    assert main(["generate", str(theirs.folder), "--tokens", "5"]) == 0
    model, _, _ = open_gpt(theirs)
    layers = [layer for layer in model.modules() if isinstance(layer, PartMixture)]
    assert len(layers) == 2


def test_how_many_experts_of_the_learners_is_to_be_said(tmp_path, one_judge):
    part = f"experts={ANSWERS / 'masks'}.py"
    with pytest.raises(UserError, match="say how many experts"):
        train(tmp_path, parts=[part])
    with pytest.raises(UserError, match="only the modern preset has experts"):
        train(tmp_path, "experts=2", "preset=plain", parts=[part])


def test_one_expert_is_used_where_there_is_one():
    assert choose_experts(1, None, "modern").used == 1
    assert choose_experts(None, None, "classic", goes_on=True) is None


def test_experts_that_do_not_fit_the_settings_are_refused(trained):
    run = open_run(trained[0], "mixed")
    copied = Run(run.folder, {**run.config, "experts": {"count": 3, "used": 2}})
    with pytest.raises(UserError):
        open_gpt(copied)
