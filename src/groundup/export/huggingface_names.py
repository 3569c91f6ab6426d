"""The same weights under the names of Hugging Face's GPT-2, Llama and Qwen3, and back.

`classic` is `GPT2LMHeadModel`, `modern` is `Qwen3ForCausalLM`, `Qwen3MoeForCausalLM` with experts, or
`LlamaForCausalLM` without the norm of queries and keys: the numbers are the same, only names, the queries' place
(GPT-2 keeps queries, keys and values in one matrix) and the direction of GPT-2's matrices (rows are inputs) differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from groundup.base.errors import UserError
from groundup.base.shape import fields, maybe, number, text, whole
from groundup.runs.tensor_files import Header
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c6_gpt.positions import RotaryScaling
from groundup.tasks.gpt.about import MOST_CONTEXT
from groundup.tasks.gpt.hyperparameters import count_numbers
from groundup.tasks.gpt.mixture import Experts, count_experts

# Our name → theirs, of what stands in every block.
QWEN3_BLOCK = {
    "attention_norm.weight": "input_layernorm.weight",
    "attention.query.weight": "self_attn.q_proj.weight",
    "attention.key.weight": "self_attn.k_proj.weight",
    "attention.value.weight": "self_attn.v_proj.weight",
    "attention.output.weight": "self_attn.o_proj.weight",
    "attention.query_norm.weight": "self_attn.q_norm.weight",
    "attention.key_norm.weight": "self_attn.k_norm.weight",
    "feed_forward_norm.weight": "post_attention_layernorm.weight",
    "feed_forward.gate.weight": "mlp.gate_proj.weight",
    "feed_forward.expand.weight": "mlp.up_proj.weight",
    "feed_forward.contract.weight": "mlp.down_proj.weight",
}
QWEN3_AROUND = {
    "token_embedding.weight": "model.embed_tokens.weight",
    "final_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}
GPT2_BLOCK = {
    "attention_norm": "ln_1",
    "attention.output": "attn.c_proj",
    "feed_forward_norm": "ln_2",
    "feed_forward.expand": "mlp.c_fc",
    "feed_forward.contract": "mlp.c_proj",
}
GPT2_AROUND = {
    "token_embedding.weight": "transformer.wte.weight",
    "position_embedding.weight": "transformer.wpe.weight",
    "final_norm.weight": "transformer.ln_f.weight",
    "final_norm.bias": "transformer.ln_f.bias",
}


_SIZE, _POSITIVE = whole(1, 10**9), number(1e-30, 1e30)
# What Llama 3.1 asks for beside its rope_type "llama3", and our names.
_LLAMA3 = {
    "factor": "factor",
    "low_freq_factor": "low",
    "high_freq_factor": "high",
    "original_max_position_embeddings": "context",
}
_ROPE = maybe(
    fields(
        {},
        {"rope_type": text, "type": text, "rope_theta": _POSITIVE}
        | {name: _SIZE if ours == "context" else _POSITIVE for name, ours in _LLAMA3.items()},
    )
)
_SHAPES = {
    "gpt2": fields(
        dict.fromkeys(("vocab_size", "n_positions", "n_embd", "n_layer", "n_head"), _SIZE),
        {"n_inner": maybe(_SIZE), "layer_norm_epsilon": _POSITIVE},
    ),
    "qwen3": fields(
        dict.fromkeys(
            (
                "vocab_size",
                "max_position_embeddings",
                "hidden_size",
                "intermediate_size",
                "num_hidden_layers",
                "num_attention_heads",
            ),
            _SIZE,
        ),
        {
            "num_key_value_heads": maybe(_SIZE),
            "head_dim": maybe(_SIZE),
            "rope_parameters": _ROPE,
            "rope_scaling": _ROPE,
            "rope_theta": maybe(_POSITIVE),
            "rms_norm_eps": _POSITIVE,
        },
    ),
}
_SHAPES["llama"] = _SHAPES["qwen3"]


def to_huggingface(
    settings: GPTSettings, tensors: Mapping[str, Tensor], experts: Experts | None = None
) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Return the ``config.json`` and the tensors that transformers' model of this architecture loads.

    Parameters
    ----------
    settings : GPTSettings
        The model's sizes and preset.
    tensors : mapping
        The model's ``state_dict``; a tied output may be left out.
    experts : Experts, optional
        Where its feed-forwards are mixtures.

    Returns
    -------
    config, tensors
        Config keys as in `GPT2Config` or `Qwen3Config`, with ``model_type`` and ``architectures``. A tied output map
        is not among the tensors; transformers ties it by the config.
    """
    if settings.preset == "classic":
        return _gpt2_config(settings), _to_gpt2(settings, tensors)
    names = _qwen3_names(settings, count_experts(experts))
    config = _qwen3_config(settings)
    if experts is not None:
        config |= {
            "model_type": "qwen3_moe",
            "architectures": ["Qwen3MoeForCausalLM"],
            "num_experts": experts.count,
            "num_experts_per_tok": experts.used,
            "moe_intermediate_size": settings.hidden,
            # The weights of the chosen sum to 1, as with a softmax over their scores alone.
            "norm_topk_prob": True,
            "decoder_sparse_step": 1,
            "mlp_only_layers": [],
        }
    if not settings.query_key_norm:
        config |= {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "mlp_bias": False}
    return config, {theirs: tensors[ours] for ours, theirs in names.items()}


def from_huggingface(config: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> tuple[GPTSettings, dict[str, Tensor]]:
    """Return our settings and tensors for a GPT-2, Llama or Qwen3 checkpoint.

    Parameters
    ----------
    config : mapping
        The content of its ``config.json``.
    tensors : mapping
        Its tensors by name, from its safetensors files.

    Returns
    -------
    settings, tensors
        For ``GPT(settings).load_state_dict(tensors)``; the tied output is among the tensors.

    Raises
    ------
    UserError
        Another architecture, an option of the architecture that `GPT` does not have, or a missing tensor.
    """
    readers: dict[str, Callable[[Mapping[str, Any]], GPTSettings]] = {
        "gpt2": _read_gpt2_config,
        "qwen3": _read_qwen3_config,
        "llama": _read_qwen3_config,
    }
    kind = config.get("model_type")
    if not isinstance(kind, str) or kind not in readers:
        raise UserError(f'config.json: model_type "{kind}" cannot be read; gpt2, llama and qwen3 can.')
    try:
        _SHAPES[kind](config, "")
    except ValueError as error:
        raise UserError(f"config.json: damaged ({error}). Give the folder of a whole checkpoint.") from error
    settings = readers[kind](config)
    if settings.context > MOST_CONTEXT:
        raise UserError(f"config.json: a context of {settings.context} is too long; {MOST_CONTEXT} can be read.")
    there = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    Header(Path("The checkpoint"), there, {}).refuse_larger(count_numbers(settings))
    try:
        if settings.preset == "classic":
            found = _from_gpt2(settings, tensors)
        else:
            found = {ours: tensors[theirs] for ours, theirs in _qwen3_names(settings).items()}
    except KeyError as error:
        raise UserError(f"The checkpoint has no tensor {error}: it is not a whole {kind} language model.") from error
    except (ValueError, IndexError, RuntimeError) as error:
        raise UserError(
            f"The checkpoint's tensors are not of the shapes that its config.json asks for ({error}). "
            "Give the folder of a whole checkpoint."
        ) from error
    if settings.tied:
        found["output.weight"] = found["token_embedding.weight"]
    return settings, found


def _qwen3_names(settings: GPTSettings, experts: int = 0) -> dict[str, str]:
    names = {ours: theirs for ours, theirs in QWEN3_AROUND.items() if not (settings.tied and ours == "output.weight")}
    for layer in range(settings.layers):
        for ours, theirs in (_mixture_names(experts) if experts else QWEN3_BLOCK).items():
            if ours.startswith(("attention.query_norm", "attention.key_norm")) and not settings.query_key_norm:
                continue
            names[f"blocks.{layer}.{ours}"] = f"model.layers.{layer}.{theirs}"
    return names


def _mixture_names(experts: int) -> dict[str, str]:
    """Return the names of what stands in a block whose feed-forward is a mixture."""
    names = {"feed_forward.router.weight": "mlp.gate.weight"}
    for ours, theirs in QWEN3_BLOCK.items():
        head, _, rest = ours.partition("feed_forward.")
        if head:
            names[ours] = theirs
            continue
        for expert in range(experts):
            names[f"feed_forward.experts.{expert}.{rest}"] = theirs.replace("mlp.", f"mlp.experts.{expert}.")
    return names


def _qwen3_config(settings: GPTSettings) -> dict[str, Any]:
    rope: dict[str, Any] = {"rope_type": "default"}
    if settings.rotary_scaling is not None:
        rope = {"rope_type": "llama3"}
        rope |= {theirs: getattr(settings.rotary_scaling, ours) for theirs, ours in _LLAMA3.items()}
    return {
        "model_type": "qwen3",
        "architectures": ["Qwen3ForCausalLM"],
        "vocab_size": settings.vocabulary,
        "max_position_embeddings": settings.context,
        "num_hidden_layers": settings.layers,
        "num_attention_heads": settings.heads,
        "num_key_value_heads": settings.key_value_heads,
        "head_dim": settings.head_width,
        "hidden_size": settings.width,
        "intermediate_size": settings.hidden,
        "hidden_act": "silu",
        "rms_norm_eps": settings.norm_epsilon,
        # transformers 5 reads rope_parameters, everything older the other two.
        "rope_theta": settings.rotary_base,
        "rope_scaling": None if settings.rotary_scaling is None else rope,
        "rope_parameters": rope | {"rope_theta": settings.rotary_base},
        "tie_word_embeddings": settings.tied,
        "attention_bias": False,
        "attention_dropout": 0.0,
        "use_sliding_window": False,
        "torch_dtype": "float32",
    }


def _read_qwen3_config(config: Mapping[str, Any]) -> GPTSettings:
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    kind, model = rope.get("rope_type", rope.get("type", "default")), config["model_type"]
    _refuse(model, "hidden_act", config.get("hidden_act", "silu"), "silu")
    _refuse(model, "attention_bias", config.get("attention_bias", False), False)
    _refuse(model, "mlp_bias", config.get("mlp_bias", False), False)
    _refuse(model, "use_sliding_window", config.get("use_sliding_window", False), False)
    _refuse(model, "rope_interleaved", config.get("rope_interleaved", False), False)
    scaling = _read_scaling(rope) if (model, kind) == ("llama", "llama3") else None
    if scaling is None:
        _refuse(model, "rope_type", kind, "default")
    return GPTSettings(
        vocabulary=config["vocab_size"],
        context=config["max_position_embeddings"],
        layers=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
        width=config["hidden_size"],
        preset="modern",
        key_value_heads=config.get("num_key_value_heads"),  # type: ignore[arg-type]
        head_width=config.get("head_dim"),  # type: ignore[arg-type]
        hidden=config["intermediate_size"],
        tied=bool(config.get("tie_word_embeddings", False)),
        rotary_base=float(rope.get("rope_theta") or config.get("rope_theta") or 10000.0),
        norm_epsilon=config.get("rms_norm_eps", 1e-6),
        query_key_norm=model == "qwen3",
        rotary_scaling=scaling,
    )


def _read_scaling(rope: Mapping[str, Any]) -> RotaryScaling:
    missing = sorted(_LLAMA3.keys() - rope.keys())
    if missing:
        raise UserError(f"config.json: rope_type=llama3 without {missing[0]}. Give the folder of a whole checkpoint.")
    return RotaryScaling(**{ours: rope[theirs] for theirs, ours in _LLAMA3.items()})


def _gpt2_config(settings: GPTSettings) -> dict[str, Any]:
    return {
        "model_type": "gpt2",
        "architectures": ["GPT2LMHeadModel"],
        "vocab_size": settings.vocabulary,
        "n_positions": settings.context,
        "n_embd": settings.width,
        "n_layer": settings.layers,
        "n_head": settings.heads,
        "n_inner": settings.hidden,
        "activation_function": "gelu_new",
        "layer_norm_epsilon": settings.norm_epsilon,
        "attn_pdrop": 0.0,
        "embd_pdrop": settings.dropout,
        "resid_pdrop": settings.dropout,
        "tie_word_embeddings": True,
        "torch_dtype": "float32",
    }


def _read_gpt2_config(config: Mapping[str, Any]) -> GPTSettings:
    _refuse("gpt2", "activation_function", config.get("activation_function", "gelu_new"), "gelu_new")
    _refuse("gpt2", "tie_word_embeddings", config.get("tie_word_embeddings", True), True)
    _refuse("gpt2", "scale_attn_weights", config.get("scale_attn_weights", True), True)
    _refuse("gpt2", "scale_attn_by_inverse_layer_idx", config.get("scale_attn_by_inverse_layer_idx", False), False)
    width = config["n_embd"]
    return GPTSettings(
        vocabulary=config["vocab_size"],
        context=config["n_positions"],
        layers=config["n_layer"],
        heads=config["n_head"],
        width=width,
        preset="classic",
        hidden=config.get("n_inner") or 4 * width,
        norm_epsilon=config.get("layer_norm_epsilon", 1e-5),
    )


def _refuse(kind: str, option: str, value: Any, expected: Any) -> None:
    if value != expected:
        raise UserError(f"config.json: {option}={value}: of {kind} only {option}={expected} can be read.")


def _to_gpt2(settings: GPTSettings, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    found = {theirs: tensors[ours] for ours, theirs in GPT2_AROUND.items()}
    for layer in range(settings.layers):
        ours, theirs = f"blocks.{layer}", f"transformer.h.{layer}"
        for our_part, their_part in GPT2_BLOCK.items():
            found[f"{theirs}.{their_part}.weight"] = _turned(tensors[f"{ours}.{our_part}.weight"])
            found[f"{theirs}.{their_part}.bias"] = tensors[f"{ours}.{our_part}.bias"]
        for kind in ("weight", "bias"):
            joined = torch.cat([tensors[f"{ours}.attention.{part}.{kind}"] for part in ("query", "key", "value")])
            found[f"{theirs}.attn.c_attn.{kind}"] = _turned(joined)
    return found


def _from_gpt2(settings: GPTSettings, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    # Checkpoints saved from the bare GPT2Model, as OpenAI's own, have no "transformer." in their names.
    if "wte.weight" in tensors:
        tensors = {f"transformer.{name}": tensor for name, tensor in tensors.items()}
    found = {ours: tensors[theirs] for ours, theirs in GPT2_AROUND.items()}
    for layer in range(settings.layers):
        ours, theirs = f"blocks.{layer}", f"transformer.h.{layer}"
        for our_part, their_part in GPT2_BLOCK.items():
            found[f"{ours}.{our_part}.weight"] = _turned(tensors[f"{theirs}.{their_part}.weight"])
            found[f"{ours}.{our_part}.bias"] = tensors[f"{theirs}.{their_part}.bias"]
        for kind in ("weight", "bias"):
            joined = tensors[f"{theirs}.attn.c_attn.{kind}"]
            joined = _turned(joined)
            for part, tensor in zip(("query", "key", "value"), joined.chunk(3), strict=True):
                found[f"{ours}.attention.{part}.{kind}"] = tensor.clone()
    return found


def _turned(tensor: Tensor) -> Tensor:
    """Turn a matrix, whose rows are inputs in GPT-2 and outputs with us; leave a vector."""
    return tensor.T.contiguous() if tensor.ndim == 2 else tensor
