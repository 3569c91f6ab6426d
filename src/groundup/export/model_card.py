"""The `README.md` of an exported folder: what the model is, and how it is opened."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import PurePath

from groundup.data.corpus.tokens import Tokenizer
from groundup.data.named.catalogue import read_catalogue
from groundup.data.named.resolve import PREFIX
from groundup.runs.folder import Run
from groundup.steps.c6_gpt.gpt import GPT
from groundup.tasks.gpt.mixture import read_experts
from groundup.tasks.registry import find_about

CARD = """\
---
library_name: transformers
pipeline_tag: text-generation
{language}
license: unknown  # fill in yours before you share the model
tags: [groundup]
{results}---
# {name}

{nature} {origin} with groundup {version}.

| | |
|---|---|
| architecture | {architecture}: {layers} layers, {heads} heads, {width} wide |
| weights | {weights:,} |
| tokens | {tokens} |
| context | {context} tokens; it has seen nothing longer |
| trained on | {data} |
| validation loss | {loss} |
| licence | not chosen yet |

```python
from transformers import pipeline

write = pipeline("text-generation", ".")  # this folder
print(write("Once", max_new_tokens=100)[0]["generated_text"])
```
"""
BASE = (
    "A small language model that continues a text. It is a base model: it answers no questions and follows no\n"
    "instructions."
)
ARITHMETIC = (
    "A small language model that answers questions of arithmetic in the spelling it was trained with\n"
    "(`docs/sums.md` of groundup). It knows no other text."
)
ANSWERING = (
    "A small language model that answers. It was trained on dialogues: give it messages in its chat template,\n"
    "and it writes the next one. What it says need not be true."
)
NATURES = {"gpt": BASE, "chat": ANSWERING, "sums": ARITHMETIC, "reward": ARITHMETIC}
ARCHITECTURES = {("modern", True): "Qwen3", ("modern", False): "Llama", ("classic", False): "GPT-2"}
# As the Hub reads it: https://github.com/huggingface/hub-docs/blob/main/modelcard.md
RESULTS = """\
model-index:
- name: {name}
  results:
  - task:
      type: text-generation
      name: Text generation
    dataset:
      type: text
      name: {data}
      split: validation
    metrics:
    - type: loss
      name: Loss (nats per {per})
      value: {loss:.4f}
    - type: perplexity
      name: Perplexity per {per}
      value: {perplexity}
"""


@dataclass(frozen=True)
class Source:
    """What is known of a text.

    Attributes
    ----------
    language : str
        Its code, such as ``en``.
    licence, homepage : str
        On which terms it is given out, and where it is described.
    """

    language: str = ""
    licence: str = ""
    homepage: str = ""


_SHAKESPEARE = Source("en", "public domain", "https://github.com/karpathy/char-rnn")
_PYTHON = Source("en", "PSF-2.0", "https://docs.python.org/3/license.html")
# As `groundup/data/SOURCES.md` tells.
BUILT_IN = {
    "shakespeare": _SHAKESPEARE,
    "shakespeare-names": _SHAKESPEARE,
    "python-reference": _PYTHON,
    "standard-library": _PYTHON,
}


def write_card(run: Run, model: GPT, tokenizer: Tokenizer) -> str:
    """Return the card of a run."""
    settings = model.settings
    per = "token" if tokenizer.characters is None else "character"
    source, loss = find_source(run), _find_loss(run)
    return CARD.format(
        name=run.name,
        nature=NATURES[find_about(run.config["task"]).name],
        origin=_describe_origin(run),
        version=run.config.get("groundup", ""),
        architecture=_name_architecture(run, model),
        layers=settings.layers,
        heads=settings.heads,
        width=settings.width,
        weights=model.count_weights(),
        tokens=f"{tokenizer.size} {'characters' if tokenizer.characters is not None else 'byte pairs'}",
        context=settings.context,
        data=_describe_data(run, source),
        loss="not measured" if loss is None else f"{loss:.3f} nats per {per}",
        language=f"language: {source.language}" if source.language else "# language: fill in the text's, such as en",
        results="" if loss is None else _write_results(run, loss, per),
    )


def _name_architecture(run: Run, model: GPT) -> str:
    name, experts = ARCHITECTURES[model.settings.preset, model.settings.query_key_norm], read_experts(run)
    if experts is None:
        return name
    return f"{name}-MoE, {experts.used} of {experts.count} experts for each token"


def _describe_origin(run: Run) -> str:
    if run.begun_from is not None:
        # The last part only: the path on somebody's disk is private.
        return f"It went on from the weights of {PurePath(run.begun_from).name}, trained"
    return "Trained from nothing" if run.imported_from is None else "Imported and written again"


def find_source(run: Run) -> Source:
    """Return what is known of a run's text: of a built-in one, or of one that has a name in the catalogue."""
    data = run.config.get("data") or run.config.get("text", {}).get("name") or ""
    entry = read_catalogue().get(data.removeprefix(PREFIX).partition("/")[0]) if data.startswith(PREFIX) else None
    return BUILT_IN.get(data, Source()) if entry is None else Source(entry.language, entry.licence, entry.homepage)


def _name_data(run: Run) -> str:
    # The last part only: the path on somebody's disk is private.
    return PurePath(run.config["text"]["name"].removeprefix(PREFIX)).name


def _describe_data(run: Run, source: Source) -> str:
    text = run.config.get("text")
    if text is None and run.imported_from is None:
        return "questions that it was given as examples, made by the program"
    if text is None:
        return "not known here: the weights were imported"
    known = [part for part in (source.licence, source.homepage and f"<{source.homepage}>") if part]
    return ", ".join([f"{_name_data(run)} ({text['characters']:,} characters)", *known])


def _find_loss(run: Run) -> float | None:
    """Return the loss of the best weights, which are the ones that are exported."""
    losses = [line["validation_loss"] for line in run.metrics() if "validation_loss" in line]
    return min((loss for loss in losses if loss is not None and math.isfinite(loss)), default=None)


def _write_results(run: Run, loss: float, per: str) -> str:
    data = _name_data(run) if "text" in run.config else "a text of its own"
    quoted = {name: json.dumps(text, ensure_ascii=False) for name, text in (("name", run.name), ("data", data))}
    perplexity = f"{math.exp(loss):.4f}" if loss < 700 else ".inf"  # as YAML writes what is too large
    return RESULTS.format(**quoted, per=per, loss=loss, perplexity=perplexity)
