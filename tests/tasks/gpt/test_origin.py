"""A gpt that goes on from weights: the source stays as it is, its tokenizer and sizes are kept, nothing is lost."""

import hashlib
import json

import pytest
import torch
from safetensors.torch import load_file

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.data.corpus.tokens import train_tokenizer
from groundup.export.huggingface import find_origin, prepare_folder
from groundup.runs.folder import Run
from groundup.tasks.gpt.runs import open_gpt
from groundup.tasks.gpt.task import task
from groundup.tasks.launch import imitate, launch
from groundup.training.interrupts import Interrupted

TINY = ["layers=1", "heads=2", "width=16", "context=8"]
QUICK = ["batch_size=8", "sample_tokens=0", "precision=float32"]
RHYME = "one two three four five six seven eight\n" * 60
# The same letters with other neighbours: what was learned is wrong here.
LETTERS = "efghinorstuvwx"
EXCHANGED = RHYME.translate(str.maketrans(LETTERS, LETTERS[5:] + LETTERS[:5]))


@pytest.fixture(scope="module", params=["modern", "classic", "plain"])
def source(request, tmp_path_factory):
    """A run of each preset, in the folder of its runs, beside a text of the same characters."""
    root = tmp_path_factory.mktemp(request.param)
    (root / "rhyme.txt").write_text(RHYME)
    (root / "exchanged.txt").write_text(EXCHANGED)
    pairs = [*TINY, *QUICK, f"preset={request.param}", "steps=60"]
    launch("gpt", root=root, name="base", data=str(root / "rhyme.txt"), pairs=pairs, reporter=Reporter.silent())
    return root


def go_on(root, *pairs, source="base", text="exchanged.txt", **options):
    return launch(
        options.pop("task", "gpt"),
        root=root,
        data=None if text is None else str(root / text),
        pairs=[*QUICK, *pairs],
        origin=None if source is None else lambda: find_origin(root, source),
        reporter=Reporter.silent(),
        **options,
    )


def digest(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("pairs", [[], ["lora=2"]], ids=["all", "lora"])
def test_it_learns_from_where_the_source_ended_and_leaves_it_as_it_is(source, pairs):
    before = digest(source / "base")
    run, report = go_on(source, "steps=60", *pairs)
    assert digest(source / "base") == before
    assert report.facts["best_validation_loss"] < (0.9 if pairs else 0.8) * report.facts["validation_loss_before"]
    model, tokenizer, _ = open_gpt(Run.open(source, run.name))
    theirs, other, _ = open_gpt(Run.open(source, "base"))
    assert (model.settings, tokenizer.to_json()) == (theirs.settings, other.to_json())
    assert (report.facts["trained_weights"] < model.count_weights()) is bool(pairs)
    # What is in the folder are whole weights: nothing of LoRA is left to add.
    evaluated = task.evaluate(run, None, source, Reporter.silent()).facts
    assert evaluated["loss"] == pytest.approx(report.facts["best_validation_loss"], rel=1e-5)
    before = task.evaluate(Run.open(source, "base"), str(source / "exchanged.txt"), source, Reporter.silent()).facts
    assert report.facts["validation_loss_before"] == pytest.approx(before["loss"], rel=0.05)
    if pairs:
        assert torch.equal(model.token_embedding.weight, theirs.token_embedding.weight)


def interrupt_at(step, monkeypatch):
    from groundup.training import loop

    taken = []
    whole = loop.take_step

    def take(*arguments):
        taken.append(1)
        if len(taken) > step:
            raise Interrupted(step, 0)
        return whole(*arguments)

    monkeypatch.setattr(loop, "take_step", take)


@pytest.mark.parametrize("pairs", [[], ["lora=2"]], ids=["all", "lora"])
@pytest.mark.parametrize("after", [0, 3])
def test_a_stopped_run_goes_on_bit_for_bit_without_its_source(source, pairs, after, tmp_path, monkeypatch):
    setting = ["steps=6", "checkpoint_seconds=0", *pairs]
    whole, _ = go_on(source, *setting)
    with monkeypatch.context() as patched:
        interrupt_at(after, patched)
        with pytest.raises(Interrupted):
            go_on(source, *setting, name=f"cut-{after}-{len(pairs)}")
    (source / "base").rename(tmp_path / "gone")
    try:
        run, _ = go_on(source, *setting, name=f"cut-{after}-{len(pairs)}", source=None, resume=True)
    finally:
        (tmp_path / "gone").rename(source / "base")
    for name in ("model.safetensors", "state.safetensors"):
        ours, theirs = load_file(run.path(name)), load_file(whole.path(name))
        assert ours.keys() == theirs.keys()
        assert all(torch.equal(ours[one], theirs[one]) for one in ours)


def test_a_checkpoint_of_hugging_face_is_gone_on_from_and_exported_again(source, tmp_path):
    if "plain" in source.name:
        pytest.skip("the plain preset is no other program's")
    (tmp_path / "checkpoint").mkdir()
    prepare_folder(Run.open(source, "base"))(tmp_path / "checkpoint")
    before = digest(tmp_path / "checkpoint")
    run, report = go_on(source, "steps=5", "context=4", source=str(tmp_path / "checkpoint"))
    assert digest(tmp_path / "checkpoint") == before
    assert report.facts["from"] == run.begun_from == str(tmp_path / "checkpoint")
    (tmp_path / "again").mkdir()
    prepare_folder(run)(tmp_path / "again")
    config = json.loads((tmp_path / "again" / "config.json").read_text())
    assert config.get("n_positions", config.get("max_position_embeddings")) == 4


@pytest.mark.parametrize(
    ("pairs", "options", "message"),
    [
        (["context=9"], {}, "has seen 8 tokens at once"),
        (["width=32"], {}, "has width=16"),
        (["tokenizer=bytepair"], {}, "has tokenizer=characters"),
        (["lora=17"], {}, "have rank"),
        (["lora_alpha=2"], {}, "Name a rank, too"),
        (["lora=2"], {"source": None}, "Name whose, with --from"),
        ([], {"text": "unknown.txt"}, 'never saw "Z"'),
        ([], {"source": "none"}, 'No run called "none"'),
        ([], {"task": "sentiment", "text": None}, "begins from nothing"),
        ([], {"parts": ["loss=answer.py"]}, "Leave --with out"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line_and_leaves_nothing(source, pairs, options, message):
    (source / "unknown.txt").write_text(RHYME + "Z" * 99)
    if options.get("task") == "sentiment":
        pairs = []
    with pytest.raises(UserError, match=message) as error:
        launch(
            options.get("task", "gpt"),
            root=source,
            name="refused",
            data=options.get("text") and str(source / options["text"]),
            pairs=pairs,
            parts=options.get("parts", ()),
            origin=(lambda: find_origin(source, options.get("source", "base"))) if options.get("source", 1) else None,
            reporter=Reporter.silent(),
        )
    assert "\n" not in str(error.value)
    assert not (source / "refused").exists()


def test_a_run_like_it_has_the_same_origin(source):
    run, _ = go_on(source, "steps=1", text=None)
    assert run.config["data"] == str((source / "rhyme.txt").resolve())  # the source's
    *_, pairs, begun_from = imitate(source, run.name, None, None, None)
    assert begun_from == str((source / "base").absolute())
    go_on(source, *pairs, source=begun_from, text=None, name="like")


def test_a_damaged_copy_is_named(source):
    run, _ = go_on(source, "steps=1", name="damaged")
    run.path("start.safetensors").write_bytes(b"")
    with pytest.raises(UserError, match=r"start\.safetensors: damaged"):
        go_on(source, "steps=1", name="damaged", source=None, resume=True)


def test_it_is_shown_where_it_comes_from(source, capsys):
    from groundup.__main__ import main

    go_on(source, "steps=1", name="shown")
    assert main(["runs", "--runs", str(source)]) in (None, 0)
    assert "from base" in capsys.readouterr().out
    assert main(["show", "shown", "--runs", str(source)]) in (None, 0)
    assert str(source.absolute()) in capsys.readouterr().out


def test_a_llama_checkpoint_is_gone_on_from_and_stays_one(tmp_path):
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = transformers.LlamaConfig(vocab_size=16, max_position_embeddings=8, num_key_value_heads=1, **sizes)
    folder = tmp_path / "checkpoint"
    transformers.LlamaForCausalLM(config).save_pretrained(folder)
    (folder / "tokenizer.json").write_text(train_tokenizer("characters", [RHYME]).to_json())
    (tmp_path / "exchanged.txt").write_text(EXCHANGED)
    run, report = go_on(tmp_path, "steps=20", "precision=float32", source=str(folder))
    assert report.facts["best_validation_loss"] < report.facts["validation_loss_before"]
    (tmp_path / "again").mkdir()
    prepare_folder(run)(tmp_path / "again")
    theirs = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "again").eval()
    assert type(theirs).__name__ == "LlamaForCausalLM"
    model, _, _ = open_gpt(run)
    tokens = torch.tensor([[1, 2, 3, 4]])
    with torch.no_grad():
        torch.testing.assert_close(theirs(tokens).logits, model(tokens), rtol=1e-4, atol=1e-4)


def test_a_run_from_before_there_was_a_choice_of_norms_goes_on(source):
    """Its ``config.json`` does not say whether queries and keys are normalized."""
    run, first = go_on(source, "steps=2", name="older", source=None, text="rhyme.txt")
    model = {name: value for name, value in run.config["model"].items() if name != "query_key_norm"}
    run.update_config(model=model)
    _, again = go_on(source, "steps=2", name="older", source=None, text="rhyme.txt", resume=True)
    assert again.facts["validation_loss"] == first.facts["validation_loss"]
