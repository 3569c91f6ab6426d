"""Runs to and from Hugging Face folders.

What is written opens with ``AutoModelForCausalLM`` and ``AutoTokenizer`` and, as Qwen3 and GPT-2, in every program that
reads those: `config.json`, `model.safetensors`, `tokenizer.json`, what the loaders want beside them, and a card
that says what the model is.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from groundup.base.errors import UserError
from groundup.base.shape import Shape, anything, fields, mapping_of, text
from groundup.base.writing import replace_file, write_atomically
from groundup.data.corpus.chat_marks import JINJA, find_marks
from groundup.data.corpus.tokens import Tokenizer, read_tokenizer_file
from groundup.export.huggingface_names import from_huggingface, to_huggingface
from groundup.export.model_card import write_card
from groundup.export.placing import AGAIN
from groundup.runs.checkpoint import load_into, model_tensors
from groundup.runs.config import is_run
from groundup.runs.folder import Run, show_path
from groundup.runs.reading import read_json
from groundup.runs.tensor_files import read_tensors
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c7_beyond.chat_template import END
from groundup.tasks.gpt.corpus import TOKENIZER
from groundup.tasks.gpt.mixture import read_experts
from groundup.tasks.gpt.origin import make_origin, open_origin
from groundup.tasks.gpt.runs import check_tokenizer, open_gpt
from groundup.tasks.protocol import Origin

WEIGHTS = "model.safetensors"
WHOLE = "Give the folder of a whole checkpoint; of its weights only safetensors are read."
_INDEX = fields({"weight_map": mapping_of(text)})
DTYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}


def prepare_folder(run: Run, dtype: str = "f32") -> Callable[[Path], None]:
    """Open a gpt run and return what fills a Hugging Face folder with it.

    Parameters
    ----------
    run : Run
        A trained run of the gpt task, classic or modern; its best weights are taken.
    dtype : {"f32", "f16", "bf16"}
        How the weights are stored.

    Returns
    -------
    callable
        Takes the folder to fill.

    Raises
    ------
    UserError
        The run is of another task, not trained yet, or damaged.
    """
    model, tokenizer, _ = open_gpt(run)
    config, tensors = to_huggingface(model.settings, model.state_dict(), read_experts(run))
    kind = DTYPES[dtype]
    config |= {"bos_token_id": None, "eos_token_id": None, "torch_dtype": str(kind).removeprefix("torch.")}
    about: dict[str, Any] = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": model.settings.context,
        # Otherwise a space before a full stop would be lost: "tidying" that older models were trained with.
        "clean_up_tokenization_spaces": False,
    }
    marks = find_marks(tokenizer)
    if marks is not None:
        # With these a program writes messages as the run learned them, and stops where an answer ends.
        about |= {"chat_template": JINJA, "eos_token": END}
        config["eos_token_id"] = marks[END]
    generation: dict[str, Any] = {"do_sample": True, "temperature": 0.8, "max_length": model.settings.context}
    if marks is not None:
        generation["eos_token_id"] = marks[END]
    texts = {
        "README.md": write_card(run, model, tokenizer),
        "config.json": json.dumps(config, indent=2) + "\n",
        TOKENIZER: tokenizer.to_json() + "\n",
        "tokenizer_config.json": json.dumps(about, indent=2) + "\n",
        "generation_config.json": json.dumps(generation, indent=2) + "\n",
    }
    ready = {name: tensor.to(kind).contiguous() for name, tensor in tensors.items()}

    def fill(folder: Path) -> None:
        for name, content in texts.items():
            (folder / name).write_text(content, encoding="utf-8")
        replace_file(folder / WEIGHTS, lambda path: save_file(ready, path, metadata={"format": "pt"}), AGAIN)

    return fill


def load_huggingface(folder: Path) -> GPT:
    """Load a GPT-2, Llama or Qwen3 checkpoint from its folder.

    Parameters
    ----------
    folder : Path
        With ``config.json`` and ``model.safetensors``, or several safetensors files and their index.

    Raises
    ------
    UserError
        A file is missing or damaged, or the architecture is another.
    """
    config = _read_json(folder / "config.json", mapping_of(anything))
    settings, tensors = from_huggingface(config, _load_tensors(folder))
    model = GPT(settings)
    wanted = model_tensors(model)
    ready = {name: tensor.float() for name, tensor in tensors.items() if name in wanted}
    load_into(model, ready, str(folder))
    return model.eval()


def import_run(folder: Path, root: Path, name: str) -> Run:
    """Make a run of a Hugging Face checkpoint, for `generate`, `predict`, `evaluate` and `attention`.

    Parameters
    ----------
    folder : Path
        See `load_huggingface`; with a ``tokenizer.json``.
    root : Path
        The folder of all runs.
    name : str
        The new run's name.

    Raises
    ------
    UserError
        As `load_huggingface`; or there is no ``tokenizer.json``, or the name is taken.
    """
    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder. Give the folder of a checkpoint.")
    source = folder / TOKENIZER
    model, _ = _load_with_tokenizer(folder)
    about = {
        "imported": {"from": show_path(folder.absolute())},
        "settings": {},
        "data": None,
        "seed": 0,
        "minutes": None,
        "model": dataclasses.asdict(model.settings),
    }

    def fill(run: Run) -> None:
        write_atomically(run.path(TOKENIZER), source.read_bytes())
        run.save_model(model_tensors(model))

    return Run.create(root, name, "gpt", about, fill)


def find_origin(root: Path, source: str) -> Origin:
    """Return the weights that a new run is to begin with: of a run, or of a Hugging Face checkpoint.

    Parameters
    ----------
    root : Path
        The folder of all runs.
    source : str
        A run's name or folder, or the folder of a checkpoint.

    Raises
    ------
    UserError
        It is neither, or is damaged.
    """
    folder = Path(source)
    config = folder / "config.json"
    if config.is_file() and not is_run(folder):
        model, tokenizer = _load_with_tokenizer(folder)
        return make_origin(show_path(folder.absolute()), model.settings, model_tensors(model), tokenizer)
    return open_origin(root, source)


def _load_with_tokenizer(folder: Path) -> tuple[GPT, Tokenizer]:
    path = folder / TOKENIZER
    if not path.is_file():
        raise UserError(f"{path}: missing. Save the tokenizer there in Hugging Face's fast format.")
    model, tokenizer = load_huggingface(folder), read_tokenizer_file(path)
    check_tokenizer(tokenizer, model.settings.vocabulary, str(path), imported=True)
    return model, tokenizer


def _load_tensors(folder: Path) -> dict[str, Tensor]:
    names = [WEIGHTS]
    index = folder / "model.safetensors.index.json"
    if index.exists():
        names = sorted(set(_read_json(index, _INDEX)["weight_map"].values()))
    tensors: dict[str, Tensor] = {}
    for name in names:
        if Path(name).name != name:
            raise UserError(f"{index}: {name} lies outside the folder. {WHOLE}")
        _require(folder / name)
        tensors.update(read_tensors(folder / name, finite=True, again=WHOLE)[0])
    return tensors


def _read_json(path: Path, shape: Shape) -> Any:
    _require(path)
    return read_json(path, shape, WHOLE)


def _require(path: Path) -> None:
    if not path.exists():
        raise UserError(f"{path}: missing or damaged (no such file). {WHOLE}")
