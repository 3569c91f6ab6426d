"""Looking inside a run of any preset and origin: the numbers are the model's own, and what is missing is said."""

import json
import math
from functools import partial

import pytest
import torch
from torch import nn

from groundup.base.console import read_markup
from groundup.base.errors import UserError
from groundup.base.reporting import Reporter, write_json
from groundup.cli import main
from groundup.data.corpus.chat_marks import find_marks
from groundup.export.formats import export_run
from groundup.export.huggingface import find_origin, import_run
from groundup.models.part_losses import measure_parts
from groundup.runs.folder import Run
from groundup.steps.c7_beyond.ablation import Part, list_parts, measure_cost
from groundup.tasks.gpt import inside
from groundup.tasks.gpt.inside import look_inside
from groundup.tasks.gpt.inside_report import list_facts, report_inside
from groundup.tasks.gpt.quantising import quantise_run
from groundup.tasks.gpt.runs import open_gpt
from groundup.tasks.launch import launch

RHYME = "one two three four five six seven eight\n" * 60
TINY = ["layers=2", "heads=2", "width=32", "context=16", "batch_size=8", "precision=float32", "sample_tokens=0"]
TEXT = "two three"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    root = tmp_path_factory.mktemp("inside")
    (root / "rhyme.txt").write_text(RHYME)
    pairs = {
        "modern": ["steps=60"],
        "plain": ["steps=3"],
        "classic": ["steps=3", "tokenizer=bytepair", "vocabulary_size=260"],
    }
    for preset, more in pairs.items():
        given = [*TINY, f"preset={preset}", *more]
        launch("gpt", root=root, data=str(root / "rhyme.txt"), name=preset, pairs=given, reporter=Reporter.silent())
    return root


def open_one(runs, name):
    """Return a run, made at its first use."""
    if not (runs / name).exists():
        quiet, data = Reporter.silent(), str(runs / "chat.jsonl")
        origin = partial(find_origin, runs, "modern")
        if name == "low-rank":
            quick = ["steps=2", "lora=2", "sample_tokens=0", "precision=float32"]
            launch("gpt", root=runs, name=name, pairs=quick, origin=origin, reporter=quiet)
        elif name == "chat":
            (runs / "chat.jsonl").write_text('{"prompt": "one", "completion": "two"}\n' * 20)
            quick = ["steps=2", "precision=float32"]
            launch("chat", root=runs, name=name, data=data, pairs=quick, origin=origin, reporter=quiet)
        elif name == "quantised":
            quantise_run(Run.open(runs, "modern"), runs, name, None, quiet)
        elif name == "imported":
            import_run(export_run(Run.open(runs, "classic"), "huggingface").path, runs, name)
    return Run.open(runs, name)


NAMES = ["modern", "plain", "classic", "low-rank", "chat", "quantised", "imported"]


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_of_run_is_looked_into(runs, name):
    run = open_one(runs, name)
    found = look_inside(run, TEXT)
    model, tokenizer, _ = open_gpt(run)
    tokens = torch.tensor([found.numbers])
    logits = model(tokens)[0]
    shares = logits.softmax(-1)
    tolerance = 0.02 if name == "quantised" else 1e-4  # its kernel rounds by how many rows there are
    assert found.surprise[0] is None
    assert found.surprise[1:] == pytest.approx(
        [-math.log(shares[place, token]) for place, token in enumerate(found.numbers[1:])], abs=tolerance
    )
    assert [level.after for level in found.levels] == ["embedding", "block 1", "block 2"]
    assert found.levels[-1].probabilities == pytest.approx(shares.max(-1).values.tolist(), abs=tolerance)
    assert found.levels[-1].next[0][0] == tokenizer.decode([int(shares[-1].argmax())])
    assert found.loss == pytest.approx(sum(found.surprise[1:]) / (len(tokens[0]) - 1), abs=tolerance)
    assert list(found.costs) == list_parts(model)
    assert found.complete
    for part, cost in found.costs.items():
        assert cost.mean == pytest.approx(measure_cost(model, [part], tokens[:, :-1], tokens[:, 1:]), abs=tolerance)
    assert found.scores.induction.shape == found.scores.previous_token.shape == (2, 2)


def test_a_run_that_answers_reads_the_text_as_a_message(runs):
    run = open_one(runs, "chat")
    found = look_inside(run, "one")
    marks = find_marks(open_gpt(run)[1])
    assert found.numbers[0] == marks["<|user|>"]
    assert found.numbers[-1] == marks["<|assistant|>"], "what comes next is the answer"
    assert any("After “<|assistant|>” comes:" in line for line in report_inside(found).lines), "no half a mark"


def test_the_validation_text_is_measured_window_by_window(runs):
    run = open_one(runs, "modern")
    found = look_inside(run, TEXT, "validation")
    whole = len(RHYME) - int(len(RHYME) * 0.9) - 1
    assert (found.measured_on, found.measured) == ("validation", whole)
    assert found.loss == pytest.approx(min(line.get("validation_loss", 99) for line in run.metrics()), abs=1e-4)
    few = look_inside(run, TEXT, "validation", most_tokens=40)
    assert few.measured == 32, "two windows of 16"
    assert few.complete
    assert {cost.tokens for cost in few.costs.values()} == {32}


def test_what_is_measured_does_not_depend_on_how_much_fits_into_a_pass(runs, monkeypatch):
    run = open_one(runs, "modern")
    at_once = look_inside(run, TEXT, "validation")
    monkeypatch.setattr(inside, "MOST_NUMBERS", 500)
    monkeypatch.setattr("groundup.models.part_losses.MOST_NUMBERS", 500)
    in_parts = look_inside(run, TEXT, "validation")
    assert in_parts.loss == pytest.approx(at_once.loss, rel=1e-5)
    for part, cost in at_once.costs.items():
        assert in_parts.costs[part].mean == pytest.approx(cost.mean, abs=1e-5)
        assert in_parts.costs[part].error == pytest.approx(cost.error, rel=1e-3, abs=1e-6)
    for one, two in zip(at_once.levels, in_parts.levels, strict=True):
        assert one.tokens == two.tokens
    assert in_parts.surprise[1:] == pytest.approx(at_once.surprise[1:], rel=1e-5)


def test_the_standard_error_is_that_of_the_mean():
    rises = torch.tensor([0.5, -0.25, 1.0, 0.0])
    cost = inside.Cost()
    cost.add(rises[:1])
    assert cost.error is None
    cost.add(rises[1:])
    assert cost.mean == pytest.approx(float(rises.mean()))
    assert cost.error == pytest.approx(float(rises.std() / 2))


def test_a_long_text_is_cut_to_the_context_and_one_line_says_so(runs):
    text = "one two three four five"
    report = report_inside(look_inside(open_one(runs, "modern"), text))
    assert report.facts["left_out"] == 7
    assert "".join(report.facts["tokens"]) == text[-16:]
    assert [line for line in report.lines if "left out" in line] == [
        "The first 7 tokens are left out: the rest is all that fits."
    ]


def test_the_parts_with_the_largest_effects_are_shown_good_or_bad(runs, monkeypatch):
    monkeypatch.setattr("groundup.tasks.gpt.inside_report.SHOWN_PARTS", 2)
    found = look_inside(open_one(runs, "modern"), TEXT)
    for place, part in enumerate(part for part in found.costs if part.kind == "head"):
        found.costs[part] = inside.Cost()
        found.costs[part].add(torch.tensor([0.5, 0.1, 0.01, -0.9][place]).expand(8))
    report = report_inside(found)
    assert [row[1] for row in report.table[1]][:2] == ["+0.500", "-0.900"]
    told = "\n".join(report.lines)
    assert "with a smaller effect are left out" in told
    assert "So few tokens say little about a part: --on validation" in told


def test_a_single_token_has_a_lens_and_no_loss(runs):
    found = look_inside(open_one(runs, "modern"), "o")
    assert (found.surprise, found.loss, found.costs, found.parts) == ([None], None, {}, 0)
    assert found.levels[-1].next[0][0] == "n"
    told = "\n".join(report_inside(found).lines)
    assert "Surprise needs a second token" in told
    assert "Give at least two tokens" in told
    json.loads(write_json(list_facts(found)))


def test_a_learners_own_block_is_switched_off_as_a_whole(runs, monkeypatch):
    class Own(nn.Module):
        def forward(self, x, rotary=None, cache=None):
            return x + x.flip(-1).tanh()

    run = open_one(runs, "modern")
    model, tokenizer, weights = open_gpt(run)
    model.blocks = nn.ModuleList([Own(), Own()])
    monkeypatch.setattr(inside, "open_gpt", lambda _: (model, tokenizer, weights))
    found = look_inside(run, TEXT)
    assert list(found.costs) == [Part("block", 0), Part("block", 1)]
    assert found.scores is None
    report = report_inside(found)
    assert any("a learner's own part" in line for line in report.lines)
    assert report.facts["heads"] == {
        "cost": [[None, None]] * 2,
        "error": [[None, None]] * 2,
        "previous_token": None,
        "first_token": None,
        "induction": None,
    }


def test_a_context_too_short_to_repeat_anything_has_no_induction_score(tmp_path):
    (tmp_path / "rhyme.txt").write_text(RHYME)
    pairs = ["layers=1", "heads=1", "width=16", "context=3", "steps=2", "precision=float32", "sample_tokens=0"]
    run, _ = launch("gpt", root=tmp_path, data=str(tmp_path / "rhyme.txt"), pairs=pairs, reporter=Reporter.silent())
    found = look_inside(run, "one")
    assert found.scores.induction is None
    assert found.scores.previous_token is not None
    report = report_inside(found)
    assert report.facts["random_tokens"] is None
    assert report.table[0] == ["off", "loss", "", "previous token", "first token"]


def test_brackets_and_backslashes_of_a_text_are_shown_as_they_are(runs):
    found = look_inside(open_one(runs, "classic"), "[bold] a\\")
    shown = "\n".join(read_markup(line).plain for line in report_inside(found).lines)
    assert "\n[bold] a\\\n" in shown


def test_the_command_answers_in_words_and_in_arrays(runs, capsys):
    assert main(["look", "modern", "--text", TEXT, "--runs", str(runs), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert main(["look", "modern", "--text", TEXT, "--runs", str(runs)]) == 0
    shown = capsys.readouterr().out
    assert "after block 2     " in shown
    assert [len(row) for row in facts["heads"]["cost"]] == [2, 2]
    assert len(facts["lens"]) == 3
    assert len(facts["lens"][0]["tokens"]) == len(facts["tokens"]) == len(facts["surprise"]) == len(TEXT)
    costs = [part["cost"] for part in facts["ranked"]]
    assert costs == sorted(costs, reverse=True)
    assert len(costs) == 2 * (2 + 3)
    assert all(part["part"] in shown for part in facts["ranked"])
    assert facts["complete"] is True


def test_other_data_are_measured_too(runs, capsys, tmp_path):
    (tmp_path / "other.txt").write_text("eight seven six five")
    arguments = ["look", "modern", "--text", TEXT, "--runs", str(runs), "--on", str(tmp_path / "other.txt"), "--json"]
    assert main(arguments) == 0
    assert json.loads(capsys.readouterr().out)["measured"]["tokens"] == 19


@pytest.mark.parametrize("passes", [0, 1, 2])
def test_a_ctrl_c_leaves_what_was_measured(runs, capsys, monkeypatch, passes):
    def stop(*arguments):
        for place, one in enumerate(measure_parts(*arguments)):
            if place == passes:
                raise KeyboardInterrupt
            yield one

    monkeypatch.setattr(inside, "measure_parts", stop)
    assert main(["look", "modern", "--text", TEXT, "--runs", str(runs), "--json"]) == 130
    facts = json.loads(capsys.readouterr().out)
    assert facts["complete"] is False
    assert len(facts["ranked"]) == 5 * max(0, passes - 1)
    assert len(facts["lens"]) == 3
    assert main(["look", "modern", "--text", TEXT, "--runs", str(runs)]) == 130
    assert f"Stopped: {5 * max(0, passes - 1)} of 10 parts" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "text", "on", "told"),
    [
        ("modern", "", "text", "nothing to look at"),
        ("modern", "zebra", "text", 'never saw "z" "b" "a"'),
        ("modern", "one \udcff", "text", "not valid UTF-8 at character 4"),
        ("chat", "one", "validation", "is a run of chat, which keeps no validation text"),
        ("imported", "one", "validation", "was not trained here"),
        ("modern", "one", "none.txt", "none.txt"),
    ],
)
def test_what_cannot_be_looked_at_is_refused(runs, name, text, on, told):
    with pytest.raises(UserError, match=told):
        look_inside(open_one(runs, name), text, on)
