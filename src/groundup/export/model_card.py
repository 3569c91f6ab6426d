"""The `README.md` of an exported folder: what the model is, and how it is opened."""

from __future__ import annotations

import math
from pathlib import PurePath

from groundup.data.corpus.tokens import Tokenizer
from groundup.runs.folder import Run
from groundup.steps.c6_gpt.gpt import GPT

CARD = """\
---
library_name: transformers
pipeline_tag: text-generation
tags: [groundup]
# license: fill in yours before you share the model
---
# {name}

A small language model that continues a text. It is a base model: it answers no questions and follows no
instructions. {origin} with groundup {version}.

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
ARCHITECTURES = {"modern": "Qwen3", "classic": "GPT-2"}


def write_card(run: Run, model: GPT, tokenizer: Tokenizer) -> str:
    """Return the card of a run."""
    settings = model.settings
    per = "token" if tokenizer.characters is None else "character"
    return CARD.format(
        name=run.name,
        origin="Trained from nothing" if "text" in run.config else "Imported and written again",
        version=run.config.get("groundup", ""),
        architecture=ARCHITECTURES[settings.preset],
        layers=settings.layers,
        heads=settings.heads,
        width=settings.width,
        weights=model.count_weights(),
        tokens=f"{tokenizer.size} {'characters' if tokenizer.characters is not None else 'byte pairs'}",
        context=settings.context,
        data=_name_data(run),
        loss=_format_loss(run, per),
    )


def _name_data(run: Run) -> str:
    text = run.config.get("text")
    if text is None:
        return "not known here: the weights were imported"
    # The last part only: the path on somebody's disk is private.
    return f"{PurePath(text['name']).name} ({text['characters']:,} characters)"


def _format_loss(run: Run, per: str) -> str:
    losses = [line["validation_loss"] for line in run.metrics() if "validation_loss" in line]
    found = [loss for loss in losses if loss is not None and math.isfinite(loss)]
    return f"{min(found):.3f} nats per {per}" if found else "not measured"
