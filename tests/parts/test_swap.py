"""A learner's parts in a real run: right ones learn what ours learn, wrong ones are refused, runs keep them."""

import json
from pathlib import Path

import pytest

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.cli import main
from groundup.exercises.registry import PARTS, list_names
from groundup.parts.layers import use_sampler
from groundup.parts.presets import choose_preset
from groundup.parts.swap import PartFile, Parts, read_part_files
from groundup.runs.folder import Run
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.tasks.registry import find_about, list_tasks

ANSWERS = Path(__file__).parents[1] / "exercises" / "answers"
pytestmark = pytest.mark.usefixtures("one_judge")
SIZES = "steps=6 layers=1 heads=2 width=16 context=16 batch_size=4 sample_tokens=12 precision=float32 evaluate_every=6"
GPT_PARTS = [
    "linear=linear/loops",
    "activation=activations/loops",
    "activation=activations/course",
    "embedding=embedding/one_hot",
    "loss=loss_from_logits/loops",
    "optimiser=optimiser/loops",
    "dropout=dropout/bernoulli",
    "attention=self_attention/course",
    "attention=self_attention/bare_parameters",
    "multi-head-attention=multi_head_attention/wide",
    "multi-head-attention=multi_head_attention/course",
    "multi-head-attention=multi_head_attention/fused_einsum",
    "block=transformer_block/sequential",
    "sampler=sampling/gumbel",
]


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "text.txt"
    path.write_text("".join(f"{i} men went to mow, went to mow a meadow. " for i in range(200)))
    return path


def train(folder, text, capsys, *arguments, run="run"):
    pairs = [part for pair in SIZES.split() for part in ("--set", pair)]
    command = ["train", "gpt", "--data", str(text), "--runs", str(folder), "--run", run, "--json", *pairs, *arguments]
    code = main(command)
    return code, json.loads(capsys.readouterr().out)


def name_part(pair):
    part, _, answer = pair.partition("=")
    return f"{part}={ANSWERS / answer}.py"


def test_a_sampler_is_never_asked_for_more_tokens_than_there_are():
    model, asked = GPT(GPTSettings(vocabulary=7, context=6, layers=1, heads=2, width=8, preset="plain")).eval(), []
    use_sampler(model, lambda logits, temperature, top_k: asked.append(top_k) or 0)
    for top_k in (None, 3, 7, 100):
        assert list(model.generate([0], 1, top_k=top_k)) == [0]
    assert asked == [None, 3, 7, 7]


def test_every_part_has_its_exercise():
    assert set(PARTS.values()) <= set(list_names())
    assert {part for about in list_tasks() for part in about.parts} <= set(PARTS)


@pytest.fixture(scope="module")
def reference(text, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference")
    pairs = [part for pair in SIZES.split() for part in ("--set", pair)]
    command = ["train", "gpt", "--data", str(text), "--runs", str(folder), "--run", "ours", "--set", "preset=plain"]
    assert main([*command, *pairs]) == 0
    return Run.open(folder, "ours").metrics()[-1]


@pytest.mark.parametrize("pair", GPT_PARTS)
def test_a_right_part_learns_what_ours_learns(pair, text, reference, tmp_path, capsys):
    code, facts = train(tmp_path, text, capsys, "--with", name_part(pair))
    assert code == 0
    assert facts["speed_with_parts"]["times"] > 0
    losses = Run.open(tmp_path, "run").metrics()[-1]
    # Answers that round to 4 places put that much into the loss.
    assert losses["loss"] == pytest.approx(reference["loss"], rel=2e-4)
    assert losses["validation_loss"] == pytest.approx(reference["validation_loss"], rel=2e-4)
    assert main(["generate", "run", "--runs", str(tmp_path), "--prompt", "men", "--tokens", "5"]) == 0


def test_several_parts_of_digits_and_sentiment(tmp_path, capsys):
    for task, epochs, pairs in (
        ("digits", 20, ["linear=linear/einsum", "activation=activations/tanh", "optimiser=optimiser/plain"]),
        ("sentiment", 3, ["embedding=embedding/course", "linear=linear/product"]),
    ):
        parts = [word for pair in pairs for word in ("--with", name_part(pair))]
        command = ["train", task, "--runs", str(tmp_path), "--json", "--set", f"epochs={epochs}", *parts]
        assert main(command) == 0
        facts = json.loads(capsys.readouterr().out)
        assert facts["accuracy"] > 0.6
        assert set(facts["parts"]) == {pair.partition("=")[0] for pair in pairs}
        assert main(["evaluate", task, "--runs", str(tmp_path)]) == 0
        capsys.readouterr()


def test_a_learners_own_tokens(text, tmp_path, capsys):
    text = tmp_path / "words.txt"
    text.write_text(" ".join(f"{a}{b}" for a in "bcdfglmnprst" for b in "aeiou" for _ in range(9)) * 2)
    code, _ = train(tmp_path, text, capsys, "--with", name_part("tokenizer=byte_pair/course"))
    assert code == 0
    tokens = json.loads((tmp_path / "run" / "tokenizer.json").read_text())["model"]["vocab"]
    assert max(map(len, tokens)) > 2


def test_a_wrong_part_is_told_what_is_wrong_and_trains_nothing(text, tmp_path, capsys):
    wrong = tmp_path / "loss.py"
    wrong.write_text((ANSWERS / "loss_from_logits" / "log_sum_exp.py").read_text().replace(".mean()", ".sum()"))
    code, facts = train(tmp_path / "runs", text, capsys, "--with", f"loss={wrong}")
    assert (code, facts["part"], facts["mistakes"]) == (1, "loss", ["summed, not averaged"])
    assert not (tmp_path / "runs" / "run").exists()


def test_a_run_keeps_its_parts_and_refuses_changed_ones(text, tmp_path, capsys):
    mine = tmp_path / "mine.py"
    mine.write_text((ANSWERS / "activations" / "tanh.py").read_text())
    assert train(tmp_path, text, capsys, "--with", f"activation={mine}")[0] == 0
    mine.unlink()
    run = Run.open(tmp_path, "run")
    assert Parts.of(run, find_about("gpt").parts).names == ["activation"]
    other = name_part("activation=activations/course")
    code, facts = train(tmp_path, text, capsys, "--resume", "--with", other)
    assert code == 2
    assert "another activation" in facts["error"]
    (tmp_path / "run" / "parts" / "activation.py").write_text("relu = print")
    assert main(["generate", "run", "--runs", str(tmp_path)]) == 2
    assert "changed since it was judged" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (["block"], "write PART=FILE"),
        (["wheel=x.py"], "gpt has no part wheel"),
        (["block=missing.py"], "there is no file missing.py"),
        (["block={0}", "block={0}"], "named twice"),
        (["block={0}", "attention={0}"], "your block brings its own"),
    ],
)
def test_bad_parts_are_one_line(pairs, message, tmp_path):
    path = tmp_path / "a.py"
    path.write_text("x = 1")
    with pytest.raises(UserError, match=message):
        read_part_files([pair.format(path) for pair in pairs], find_about("gpt"))


@pytest.fixture(scope="module")
def modern_reference(text, tmp_path_factory):
    folder = tmp_path_factory.mktemp("modern")
    pairs = [part for pair in (*SIZES.split(), "width=32") for part in ("--set", pair)]
    assert main(["train", "gpt", "--data", str(text), "--runs", str(folder), "--run", "ours", *pairs]) == 0
    return Run.open(folder, "ours").metrics()[-1]


@pytest.mark.parametrize("answer", ["course", "plain", "llama"])
def test_a_block_of_the_default_preset_learns_what_ours_learns(answer, text, modern_reference, tmp_path, capsys):
    """The class that a file defines decides the preset; at first both models are the same."""
    part = name_part(f"block=modern_block/{answer}")
    code, facts = train(tmp_path, text, capsys, "--with", part, "--set", "width=32")
    assert code == 0, facts
    run = Run.open(tmp_path, "run")
    assert run.config["settings"]["preset"] == "modern"
    assert run.config["parts"]["block"]["exercise"] == "modern-block"
    losses = run.metrics()[-1]
    assert losses["loss"] == pytest.approx(modern_reference["loss"], rel=2e-4)
    assert losses["validation_loss"] == pytest.approx(modern_reference["validation_loss"], rel=2e-4)
    assert main(["generate", "run", "--runs", str(tmp_path), "--prompt", "men", "--tokens", "5"]) == 0


MODERN, PLAIN = "class ModernBlock:\n    pass\n", "class TransformerBlock:\n    pass\n"
SHORT = "class Block:\n    def forward(self, {}):\n        pass\n"
OF_MODERN, OF_PLAIN = SHORT.format("x, cosines, sines"), SHORT.format("x")


@pytest.mark.parametrize(
    ("chosen", "source", "preset"),
    [
        (None, MODERN, "modern"),
        (None, PLAIN, "plain"),
        (None, OF_MODERN, "modern"),
        (None, OF_PLAIN, "plain"),
        (None, "ModernBlock = print", "modern"),
        (None, PLAIN + MODERN, "modern"),
        (None, "x = (", "plain"),  # the judge shows where
        ("plain", PLAIN + MODERN, "plain"),
        ("modern", "x = 1", "modern"),
    ],
)
def test_a_block_is_for_the_preset_whose_exercise_it_answers(chosen, source, preset, capsys):
    files = [PartFile("block", "transformer-block", Path("mine.py"), source)]
    pairs = [f"preset={chosen}"] if chosen else []
    settings, found = choose_preset(find_about("gpt"), files, pairs, Reporter())
    assert settings == [f"preset={preset}"]
    assert found[0].exercise == {"plain": "transformer-block", "modern": "modern-block"}[preset]
    assert chosen == "plain" or f"{preset} preset" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("chosen", "source", "others", "message"),
    [
        ("modern", PLAIN, (), "modern preset takes an answer to modern-block, and this file answers transformer-block"),
        ("modern", OF_PLAIN, (), "modern preset takes an answer to modern-block"),
        ("plain", MODERN, (), "plain preset takes an answer to transformer-block, and this file answers modern-block"),
        ("classic", MODERN, (), "preset=classic: no part of it can be exchanged"),
        (None, MODERN, ("linear",), "in the modern preset only the block or experts can be exchanged, alone"),
        ("modern", MODERN, ("linear",), "in the modern preset only the block or experts can be exchanged, alone"),
    ],
)
def test_a_block_of_another_preset_is_one_line(chosen, source, others, message):
    parts = {"block": source, **dict.fromkeys(others, "x = 1")}
    files = [PartFile(part, PARTS[part], Path("mine.py"), text) for part, text in parts.items()]
    pairs = [f"preset={chosen}"] if chosen else []
    with pytest.raises(UserError, match=message):
        choose_preset(find_about("gpt"), files, pairs, Reporter.silent())


def test_a_block_without_dropout_refuses_a_dropout(text, tmp_path, capsys):
    part = name_part("block=modern_block/course")
    code, facts = train(tmp_path, text, capsys, "--with", part, "--set", "dropout=0.1")
    assert code == 2
    assert "dropout" in facts["error"]


def test_another_preset_has_no_parts(text, tmp_path, capsys):
    part = name_part("loss=loss_from_logits/loops")
    code, facts = train(tmp_path, text, capsys, "--set", "preset=classic", "--with", part)
    assert code == 2
    assert "no part of it can be exchanged" in facts["error"]
