"""One word in many sentences: its vectors before the first block and after each, on a map."""

from __future__ import annotations

import re
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from groundup.base.errors import UserError
from groundup.lessons.pages.attention.sentences import MEANINGS, find_examples
from groundup.lessons.pages.attention.words import START, WORDS
from groundup.lessons.trained import OpenedGPT, open_small_gpt, tell_waiting
from groundup.tasks.gpt.runs import encode_prompt


@tell_waiting
@torch.inference_mode()
def compute_lead(word: str, block: int, own: str) -> dict[str, Any]:
    """Return one word's vectors in many sentences, before the first block and after each, on a map.

    Returns
    -------
    dict
        ``meanings``; ``dots``, one ``{"sentence", "meaning"}`` each, the meaning as a number or ``None`` for the
        reader's own sentence; ``places``, one list of (x, y) per block, the embedding first; ``alike``, per block the
        mean cosine of two of the same meaning and of two of different ones; ``note``, about
        the reader's sentence; ``says``.
    """
    opened = open_small_gpt(WORDS)
    examples = find_examples(word)
    meanings = list(MEANINGS[word])
    kinds = [meanings.index(meaning) for _, meaning in examples]
    dots: list[dict[str, Any]] = [
        {"sentence": sentence, "meaning": kind} for (sentence, _), kind in zip(examples, kinds, strict=True)
    ]
    sentences = [sentence for sentence, _ in examples]
    note = f"Your sentence has no “{word}”, so it has no dot." if own.strip() else ""
    if re.search(rf"\b{word}\b", own.lower()):
        note = ""
        sentences.append(own.strip())
        dots.append({"sentence": own.strip(), "meaning": None})
    vectors = find_vectors(opened, sentences, word)
    examples_only = vectors[:, : len(examples)]
    axes = find_axes(examples_only[-1], torch.tensor(kinds))
    places = (vectors - examples_only[-1].mean(0)) @ axes
    alike = [measure_likeness(level, torch.tensor(kinds)) for level in examples_only]
    same, different = alike[min(block, len(alike) - 1)]
    where = "In the embedding" if block == 0 else f"After block {min(block, len(alike) - 1)}"
    return {
        "word": word,
        "meanings": meanings,
        "dots": dots,
        "places": places.float(),
        "alike": alike,
        "note": note,
        "says": f"{where}, two “{word}” of the same meaning have a cosine of {same:.2f}, two of different meanings "
        f"{different:.2f}. {note}".strip(),
    }


def find_vectors(opened: OpenedGPT, sentences: list[str], word: str) -> Float[Tensor, "level sentence channel"]:
    """Return a word's vector in every sentence: its embedding, then the stream after each block.

    Raises
    ------
    UserError
        A sentence is too long for the model, or the word is not one token in it.
    """
    model = opened.model
    rows, places = [], []
    for sentence in sentences:
        tokens = encode_prompt(START + sentence, opened.tokenizer)[: model.settings.context]
        texts = [opened.tokenizer.decode([token]).strip().lower() for token in tokens]
        if word not in texts:
            raise UserError(f'Write "{word}" in small letters, among the first {model.settings.context} tokens.')
        rows.append(tokens)
        places.append(texts.index(word))
    length = max(map(len, rows))
    # What stands behind a sentence does not change it: the mask.
    batch = torch.tensor([row + [0] * (length - len(row)) for row in rows])
    levels = [model.token_embedding(batch)]
    hooks = [block.register_forward_hook(lambda _, __, out: levels.append(out)) for block in model.blocks]
    try:
        model(batch)
    finally:
        for hook in hooks:
            hook.remove()
    chosen = torch.arange(len(rows)), torch.tensor(places)
    return torch.stack([level[chosen] for level in levels]).double()


def find_axes(vectors: Float[Tensor, "sentence channel"], kinds: Tensor) -> Float[Tensor, "channel 2"]:
    """Return the two directions in which vectors differ most (principal components); the first meaning is left."""
    centred = vectors - vectors.mean(0)
    axes = torch.linalg.svd(centred, full_matrices=False).Vh[:2].T
    return axes * torch.where((centred @ axes)[kinds == 0].mean(0) > 0, -1.0, 1.0)


def measure_likeness(vectors: Float[Tensor, "sentence channel"], kinds: Tensor) -> list[float]:
    """Return the mean cosine of two vectors of the same meaning, and of two of different meanings."""
    unit = vectors / vectors.norm(dim=1, keepdim=True)
    cosines = unit @ unit.T
    same = kinds[:, None] == kinds
    others = ~torch.eye(len(kinds), dtype=torch.bool)
    return [float(cosines[same & others].mean()), float(cosines[~same].mean())]
