"""Hugging Face's own code opens what we write and computes what we compute, and the other way round."""

import json
import math
from pathlib import Path

import pytest
import torch

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.cli import main
from groundup.export.formats import FORMATS, export_run
from groundup.export.huggingface import import_run, load_huggingface
from groundup.export.model_card import write_card
from groundup.tasks.gpt.runs import continue_text, open_gpt
from groundup.tasks.gpt.task import task
from groundup.tasks.launch import launch


@pytest.fixture(scope="module")
def transformers():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        yield pytest.importorskip("transformers")


@pytest.fixture
def hub(transformers):
    """Return the Hub's own code, which was loaded with the wish to stay offline."""
    return pytest.importorskip("huggingface_hub")


def test_transformers_opens_a_run(run, text, tmp_path, transformers):
    export_run(run, "huggingface", tmp_path / "out")
    theirs = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "out").eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "out")
    ours, our_tokenizer, _ = open_gpt(run)
    assert type(theirs).__name__ == {"classic": "GPT2LMHeadModel", "modern": "Qwen3ForCausalLM"}[ours.settings.preset]
    assert theirs.dtype == torch.float32
    tokens = tokenizer(text, add_special_tokens=False)["input_ids"]
    assert tokens == our_tokenizer.encode(text).tolist()
    assert tokenizer.decode(tokens) == text
    batch = torch.tensor(tokens[: 3 * 32]).view(3, 32)
    with torch.inference_mode():
        assert torch.allclose(theirs(batch).logits, ours(batch), atol=1e-4, rtol=0)
        written = theirs.generate(batch[:1, :5], do_sample=False, max_new_tokens=10, pad_token_id=0)
    assert written.shape[1] == 15


def test_a_pipeline_writes_the_same_text(run, tmp_path, transformers):
    out = export_run(run, "huggingface", tmp_path / "out").path
    write = transformers.pipeline("text-generation", str(out))
    written = write("She said", do_sample=False, max_new_tokens=150)[0]["generated_text"]
    model, tokenizer, _ = open_gpt(run)
    drawn = continue_text(model, tokenizer, tokenizer.encode("She said").tolist(), 150, temperature=0)
    assert written == "She said" + "".join(piece for _, piece in drawn)


@pytest.mark.parametrize(("dtype", "error"), [("f16", 2**-11), ("bf16", 2**-8)])
def test_weights_in_half_precision(run, dtype, error, tmp_path, transformers):
    exact = export_run(run, "huggingface", tmp_path / "exact")
    made = export_run(run, "huggingface", tmp_path / "half", dtype)
    assert made.size < exact.size
    theirs = transformers.AutoModelForCausalLM.from_pretrained(made.path)
    assert theirs.dtype == {"f16": torch.float16, "bf16": torch.bfloat16}[dtype]
    ours = open_gpt(run)[0].token_embedding.weight
    assert (theirs.get_input_embeddings().weight - ours).abs().max() <= error * ours.abs().max()


def test_what_transformers_saved_comes_back(run, text, tmp_path, transformers):
    out = export_run(run, "huggingface", tmp_path / "out").path
    transformers.AutoModelForCausalLM.from_pretrained(out).save_pretrained(tmp_path / "theirs")
    transformers.AutoTokenizer.from_pretrained(out).save_pretrained(tmp_path / "theirs")
    again = import_run(tmp_path / "theirs", tmp_path, "again")
    one, two = open_gpt(run), open_gpt(again)
    assert all(a.equal(b) for a, b in zip(one[0].state_dict().values(), two[0].state_dict().values(), strict=True))
    assert one[1].encode(text).tolist() == two[1].encode(text).tolist()
    assert two[1].decode(two[1].encode(text)) == text
    assert "the weights were imported" in (export_run(again, "huggingface").path / "README.md").read_text()


def test_the_card_says_what_the_model_is(run, tmp_path):
    card = (export_run(run, "huggingface", tmp_path / "out").path / "README.md").read_text()
    model, tokenizer, _ = open_gpt(run)
    assert f"| weights | {model.count_weights():,} |" in card
    assert f"| tokens | {tokenizer.size} " in card
    best = min(line["validation_loss"] for line in run.metrics() if "validation_loss" in line)
    assert f"{best:.3f} nats per {'token' if tokenizer.characters is None else 'character'}" in card
    assert "| trained on | text.txt (" in card
    assert str(run.folder.parent) not in card
    assert "license: unknown  # fill in yours" in card


def test_the_hub_reads_the_cards_facts(run, tmp_path, hub):
    """The Hub's own classes read the results, the licence and the rest from the card."""
    made = export_run(run, "huggingface", tmp_path / "out").path / "README.md"
    data = hub.ModelCard.load(made).data
    assert (data.library_name, data.pipeline_tag, data.license) == ("transformers", "text-generation", "unknown")
    assert data.tags == ["groundup"]
    assert data.language is None, "nobody told in what language the text is"
    loss, perplexity = data.eval_results
    assert data.model_name == run.name
    assert (loss.task_type, loss.dataset_type, loss.dataset_name) == ("text-generation", "text", "text.txt")
    best = min(line["validation_loss"] for line in run.metrics() if "validation_loss" in line)
    assert (loss.metric_type, loss.metric_value) == ("loss", pytest.approx(best, abs=1e-4))
    assert (perplexity.metric_type, perplexity.metric_value) == ("perplexity", pytest.approx(math.exp(best), rel=1e-3))


@pytest.mark.parametrize(
    ("data", "text", "language", "told"),
    [
        (
            None,
            "shakespeare",
            "en",
            "shakespeare (9 characters), public domain, <https://github.com/karpathy/char-rnn>",
        ),
        ("name:alice", "name:alice", "en", "alice (9 characters), public domain in the USA"),
        ("/home/ada/shakespeare", "/home/ada/shakespeare", None, "shakespeare (9 characters) |"),
        ('/home/ada/it\'s: "new".txt', '/home/ada/it\'s: "new".txt', None, 'it\'s: "new".txt (9 characters) |'),
    ],
)
def test_the_card_tells_what_is_known_of_the_text(run, tmp_path, hub, data, text, language, told, monkeypatch):
    facts = {**run.config["text"], "name": text, "characters": 9}
    monkeypatch.setattr(run, "config", {**run.config, "data": data, "text": facts})
    model, tokenizer, _ = open_gpt(run)
    path = tmp_path / "README.md"
    path.write_text(write_card(run, model, tokenizer), "utf-8")
    card = hub.ModelCard.load(path)
    assert card.data.language == language
    assert f"| trained on | {told}" in card.text
    assert card.data.eval_results[0].dataset_name == told.partition(" (9")[0]


def test_every_exported_file_has_the_rights_of_a_new_file(run, tmp_path):
    (tmp_path / "new").touch()
    usual = (tmp_path / "new").stat().st_mode
    assert {path.stat().st_mode for path in export_run(run, "huggingface", tmp_path / "out").path.iterdir()} == {usual}


def test_a_card_without_figures_has_no_results(run, hub, monkeypatch):
    monkeypatch.setattr("groundup.export.model_card._find_loss", lambda run: None)
    card = hub.ModelCard(write_card(run, *open_gpt(run)[:2]))
    assert card.data.eval_results is None
    assert "| validation loss | not measured |" in card.text


def test_out_and_in_again_is_the_same_model(run, text, tmp_path):
    export_run(run, "huggingface", tmp_path / "out")
    again = import_run(tmp_path / "out", tmp_path, "again")
    one, two = open_gpt(run), open_gpt(again)
    assert one[0].settings.preset == two[0].settings.preset
    assert all(a.equal(b) for a, b in zip(one[0].state_dict().values(), two[0].state_dict().values(), strict=True))
    assert one[1].encode(text).tolist() == two[1].encode(text).tolist()


def test_an_imported_run_is_measured_on_data_by_name(run, text, tmp_path):
    export_run(run, "huggingface", tmp_path / "out")
    again = import_run(tmp_path / "out", tmp_path, "again")
    with pytest.raises(UserError, match="name a text to measure it on with --data"):
        task.evaluate(again, None, tmp_path, Reporter.silent())
    path = tmp_path / "text.txt"
    path.write_bytes(text.encode())
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


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"num_hidden_layers": "x"}, 'num_hidden_layers is "x", not a whole number'),
        ({"num_hidden_layers": True}, "num_hidden_layers is true"),
        ({"num_hidden_layers": 10**9}, "the weights do not fit the model: it would have"),
        ({"hidden_size": 10**9}, "the weights do not fit the model: it would have"),
        ({"head_dim": 10**9}, "the weights do not fit the model: it would have"),
        ({"head_dim": 10**10}, "head_dim is 10000000000"),
        ({"vocab_size": 10**9}, "the weights do not fit the model: it would have"),
        ({"max_position_embeddings": 10**9}, "a context of 1000000000 is too long"),
        ({"num_attention_heads": 0}, "num_attention_heads is 0"),
        ({"num_attention_heads": 3}, "heads=3 cannot share"),
        ({"intermediate_size": None}, "intermediate_size is null"),
        ({"rms_norm_eps": float("nan")}, "rms_norm_eps is NaN"),
        ({"rope_theta": []}, "rope_theta is []"),
        ({"rope_parameters": 3}, "rope_parameters is 3"),
        ({"model_type": ["qwen3"]}, "cannot be read"),
        ({"vocab_size": 40}, "has shape"),
    ],
)
def test_sizes_are_compared_with_the_weights_before_anything_is_built(changes, told, transformers, tmp_path):
    make_qwen3(transformers).save_pretrained(tmp_path)
    path = tmp_path / "config.json"
    config = {**json.loads(path.read_text()), "rope_parameters": None, "rope_theta": 1e4, **changes}
    path.write_text(json.dumps(config))
    with pytest.raises(UserError) as caught:
        load_huggingface(tmp_path)
    assert told in str(caught.value)


@pytest.mark.parametrize("content", [b"{", b"[" * 100_000, b"[]", b"\xff", b"{}"])
def test_a_damaged_config_is_told(content, tmp_path):
    (tmp_path / "config.json").write_bytes(content)
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(UserError, match="damaged"):
        load_huggingface(tmp_path)


@pytest.mark.parametrize("run", ["modern-bytepair"], indirect=True)
def test_a_tokenizer_that_is_not_the_model_s_is_refused_before_a_run_is_made(run, tmp_path):
    out = export_run(run, "huggingface", tmp_path / "out").path
    tokenizer = json.loads((out / "tokenizer.json").read_text())
    first = next(iter(tokenizer["model"]["vocab"]))
    for change, told in [(999_999, "numbered from 0"), (None, "not a tokenizer that can be read")]:
        tokenizer["model"]["vocab"][first] = change
        (out / "tokenizer.json").write_text(json.dumps(tokenizer))
        with pytest.raises(UserError, match=told):
            import_run(out, tmp_path / "runs", "again")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("run", ["classic-bytepair"], indirect=True)
def test_an_index_does_not_lead_out_of_the_folder(run, tmp_path):
    out = export_run(run, "huggingface", tmp_path / "out").path
    (tmp_path / "secret.safetensors").write_bytes((out / "model.safetensors").read_bytes())
    (out / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"x": "../secret.safetensors"}}))
    with pytest.raises(UserError, match="lies outside the folder"):
        load_huggingface(out)


@pytest.mark.parametrize("run", ["modern-characters"], indirect=True)
def test_an_import_is_there_whole_or_not_at_all(run, tmp_path, monkeypatch):
    out = export_run(run, "huggingface", tmp_path / "out").path

    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(type(run), "save_model", fail)
    with pytest.raises(KeyboardInterrupt):
        import_run(out, tmp_path / "runs", "again")
    assert not list((tmp_path / "runs").iterdir())


def test_a_checkpoint_filled_up_to_a_round_number_of_tokens_is_read(run, tmp_path):
    """Qwen3's own has 151,936 rows for 151,669 tokens."""
    import torch.nn.functional as functional
    from safetensors.torch import load_file, save_file

    out = export_run(run, "huggingface", tmp_path / "out").path
    config = json.loads((out / "config.json").read_text())
    tensors = load_file(out / "model.safetensors")
    size, round_size = config["vocab_size"], config["vocab_size"] + 7
    for name, tensor in tensors.items():
        if tensor.shape[0] == size and ("embed" in name or "wte" in name or "lm_head" in name):
            tensors[name] = functional.pad(tensor, (0, 0, 0, 7))
    save_file(tensors, out / "model.safetensors", metadata={"format": "pt"})
    (out / "config.json").write_text(json.dumps({**config, "vocab_size": round_size}))
    again = import_run(out, tmp_path / "runs", "again")
    assert open_gpt(again)[0].settings.vocabulary == round_size
    assert main(["generate", "again", "--runs", str(tmp_path / "runs"), "--tokens", "20", "--temperature", "3"]) == 0


def test_the_commands(run, tmp_path, capsys):
    root = str(run.folder.parent)
    out = tmp_path / "out"
    assert main(["export", run.name, "--to", "huggingface", "--out", str(out), "--runs", root, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {Path(file).name for file in told["files"]} == FORMATS["huggingface"].files
    assert told["bytes"] == sum(path.stat().st_size for path in out.iterdir())
    assert main(["import", str(out), "--run", "back", "--runs", str(tmp_path)]) == 0
    assert "groundup generate back" in capsys.readouterr().out
    assert main(["generate", "back", "--runs", str(tmp_path), "--tokens", "3", "--prompt", "She"]) == 0


@pytest.mark.parametrize("used", [1, 2])
def test_transformers_opens_a_mixture_of_experts(tmp_path, transformers, used):
    text = tmp_path / "rhyme.txt"
    text.write_text("one two three four five six seven eight\n" * 60)
    pairs = ["experts=3", f"experts_per_token={used}", "layers=2", "heads=2", "width=16", "context=8", "steps=8"]
    run, _ = launch("gpt", root=tmp_path, data=str(text), name="mixed", pairs=pairs, reporter=Reporter.silent())
    export_run(run, "huggingface", tmp_path / "out")
    model, tokenizer, _ = open_gpt(run)
    theirs, told = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "out", output_loading_info=True)
    assert not told["missing_keys"]
    assert not told["unexpected_keys"]
    assert type(theirs).__name__ == "Qwen3MoeForCausalLM"
    tokens = torch.from_numpy(tokenizer.encode("one two "))[None]
    with torch.inference_mode():
        torch.testing.assert_close(theirs.eval()(tokens).logits, model(tokens), rtol=1e-4, atol=1e-4)
    assert f"Qwen3-MoE, {used} of 3 experts" in (tmp_path / "out" / "README.md").read_text()
    with pytest.raises(UserError, match="qwen3_moe"):
        load_huggingface(tmp_path / "out")
