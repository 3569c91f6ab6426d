"""A run's tokenizer in the words of llama.cpp, which has no `tokenizer.json` but a few kinds of tokenizer of its own.

Byte pairs are its kind ``gpt2`` with the pre-tokenizer ``gpt-2``: the same expression cuts the text, the same merges
follow. Characters are the same kind, too: each is spelled in bytes, and merges put together the bytes of one character
and never of two, because no character's bytes begin inside another's (UTF-8; Yergeau, RFC 3629, 2003).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tokenizers import pre_tokenizers

from groundup.base.errors import UserError
from groundup.data.corpus.chat_marks import JINJA, find_marks
from groundup.data.corpus.tokens import Tokenizer
from groundup.steps.c7_beyond.chat_template import END as ANSWER_END

END = "<|endoftext|>"
NORMAL, CONTROL, USER_DEFINED = 1, 3, 4  # llama.cpp's kinds of token
# The byte 255 as byte pairs spell it. No UTF-8 text holds it, so no text teaches a model to write it.
NEVER_WRITTEN = "ÿ"
# Bytes that UTF-8 never uses: a merge that never applies, for a list that must not be empty.
IDLE_MERGE = "À À"
_spell = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)


@dataclass(frozen=True)
class LlamaTokens:
    """A vocabulary as llama.cpp reads it.

    Attributes
    ----------
    texts : list of str
        The tokens in the order of their numbers, bytes spelled as GPT-2 spells them.
    kinds : list of int
        `NORMAL`, `CONTROL` or `USER_DEFINED`, one a token.
    merges : list of str
        Pairs, a space between them, the first to apply first.
    end : int
        The token at which llama.cpp stops writing: it cannot do without one.
    added : bool
        Whether ``end`` is one token more than the model has.
    template : str or None
        How messages are written (Jinja), where the model was trained to answer.
    """

    texts: list[str]
    kinds: list[int]
    merges: list[str]
    end: int
    added: bool
    template: str | None = None


def to_llama(tokenizer: Tokenizer) -> LlamaTokens:
    """Return the vocabulary and merges under which llama.cpp gives a text the same token numbers.

    Raises
    ------
    UserError
        The tokenizer is neither of characters nor of byte pairs as GPT-2 cuts them.

    Examples
    --------
    >>> from groundup.data.corpus.tokens import train_tokenizer
    >>> tokens = to_llama(train_tokenizer("characters", ["né"]))
    >>> tokens.texts, tokens.merges
    (['n', 'Ã©', '<|endoftext|>'], ['Ã ©'])
    """
    content = json.loads(tokenizer.backend.to_str())
    added = {token["content"]: token["special"] for token in content["added_tokens"]}
    if tokenizer.characters is not None:
        texts = [spell(character) for character in tokenizer.characters]
        merges = _merge_bytes(texts)
        kinds = [NORMAL] * len(texts)
        beside = sorted(content["added_tokens"], key=lambda token: token["id"])
        texts += [token["content"] for token in beside]
        kinds += [CONTROL if token["special"] else USER_DEFINED for token in beside]
    else:
        _refuse_other_kinds(content)
        vocabulary = tokenizer.backend.get_vocab(with_added_tokens=True)
        texts = sorted(vocabulary, key=vocabulary.__getitem__)
        # Older files write a merge as one text, newer ones as a pair.
        merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in content["model"]["merges"]]
        kinds = [CONTROL if added.get(text) else USER_DEFINED if text in added else NORMAL for text in texts]
    if (marks := find_marks(tokenizer)) is not None:
        return LlamaTokens(texts, kinds, merges or [IDLE_MERGE], marks[ANSWER_END], added=False, template=JINJA)
    end = next((place for place, kind in enumerate(kinds) if kind == CONTROL), None)
    if end is None and tokenizer.characters is None and NEVER_WRITTEN in texts:
        end = texts.index(NEVER_WRITTEN)
    if end is not None:
        return LlamaTokens(texts, kinds, merges or [IDLE_MERGE], end, added=False)
    return LlamaTokens([*texts, END], [*kinds, CONTROL], merges or [IDLE_MERGE], len(texts), added=True)


def spell(text: str) -> str:
    """Return a text's bytes, each as the letter that GPT-2 has for it."""
    return "".join(piece for piece, _ in _spell.pre_tokenize_str(text))


def _merge_bytes(texts: Iterable[str]) -> list[str]:
    merges: dict[str, None] = {}
    for text in texts:
        for place in range(1, len(text)):
            merges[f"{text[:place]} {text[place]}"] = None
    # A character's first two bytes before what the third makes of them.
    return sorted(merges, key=len)


def _refuse_other_kinds(content: dict[str, Any]) -> None:
    model, before = content["model"], content["pre_tokenizer"] or {}
    plain = {"dropout": None, "continuing_subword_prefix": "", "end_of_word_suffix": "", "ignore_merges": False}
    if (
        model["type"] != "BPE"
        or any((model.get(name) or value) != value for name, value in plain.items())
        or content["normalizer"] is not None
        or (before.get("type"), before.get("add_prefix_space"), before.get("use_regex", True))
        != ("ByteLevel", False, True)
    ):
        raise UserError(
            "--to gguf: llama.cpp would cut text otherwise than this run's tokenizer does: only characters and byte "
            "pairs as GPT-2 has them are the same there. Export with --to huggingface, and try llama.cpp's own "
            "convert_hf_to_gguf.py."
        )
