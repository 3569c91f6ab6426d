"""Equal logits under transformers' own code, both ways."""

import dataclasses
import json

import pytest
import torch

from groundup.base.errors import UserError
from groundup.export.huggingface_names import from_huggingface, to_huggingface
from groundup.steps.c6_gpt.gpt import GPT, GPTSettings
from groundup.steps.c6_gpt.positions import RotaryScaling
from groundup.tasks.gpt.about import GPT_MODEL

SIZES = {"vocabulary": 37, "context": 24, "layers": 2, "heads": 4, "width": 32}
OURS = {
    "classic": GPTSettings(preset="classic", **SIZES),
    "modern": GPTSettings(**SIZES),
    "modern, grouped queries, wide heads, tied": GPTSettings(
        key_value_heads=2, head_width=12, hidden=56, tied=True, rotary_base=500.0, **SIZES
    ),
    "llama, grouped queries": GPTSettings(key_value_heads=2, query_key_norm=False, norm_epsilon=1e-5, **SIZES),
    # Of its four pairs of channels two keep their rate, one is between, and one gets an eighth of it.
    "llama, scaled rotary positions": GPTSettings(
        query_key_norm=False, rotary_base=50.0, rotary_scaling=RotaryScaling(8.0, 1.0, 3.0, 64), **SIZES
    ),
}


def scatter(model):
    # Weights far from their start, norms and biases too, so that a swapped or forgotten one shows.
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, mean=0.1, std=0.3)
    return model.eval()


def their_model(config):
    from transformers import (
        GPT2Config,
        GPT2LMHeadModel,
        LlamaConfig,
        LlamaForCausalLM,
        Qwen3Config,
        Qwen3ForCausalLM,
    )

    if config["model_type"] == "gpt2":
        return GPT2LMHeadModel(GPT2Config(**config)).eval()
    if config["model_type"] == "llama":
        return LlamaForCausalLM(LlamaConfig(**config)).eval()
    return Qwen3ForCausalLM(Qwen3Config(**config)).eval()


@pytest.mark.parametrize("settings", OURS.values(), ids=OURS.keys())
def test_our_weights_give_their_model_our_logits(settings):
    torch.manual_seed(0)
    model = scatter(GPT(settings))
    config, tensors = to_huggingface(settings, model.state_dict())
    theirs = their_model(config)
    missing, unexpected = theirs.load_state_dict(tensors, strict=False)
    assert not unexpected
    assert set(missing) <= ({"lm_head.weight"} if settings.tied else set())
    tokens = torch.randint(settings.vocabulary, (3, settings.context))
    with torch.no_grad():
        torch.testing.assert_close(model(tokens), theirs(tokens).logits, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("settings", OURS.values(), ids=OURS.keys())
def test_their_weights_give_our_model_their_logits(settings):
    torch.manual_seed(1)
    theirs = scatter(their_model(to_huggingface(settings, GPT(settings).state_dict())[0]))
    read, tensors = from_huggingface(theirs.config.to_dict(), theirs.state_dict())
    assert read == settings
    model = GPT(read).eval()
    model.load_state_dict(tensors)
    tokens = torch.randint(settings.vocabulary, (3, settings.context))
    with torch.no_grad():
        torch.testing.assert_close(model(tokens), theirs(tokens).logits, rtol=1e-4, atol=1e-4)


def test_there_and_back_changes_nothing():
    for settings in OURS.values():
        model = scatter(GPT(settings))
        read, tensors = from_huggingface(*to_huggingface(settings, model.state_dict()))
        assert read == settings
        assert tensors.keys() == model.state_dict().keys()
        assert all(torch.equal(tensors[name], tensor) for name, tensor in model.state_dict().items())


@pytest.mark.parametrize("settings", OURS.values(), ids=OURS.keys())
def test_a_run_s_file_keeps_the_settings(settings):
    written = json.loads(json.dumps(dataclasses.asdict(settings)))
    GPT_MODEL(written, "")
    assert GPTSettings.from_mapping(written) == settings


def test_bare_gpt2_names_are_read():
    settings = OURS["classic"]
    config, tensors = to_huggingface(settings, GPT(settings).state_dict())
    bare = {name.removeprefix("transformer."): tensor for name, tensor in tensors.items()}
    assert from_huggingface(config, bare)[1].keys() == GPT(settings).state_dict().keys()


LLAMA3 = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 8192,
}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"model_type": "gemma"}, 'model_type "gemma"'),
        ({"hidden_act": "gelu"}, "hidden_act=gelu"),
        ({"rope_parameters": {"rope_type": "yarn", "rope_theta": 1e4}}, "rope_type=yarn"),
        ({"rope_parameters": {"rope_type": "llama3", "rope_theta": 1e4}}, "rope_type=llama3"),
        (
            {"model_type": "llama", "rope_parameters": {"rope_type": "llama3", "factor": 8.0}},
            "without high_freq_factor",
        ),
        (
            {"model_type": "llama", "rope_parameters": {**LLAMA3, "low_freq_factor": 4.0}},
            "low=4 must be less than high=4",
        ),
        ({"num_hidden_layers": 3}, "no tensor"),
    ],
)
def test_what_cannot_be_read_is_named(change, told):
    settings = OURS["modern"]
    config, tensors = to_huggingface(settings, GPT(settings).state_dict())
    with pytest.raises(UserError, match=told):
        from_huggingface({**config, **change}, tensors)
