"""Byte pairs of large texts: every different unit is merged once, then looked up.

A text is cut at its safe splits into units, mostly a space and a word. Most units occurred before, so most of the work
is to find out which ones they are: Arrow numbers the different units of a block, and NumPy writes their tokens one
behind the other. Only units never met go through Hugging Face's ``tokenizers``. The tokens are those that it gives for
the whole text.
"""

from __future__ import annotations

import json

import numpy as np
import pyarrow
from tokenizers import Tokenizer as Backend

from groundup.data.corpus.safe_splits import LONGEST, cut_long, find_splits

MOST_UNITS = 100_000


def can_look_up(backend: Backend) -> bool:
    """Tell whether a tokenizer merges inside words cut as GPT-2 cuts them, and does nothing else to a text."""
    about = json.loads(backend.to_str())
    cut = about["pre_tokenizer"] or {}
    return (
        about["model"]["type"] == "BPE"
        and not about["model"].get("dropout")
        and not about["model"].get("continuing_subword_prefix")
        and not about["model"].get("end_of_word_suffix")
        and not about["added_tokens"]
        and about["normalizer"] is None
        and cut.get("type") == "ByteLevel"
        and cut["use_regex"]
        and not cut["add_prefix_space"]
    )


class UnitEncoder:
    """Tokens of text, unit by unit.

    Parameters
    ----------
    backend : tokenizers.Tokenizer
        One that `can_look_up`.
    most_units : int
        How many units are remembered; when there are more, all are forgotten.
    """

    def __init__(self, backend: Backend, most_units: int = MOST_UNITS) -> None:
        self.backend, self.most_units = backend, most_units
        self._forget()

    def encode(self, block: bytes) -> np.ndarray:
        """Return the tokens of a block of text, int32.

        Parameters
        ----------
        block : bytes
            UTF-8, cut at safe splits at both ends.
        """
        if not block:
            return np.empty(0, dtype=np.int32)
        different, numbers = _number_units(block)
        if len(self._places) + len(different) > self.most_units:
            self._forget()
        places = list(map(self._places.get, different))
        if None in places:
            self._learn([unit for unit, place in zip(different, places, strict=True) if place is None])
            places = [self._places[unit] for unit in different]
        chosen = np.array(places, dtype=np.int64)
        begins, lengths = self._begins[chosen][numbers], self._lengths[chosen][numbers]
        ends = np.cumsum(lengths)
        result: np.ndarray = self._tokens[np.arange(ends[-1]) + np.repeat(begins - (ends - lengths), lengths)]
        return result

    def _forget(self) -> None:
        self._places: dict[bytes, int] = {}
        self._begins, self._lengths = np.empty(0, np.int64), np.empty(0, np.int64)
        self._tokens = np.empty(0, np.int32)

    def _learn(self, units: list[bytes]) -> None:
        found = self.backend.encode_batch_fast([unit.decode() for unit in units], add_special_tokens=False)
        rows = [part.ids for part in found]
        lengths = np.array([len(row) for row in rows], dtype=np.int64)
        begins = len(self._tokens) + np.cumsum(lengths) - lengths
        self._places.update(zip(units, range(len(self._places), len(self._places) + len(units)), strict=True))
        self._begins = np.concatenate([self._begins, begins])
        self._lengths = np.concatenate([self._lengths, lengths])
        self._tokens = np.concatenate([self._tokens, *(np.array(row, dtype=np.int32) for row in rows)])


def _number_units(block: bytes) -> tuple[list[bytes], np.ndarray]:
    """Return the different units of a block, and for every unit in turn its number among them."""
    splits = find_splits(np.frombuffer(block, dtype=np.uint8))
    bounds = np.concatenate([[0], splits, [len(block)]])
    long = np.flatnonzero(np.diff(bounds) > LONGEST)
    if len(long):
        more = [cut for unit in long.tolist() for cut in cut_long(block, int(bounds[unit]), int(bounds[unit + 1]))]
        bounds = np.sort(np.concatenate([bounds, np.array(more, dtype=np.int64)]))
    buffers = [None, pyarrow.py_buffer(bounds.astype(np.int32)), pyarrow.py_buffer(block)]
    units = pyarrow.Array.from_buffers(pyarrow.binary(), len(bounds) - 1, buffers).dictionary_encode()
    return units.dictionary.to_pylist(), units.indices.to_numpy()
