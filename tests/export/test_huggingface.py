"""Hugging Face's own code opens what we write and computes what we compute, and the other way round."""

import json

import pytest
import torch

from groundup.cli import main
from groundup.errors import UserError
from groundup.export.huggingface import export_run, import_run, load_huggingface
from groundup.tasks.gpt import task
from groundup.tasks.gpt_runs import open_gpt
from groundup.tasks.launch import launch
from groundup.training.reporting import Reporter

TEXT = 'She said: "déjà vu", and left .\n\n  It   was 3 o\'clock.\tÉtrange , non ?\r\n' * 40
TINY = ["layers=2", "heads=2", "width=32", "context=32", "batch_size=4", "precision=float32", "steps=30"]


@pytest.fixture(scope="module")
def transformers():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        yield pytest.importorskip("transformers")


@pytest.fixture(
    scope="module", params=["classic-characters", "modern-characters", "classic-bytepair", "modern-bytepair"]
)
def run(request, tmp_path_factory):
    preset, tokenizer = request.param.split("-")
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "text.txt").write_bytes(TEXT.encode())
    pairs = [*TINY, f"preset={preset}", f"tokenizer={tokenizer}", "vocabulary_size=290"]
    return launch("gpt", root=folder, data=str(folder / "text.txt"), pairs=pairs, reporter=Reporter.silent())[0]


def test_transformers_opens_a_run(run, tmp_path, transformers):
    export_run(run, tmp_path / "out")
    theirs = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "out").eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "out")
    ours, our_tokenizer, _ = open_gpt(run)
    assert type(theirs).__name__ == {"classic": "GPT2LMHeadModel", "modern": "Qwen3ForCausalLM"}[ours.settings.preset]
    assert theirs.dtype == torch.float32
    tokens = tokenizer(TEXT, add_special_tokens=False)["input_ids"]
    assert tokens == our_tokenizer.encode(TEXT).tolist()
    assert tokenizer.decode(tokens) == TEXT
    batch = torch.tensor(tokens[: 3 * 32]).view(3, 32)
    with torch.inference_mode():
        assert torch.allclose(theirs(batch).logits, ours(batch), atol=1e-4, rtol=0)
        written = theirs.generate(batch[:1, :5], do_sample=False, max_new_tokens=10, pad_token_id=0)
    assert written.shape[1] == 15


def test_out_and_in_again_is_the_same_model(run, tmp_path):
    export_run(run, tmp_path / "out")
    again = import_run(tmp_path / "out", tmp_path, "again")
    one, two = open_gpt(run), open_gpt(again)
    assert one[0].settings.preset == two[0].settings.preset
    assert all(a.equal(b) for a, b in zip(one[0].state_dict().values(), two[0].state_dict().values(), strict=True))
    assert one[1].encode(TEXT).tolist() == two[1].encode(TEXT).tolist()


def test_an_imported_run_is_measured_on_data_by_name(run, tmp_path):
    export_run(run, tmp_path / "out")
    again = import_run(tmp_path / "out", tmp_path, "again")
    with pytest.raises(UserError, match="name a text to measure it on with --data"):
        task.evaluate(again, None, tmp_path, Reporter.silent())
    path = tmp_path / "text.txt"
    path.write_bytes(TEXT.encode())
    measured = [task.evaluate(one, str(path), tmp_path, Reporter.silent()).facts for one in (run, again)]
    assert measured[0]["loss"] == measured[1]["loss"]


def make_gpt2(transformers, **more):
    config = transformers.GPT2Config(vocab_size=50, n_positions=16, n_embd=24, n_layer=2, n_head=3, **more)
    return transformers.GPT2LMHeadModel(config)


def make_qwen3(transformers, **more):
    options = {
        "vocab_size": 50,
        "max_position_embeddings": 16,
        "hidden_size": 24,
        "intermediate_size": 40,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 8,
        **more,
    }
    return transformers.Qwen3ForCausalLM(transformers.Qwen3Config(**options))


@pytest.mark.parametrize(
    ("make", "more"),
    [
        (make_gpt2, {}),
        (make_gpt2, {"n_inner": 40}),
        (make_qwen3, {}),
        (make_qwen3, {"tie_word_embeddings": True}),
        (make_qwen3, {"rope_parameters": {"rope_type": "default", "rope_theta": 1_000_000.0}}),
    ],
)
def test_we_open_their_checkpoints(transformers, tmp_path, make, more):
    torch.manual_seed(0)
    theirs = make(transformers, **more).eval()
    for parameter in theirs.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    theirs.save_pretrained(tmp_path, max_shard_size="20KB")
    assert (tmp_path / "model.safetensors.index.json").is_file()
    ours = load_huggingface(tmp_path)
    tokens = torch.randint(50, (3, 16))
    with torch.inference_mode():
        assert torch.allclose(ours(tokens), theirs(tokens).logits, atol=1e-4, rtol=0)


def test_what_cannot_be_opened_is_told(transformers, tmp_path):
    with pytest.raises(UserError, match=r"config\.json: missing or damaged"):
        load_huggingface(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(UserError, match="missing or damaged"):
        load_huggingface(tmp_path)
    make_gpt2(transformers, activation_function="relu").save_pretrained(tmp_path)
    with pytest.raises(UserError, match="activation_function=relu"):
        load_huggingface(tmp_path)
    with pytest.raises(UserError, match=r"tokenizer\.json: missing"):
        import_run(tmp_path, tmp_path, "x")


def test_the_commands(run, tmp_path, capsys):
    root = str(run.folder.parent)
    out = tmp_path / "out"
    assert main(["export", run.name, "--to", "huggingface", "--out", str(out), "--runs", root, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["files"]) == 5
    assert main(["import", str(out), "--run", "back", "--runs", str(tmp_path)]) == 0
    assert "groundup generate back" in capsys.readouterr().out
    assert main(["generate", "back", "--runs", str(tmp_path), "--tokens", "3", "--prompt", "She"]) == 0
    assert main(["export", run.name, "--to", "pickle", "--runs", root]) == 2
    assert "There is huggingface" in capsys.readouterr().err
