"""The gpt task end to end on small texts: it learns, measures rightly, goes on bit for bit, and refuses clearly."""

import json
import math
import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch
import warm
from safetensors.torch import load_file
from torch.nn import functional

from groundup.base.errors import Stopped, UserError
from groundup.base.reporting import Reporter
from groundup.data.corpus.texts import read_text
from groundup.data.corpus.windows import TokenRow
from groundup.runs.folder import Run
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.tasks.gpt.about import about
from groundup.tasks.gpt.corpus import load_corpus, measure_loss
from groundup.tasks.gpt.runs import open_gpt
from groundup.tasks.gpt.settings import GPTTaskSettings
from groundup.tasks.gpt.task import task
from groundup.tasks.launch import launch
from groundup.tasks.protocol import predict_words
from groundup.training.settings import read_settings

TINY = ["layers=1", "heads=2", "width=16", "context=8", "batch_size=8", "precision=float32"]
RHYME = "one two three four five six seven eight\n" * 60


@pytest.fixture
def rhyme(tmp_path):
    path = tmp_path / "rhyme.txt"
    path.write_text(RHYME)
    return path


def train(root, data, *pairs, **options):
    pairs = [*TINY, *pairs]
    return launch("gpt", root=root, data=str(data), pairs=pairs, reporter=Reporter.silent(), **options)


def test_a_single_step_does_not_undo_how_it_starts(tmp_path):
    """What a busy machine has time for: the weights begin at counted pairs, which are worth more than a blind guess."""
    for steps in (1, 3):
        sizes = ["layers=2", "heads=4", "width=96", "context=32", f"steps={steps}", "sample_tokens=0"]
        _, report = launch("gpt", root=tmp_path, name=f"s{steps}", pairs=sizes, reporter=Reporter.silent())
        assert report.facts["validation_loss"] < 3.0, "a blind guess has 4.2"


@pytest.mark.parametrize("preset", ["classic", "modern"])
@pytest.mark.parametrize("tokenizer", ["characters", "bytepair"])
def test_it_learns_a_rhyme(tmp_path, rhyme, preset, tokenizer):
    pairs = [f"preset={preset}", f"tokenizer={tokenizer}", "vocabulary_size=300", "steps=150", "context=16"]
    run, report = train(tmp_path, rhyme, *pairs)
    _, tokenizer, _ = open_gpt(run)
    assert report.facts["validation_loss"] < 0.5 * math.log(tokenizer.size)
    assert report.facts["best_validation_loss"] <= report.facts["validation_loss"]
    evaluated = task.evaluate(run, None, tmp_path, Reporter.silent()).facts
    assert evaluated["loss"] == pytest.approx(report.facts["best_validation_loss"], rel=1e-5)
    assert evaluated["characters"] == len(RHYME) - int(len(RHYME) * 0.9)
    nats = evaluated["loss"] * (evaluated["tokens"] - 1)
    assert evaluated["bits_per_character"] == pytest.approx(nats / math.log(2) / evaluated["characters"])
    assert evaluated["perplexity"] == pytest.approx(math.exp(evaluated["loss"]))
    again = task.evaluate(run, str(rhyme), tmp_path, Reporter.silent()).facts
    assert again["characters"] == len(RHYME)
    assert (run.path("tokenizer.json")).is_file()
    assert task.draw(run, tmp_path)[0].stat().st_size > 5000


def test_of_a_small_text_the_weights_before_it_is_known_by_heart_are_kept(tmp_path):
    path = tmp_path / "noise.txt"
    path.write_text("".join(random.Random(0).choices("abcdefgh\n", k=400)))
    run, report = train(tmp_path, path, "context=16", "width=64", "steps=120", "learning_rate=0.02", "sample_tokens=0")
    measured = [line["step"] for line in run.metrics() if "validation_loss" in line]
    assert measured == [25, 50, 75, 100, 120]
    assert report.facts["best_step"] < 120
    # Random letters: nothing of the text that is known by heart helps with new text.
    assert report.facts["best_validation_loss"] > math.log(9)
    assert "no better than a choice among all 9 tokens" in "\n".join(report.lines)
    assert about.headline(report.facts).endswith("no better than one among all 9")


def test_predictions_are_the_models_probabilities(tmp_path, rhyme):
    run, _ = train(tmp_path, rhyme, "steps=150")
    report = predict_words(task, run, ["one two th", ""], Reporter.silent())
    model, tokenizer, _ = open_gpt(run)
    seen = torch.from_numpy(tokenizer.encode("one two th")[-8:]).long()
    expected = model(seen[None])[0, -1].softmax(0)
    found = report.facts["predictions"][0]["next"]
    assert found[0]["token"] == "r"
    assert [item["probability"] for item in found] == pytest.approx(expected.topk(10).values.tolist())
    # An empty text stands for the start of a line.
    expected = model(torch.from_numpy(tokenizer.encode("\n")).long()[None])[0, -1].softmax(0)
    assert report.facts["predictions"][1]["next"][0]["probability"] == pytest.approx(expected.max().item())


def test_the_loss_is_that_of_one_token_at_a_time():
    torch.manual_seed(0)
    model = GPT(GPTSettings(vocabulary=7, context=5, layers=1, heads=1, width=8)).eval()
    tokens = np.random.default_rng(0).integers(0, 7, 23)
    expected = []
    for place in range(1, 23):
        window = torch.from_numpy(tokens[(place - 1) // 5 * 5 : place])
        expected.append(-model(window[None])[0, -1].log_softmax(0)[tokens[place]].item())
    assert measure_loss(model, TokenRow(tokens)) == pytest.approx(sum(expected) / 22, rel=1e-5)


@pytest.mark.parametrize(
    ("text", "pairs", "message"),
    [
        (b"", [], "the text is empty"),
        (b"abcdefgh", [], "fewer than the 9 that context=8 needs"),
        (b"abcdefghij", [], "held out to measure on, is too short"),
        (b"PK\0\0", [], "a binary file"),
        (b"fine\n\xc3(", [], "line 2: byte 5"),
        (b"fine" * 99, ["heads=3"], "heads"),
        (b"fine" * 99, ["tokenizer=words"], "choose one of characters, bytepair"),
        (b"fine" * 99, ["vocabulary_size=100"], "at least 256"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(tmp_path, text, pairs, message):
    path = tmp_path / "text.txt"
    path.write_bytes(text)
    with pytest.raises(UserError, match=message) as error:
        train(tmp_path / "runs", path, "preset=classic", "width=16", *pairs)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "runs" / "gpt").exists()


def test_a_changed_text_is_refused_on_resume(tmp_path, rhyme):
    train(tmp_path, rhyme, "steps=2", name="a")
    rhyme.write_text(RHYME + "nine")
    with pytest.raises(UserError, match="is not the text this run began with"):
        train(tmp_path, rhyme, "steps=2", name="a", resume=True)


def test_a_run_whose_setting_has_its_former_name_goes_on(tmp_path, rhyme):
    run, first = train(tmp_path, rhyme, "steps=2", "pieces=2", name="a")
    assert run.config["settings"]["accumulation_steps"] == 2
    settings = dict(run.config["settings"])
    settings["pieces"] = settings.pop("accumulation_steps")
    run.update_config(settings=settings)
    _, again = train(tmp_path, rhyme, "steps=2", "pieces=2", name="a", resume=True)
    assert again.facts["validation_loss"] == first.facts["validation_loss"]
    with pytest.raises(UserError, match="was started with accumulation_steps=2"):
        train(tmp_path, rhyme, "steps=2", "pieces=3", name="a", resume=True)


NAMES = {
    "plain": """
        token_embedding.weight position_embedding.weight first_norm.weight first_norm.bias attention.query.weight
        attention.key.weight attention.value.weight attention.output.weight second_norm.weight second_norm.bias
        feed_forward.expand.weight feed_forward.expand.bias feed_forward.contract.weight feed_forward.contract.bias
        final_norm.weight final_norm.bias output.weight output.bias
    """,
    "classic": """
        token_embedding.weight position_embedding.weight attention_norm.weight attention_norm.bias
        attention.query.weight attention.query.bias attention.key.weight attention.key.bias attention.value.weight
        attention.value.bias attention.output.weight attention.output.bias feed_forward_norm.weight
        feed_forward_norm.bias feed_forward.expand.weight feed_forward.expand.bias feed_forward.contract.weight
        feed_forward.contract.bias final_norm.weight final_norm.bias output.weight
    """,
    "modern": """
        token_embedding.weight attention_norm.weight attention.query.weight attention.key.weight
        attention.value.weight attention.output.weight attention.query_norm.weight attention.key_norm.weight
        feed_forward_norm.weight feed_forward.gate.weight feed_forward.expand.weight feed_forward.contract.weight
        final_norm.weight output.weight
    """,
}
AROUND = ("token_embedding", "position_embedding", "final_norm", "output")


@pytest.mark.parametrize("preset", NAMES)
def test_the_weights_of_a_run_have_the_names_that_old_runs_have(preset):
    model = GPT(GPTSettings(vocabulary=9, context=8, layers=1, heads=2, width=16, preset=preset))
    names = [name if name.startswith(AROUND) else f"blocks.0.{name}" for name in NAMES[preset].split()]
    assert list(model.state_dict()) == names


def test_a_plain_run_computes_what_its_weights_meant_when_it_was_one_of_pytorchs_layers(tmp_path, rhyme):
    run, _ = train(tmp_path, rhyme, "preset=plain", "steps=2")
    model, _, file = open_gpt(run)
    weights = load_file(run.path(file))
    tokens = torch.tensor([[1, 5, 2, 0, 3]])

    def norm(x, name):
        return functional.layer_norm(x, (16,), weights[f"{name}.weight"], weights[f"{name}.bias"])

    def linear(x, name):
        return functional.linear(x, weights[f"{name}.weight"], weights.get(f"{name}.bias"))

    x = weights["token_embedding.weight"][tokens] + weights["position_embedding.weight"][:5]
    read = norm(x, "blocks.0.first_norm")
    heads = [
        linear(read, f"blocks.0.attention.{role}").unflatten(-1, (2, 8)).transpose(1, 2)
        for role in ("query", "key", "value")
    ]
    found = functional.scaled_dot_product_attention(*heads, is_causal=True).transpose(1, 2).flatten(-2)
    x = x + linear(found, "blocks.0.attention.output")
    hidden = linear(norm(x, "blocks.0.second_norm"), "blocks.0.feed_forward.expand").relu()
    x = x + linear(hidden, "blocks.0.feed_forward.contract")
    with torch.inference_mode():
        torch.testing.assert_close(model(tokens), linear(norm(x, "final_norm"), "output"))


def test_a_run_that_cannot_be_opened_says_why(tmp_path, rhyme):
    run, _ = train(tmp_path, rhyme, "steps=2")
    other, _ = train(tmp_path, rhyme, "steps=2", "tokenizer=bytepair", "vocabulary_size=280")
    run.path("tokenizer.json").write_bytes(other.path("tokenizer.json").read_bytes())
    with pytest.raises(UserError, match="the tokenizer is of another run"):
        open_gpt(run)
    with pytest.raises(UserError, match="is a run of digits, not of gpt"):
        open_gpt(Run(tmp_path, {"task": "digits"}))
    with pytest.raises(UserError, match="training has not begun"):
        open_gpt(Run(tmp_path, {"task": "gpt"}))
    config = {**other.config, "model": {**other.config["model"], "frob": 1}}
    with pytest.raises(UserError, match="damaged"):
        open_gpt(Run(other.folder, config))


def test_presets_are_among_the_settings():
    assert read_settings(GPTTaskSettings, ["preset=classic"]).preset == "classic"


def test_a_corpus_above_the_size_goes_to_shards(tmp_path, rhyme, monkeypatch):
    """The same text through shards gives the same tokens, so the same weights."""
    monkeypatch.setenv("GROUNDUP_CACHE", str(tmp_path / "cache"))
    held = train(tmp_path, rhyme, "steps=3", name="held")[0]
    sharded = train(tmp_path, rhyme, "steps=3", "shard_above=0", name="sharded")[0]
    assert list((tmp_path / "cache").glob("*/*/manifest.json"))
    assert sharded.config["text"]["characters"] == len(RHYME)
    weights = held.load_model(), sharded.load_model()
    assert weights[0].keys() == weights[1].keys()
    assert all(weights[0][name].equal(weights[1][name]) for name in weights[0])
    assert held.metrics()[-1]["validation_loss"] == sharded.metrics()[-1]["validation_loss"]


def test_a_second_run_of_a_sharded_text_reads_none_of_it(tmp_path, rhyme, monkeypatch):
    monkeypatch.setenv("GROUNDUP_CACHE", str(tmp_path / "cache"))
    for pairs in (["tokenizer=characters"], ["tokenizer=bytepair", "vocabulary_size=300"]):
        train(tmp_path, rhyme, "steps=3", "shard_above=0", "shard_processes=1", *pairs)
        with monkeypatch.context() as patch:
            patch.setattr("groundup.data.corpus.shards.find_chunks", lambda *_: pytest.fail("the text is looked at"))
            patch.setattr("groundup.data.corpus.text_chunks.Part.read", lambda *_: pytest.fail("the text is read"))
            run, _ = train(tmp_path, rhyme, "steps=3", "shard_above=0", "shard_processes=1", *pairs)
            assert len(open_gpt(run)[1].encode(RHYME)) > 0


def test_a_changed_text_in_shards_is_refused_before_it_is_tokenised(tmp_path, rhyme, monkeypatch):
    monkeypatch.setenv("GROUNDUP_CACHE", str(tmp_path / "cache"))
    options = ["steps=2", "shard_above=0", "shard_processes=1"]
    train(tmp_path, rhyme, *options, name="a")
    rhyme.write_text(RHYME + "nine")
    with pytest.raises(UserError, match=r"is not the text this run began with, or was changed since. Put it back"):
        train(tmp_path, rhyme, *options, name="a", resume=True)
    assert len(list((tmp_path / "cache").glob("*/*/manifest.json"))) == 1


def test_ctrl_c_while_the_text_is_tokenised_says_how_to_go_on(tmp_path, rhyme, monkeypatch):
    monkeypatch.setenv("GROUNDUP_CACHE", str(tmp_path / "cache"))
    options = ["steps=2", "shard_above=0", "shard_processes=1"]

    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("groundup.data.corpus.shards.ShardMaker.make_shards", interrupt)
        with pytest.raises(
            Stopped, match=r"shards that are done are kept. Continue with: groundup train --run a --resume"
        ):
            train(tmp_path, rhyme, *options, name="a")
    run, _ = train(tmp_path, rhyme, *options, name="a", resume=True)
    assert run.metrics()[-1]["step"] == 2


def test_a_learners_tokenizer_is_for_a_text_in_memory(tmp_path, rhyme):
    run = Run.create(tmp_path, "a", "gpt", {})
    with pytest.raises(UserError, match=r"your tokenizer makes the tokens of a text in memory.*shard_above=1"):
        load_corpus(str(rhyme), "characters", 300, 0, run, Reporter.silent(), lambda text, count: [])


def test_a_long_validation_text_is_measured_in_evenly_spaced_windows():
    torch.manual_seed(0)
    model = GPT(GPTSettings(vocabulary=7, context=5, layers=1, heads=1, width=8)).eval()
    tokens = TokenRow(np.random.default_rng(0).integers(0, 7, 501))
    windows = [tokens.take(np.array([place]), 6)[0] for place in (0, 125, 250, 375)]
    expected = sum(measure_loss(model, TokenRow(window)) for window in windows) / 4
    assert measure_loss(model, tokens, most_tokens=22) == pytest.approx(expected, rel=1e-5)
    assert measure_loss(model, tokens, most_tokens=500) == measure_loss(model, tokens)


def start(*arguments, cwd):
    command = [sys.executable, "-m", "groundup", "train", "gpt", *arguments]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return warm.start(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment)


def test_killed_in_the_middle_of_a_pass_it_goes_on_bit_for_bit(tmp_path):
    text = tmp_path / "text.txt"
    text.write_text(read_text("python-reference").content[:30_000])  # 200 batches of 64 tokens are half of it
    job = ["--data", str(text)]
    for pair in [*TINY, "steps=200", "evaluate_every=60", "checkpoint_seconds=0"]:
        job += ["--set", pair]
    whole = start(*job, "--run", "whole", cwd=tmp_path)
    _, errors = whole.communicate()
    assert whole.returncode == 0, errors
    state = tmp_path / "runs" / "cut" / "state.safetensors"
    random.seed(8)
    for _ in range(4):
        before = state.stat().st_mtime_ns if state.exists() else 0
        process = start(*job, "--run", "cut", "--resume", cwd=tmp_path)
        while process.poll() is None and (not state.exists() or state.stat().st_mtime_ns == before):
            time.sleep(0.005)
        time.sleep(random.uniform(0, 0.2))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    last = start(*job, "--run", "cut", "--resume", cwd=tmp_path)
    _, errors = last.communicate()
    assert last.returncode == 0, errors
    for name in ("model.safetensors", "best.safetensors"):
        one, two = (load_file(tmp_path / "runs" / run / name) for run in ("whole", "cut"))
        assert one.keys() == two.keys()
        assert all(one[key].equal(two[key]) for key in one)
    reports = [json.loads((tmp_path / "runs" / run / "report.json").read_text()) for run in ("whole", "cut")]
    assert reports[0]["best_validation_loss"] == reports[1]["best_validation_loss"]


def test_a_run_by_one_process_loads_neither_the_compiler_nor_what_several_need(tmp_path):
    """They take a second to load, which a run of a few seconds would rather train."""
    arguments = ["train", "gpt", "--runs", str(tmp_path)]
    for setting in ("steps=2", "layers=1", "width=32", "context=8", "batch_size=2", "sample_tokens=0"):
        arguments += ["--set", setting]
    code = (
        f"import sys; from groundup.cli import main; assert main({arguments!r}) == 0; "
        "print([name for name in ('torch._dynamo', 'torch.distributed.fsdp') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=600)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
