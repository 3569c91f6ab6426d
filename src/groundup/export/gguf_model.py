"""A gpt run as one GGUF file, which llama.cpp and everything built on it opens.

`modern` is llama.cpp's architecture ``qwen3``, or ``llama`` without the norm of queries and keys; `classic` is its
``gpt2``. Weights are stored as they are, or rounded: to
half precision, to bfloat16, or to 8-bit whole numbers with a scale for every 32 (Q8_0, as `gguf` itself rounds).
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType, LlamaFileType

from groundup.export.gguf_tokens import LlamaTokens, to_llama
from groundup.export.huggingface_names import to_huggingface
from groundup.runs.folder import Run
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c6_gpt.positions import place_angles, slow_rates
from groundup.tasks.gpt.runs import open_gpt

FILE_TYPES = {
    "f32": (GGMLQuantizationType.F32, LlamaFileType.ALL_F32),
    "f16": (GGMLQuantizationType.F16, LlamaFileType.MOSTLY_F16),
    "bf16": (GGMLQuantizationType.BF16, LlamaFileType.MOSTLY_BF16),
    "q8_0": (GGMLQuantizationType.Q8_0, LlamaFileType.MOSTLY_Q8_0),
}
# By preset, and whether queries and keys are normalized.
ARCHITECTURES = {
    ("modern", True): gguf.MODEL_ARCH.QWEN3,
    ("modern", False): gguf.MODEL_ARCH.LLAMA,
    ("classic", False): gguf.MODEL_ARCH.GPT2,
}
# llama.cpp wants these exact, as its own converter keeps them.
KEPT = "position_embd.weight"
SUPPRESSED = "tokenizer.ggml.suppress_tokens"
BLOCK = 32  # Q8_0 rounds so many neighbours together


def prepare_gguf(run: Run, dtype: str = "f32") -> Callable[[Path], None]:
    """Open a gpt run and return what writes its GGUF file; see `write_gguf`."""
    model, tokenizer, _ = open_gpt(run)
    assert isinstance(model, GPT)
    tokens = to_llama(tokenizer)
    return lambda path: write_gguf(model, tokens, run.name, dtype, path)


def write_gguf(model: GPT, tokens: LlamaTokens, name: str, dtype: str, path: Path) -> None:
    """Write a model and its tokens.

    Parameters
    ----------
    model : GPT
        Of the preset modern or classic.
    tokens : LlamaTokens
        From the tokenizer that it was trained with.
    name : str
        What programs show as the model's name.
    dtype : {"f32", "f16", "bf16", "q8_0"}
        How the matrices are stored; vectors and learned positions stay float32.
    path : Path
        The file to write; an existing one is replaced.
    """
    architecture = ARCHITECTURES[model.settings.preset, model.settings.query_key_norm]
    writer = gguf.GGUFWriter(path, gguf.MODEL_ARCH_NAMES[architecture])
    writer.add_type(gguf.GGUFType.MODEL)
    writer.add_name(name)
    writer.add_file_type(FILE_TYPES[dtype][1])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    _add_sizes(writer, model.settings, len(tokens.texts))
    _add_tokens(writer, tokens)
    for tensor_name, values in _name_tensors(model, architecture, tokens.added).items():
        kind = choose_kind(tensor_name, values, dtype)
        writer.add_tensor(tensor_name, gguf.quants.quantize(values, kind), raw_dtype=kind)
    try:
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
    except OSError as error:
        if error.errno is None:  # NumPy tells of a full disk in words alone: "1024 requested and 0 written".
            raise OSError(errno.ENOSPC, str(error)) from error
        raise
    finally:
        writer.close()


def choose_kind(name: str, values: np.ndarray, dtype: str) -> GGMLQuantizationType:
    """Return how a tensor is stored: vectors exactly, and rows that 8-bit blocks do not fill in half precision."""
    if values.ndim < 2 or name == KEPT:
        return GGMLQuantizationType.F32
    kind = FILE_TYPES[dtype][0]
    return GGMLQuantizationType.F16 if dtype == "q8_0" and values.shape[-1] % BLOCK else kind


def _add_sizes(writer: gguf.GGUFWriter, settings: GPTSettings, vocabulary: int) -> None:
    writer.add_vocab_size(vocabulary)
    writer.add_context_length(settings.context)
    writer.add_embedding_length(settings.width)
    writer.add_block_count(settings.layers)
    writer.add_feed_forward_length(settings.hidden)
    writer.add_head_count(settings.heads)
    if settings.preset == "classic":
        writer.add_layer_norm_eps(settings.norm_epsilon)
        return
    writer.add_head_count_kv(settings.key_value_heads)
    writer.add_key_length(settings.head_width)
    writer.add_value_length(settings.head_width)
    writer.add_rope_dimension_count(settings.head_width)
    writer.add_rope_freq_base(settings.rotary_base)
    writer.add_layer_norm_rms_eps(settings.norm_epsilon)


def _add_tokens(writer: gguf.GGUFWriter, tokens: LlamaTokens) -> None:
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens.texts)
    writer.add_token_types(tokens.kinds)
    writer.add_token_merges(tokens.merges)
    # Left out, llama.cpp takes the token 11 for both, and stops writing there.
    writer.add_bos_token_id(tokens.end)
    writer.add_eos_token_id(tokens.end)
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
    if tokens.template is not None:
        writer.add_chat_template(tokens.template)
    if tokens.added:
        writer.add_array(SUPPRESSED, [tokens.end])


def _name_tensors(model: GPT, architecture: gguf.MODEL_ARCH, one_more: bool) -> dict[str, np.ndarray]:
    settings = model.settings
    names = gguf.get_tensor_name_map(architecture, settings.layers)
    found: dict[str, np.ndarray] = {}
    for theirs, tensor in to_huggingface(settings, model.state_dict())[1].items():
        name = names.get_name(theirs, try_suffixes=(".weight", ".bias"))
        assert name is not None, theirs
        # GPT-2's matrices have inputs as rows in Hugging Face's files; in llama.cpp's all have outputs.
        turned = settings.preset == "classic" and name.startswith("blk.") and tensor.ndim == 2
        if architecture == gguf.MODEL_ARCH.LLAMA and name.endswith(("attn_q.weight", "attn_k.weight")):
            tensor = interleave(tensor, settings.head_width)
        found[name] = np.ascontiguousarray((tensor.T if turned else tensor).float().numpy())
    if settings.rotary_scaling is not None:
        rates = place_angles(torch.ones(1, dtype=torch.int64), settings.head_width, settings.rotary_base)[0]
        found["rope_freqs.weight"] = (rates / slow_rates(rates, settings.rotary_scaling)).numpy()
    if one_more:
        rare = find_rare(model)
        for name in ("token_embd.weight", "output.weight"):
            if name in found:
                found[name] = np.concatenate([found[name], found[name][rare].mean(axis=0, keepdims=True)])
    return found


def interleave(weight: torch.Tensor, head_width: int) -> torch.Tensor:
    """Order each head's rows as llama.cpp has them for Llama: rotary pairs are neighbours, not half a head apart."""
    return weight.unflatten(0, (-1, 2, head_width // 2)).transpose(1, 2).flatten(0, 2)


def find_rare(model: GPT, count: int = 8) -> np.ndarray:
    """Return the tokens that a model thinks least likely, on average after single tokens (some 500 at most).

    The mean of their rows makes a token that always scores the mean of their scores: never the highest score of all,
    and far below it.
    """
    size = model.settings.vocabulary
    with torch.inference_mode():
        scores = model(torch.arange(0, size, 1 + size // 512)[:, None])[:, 0].log_softmax(-1).mean(0)
    return scores.topk(min(count, len(scores)), largest=False).indices.numpy()
