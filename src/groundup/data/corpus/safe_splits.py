"""Where a text may be cut without a token noticing.

Byte pairs are merged inside words, and the cut of a text into words (Radford et al., 2019) never joins what is not
white space to white space after it. So a text may be cut before any white space that follows something else, and the
tokens of the parts, one after the other, are the tokens of the whole. The text between two safe splits is a unit:
white space, mostly one blank, and what follows it up to the next. A unit of more than `LONGEST` bytes (a text without
any blank) is cut every `LONGEST` bytes, counted from its own start, so that the same cuts are found wherever the
reading of the text began.

Everything here works on bytes of UTF-8.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

# What Unicode calls white space, and with it the regular expressions that cut words.
WHITE_SPACE = "\t\n\v\f\r \u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
LONGEST = 1 << 17
BLOCK = 1 << 18

_BLANKS = list(b"\t\n\v\f\r ")
_WIDE = [character.encode() for character in WHITE_SPACE if not character.isascii()]
_TWO = [int.from_bytes(code) for code in _WIDE if len(code) == 2]
_THREE = [int.from_bytes(code) for code in _WIDE if len(code) == 3]
_SOLID = np.ones(256, dtype=bool)
_SOLID[_BLANKS] = False
_MAYBE_WHITE = ~_SOLID
_MAYBE_WHITE[sorted({code[0] for code in _WIDE})] = True


def find_splits(raw: np.ndarray) -> np.ndarray:
    r"""Return the places before which a text may be cut, int64, rising; neither its start nor its end is among them.

    Parameters
    ----------
    raw : ndarray
        The text's bytes, uint8 ``[byte]``.

    Examples
    --------
    >>> find_splits(np.frombuffer(b"one  two\n", np.uint8)).tolist()
    [3, 8]
    """
    if len(raw) < 2:
        return np.empty(0, dtype=np.int64)
    places = np.flatnonzero(_SOLID[raw[:-1]] & _MAYBE_WHITE[raw[1:]]) + 1
    wide = raw[places] >= 0x80
    if wide.any():
        white = ~wide
        white[wide] = _is_white(raw, places[wide], 2) | _is_white(raw, places[wide], 3)
        places = places[white]
    wide = raw[places - 1] >= 0x80
    if wide.any():
        solid = ~wide
        before = places[wide]
        solid[wide] = ~(_is_white(raw, before - 2, 2) | _is_white(raw, before - 3, 3))
        places = places[solid]
    return places


def _is_white(raw: np.ndarray, places: np.ndarray, width: int) -> np.ndarray:
    """Tell of each place whether a white character of ``width`` bytes starts there."""
    code = np.zeros(len(places), dtype=np.int64)
    for step in range(width):
        at = places + step
        code = code << 8 | np.where((at >= 0) & (at < len(raw)), raw[np.clip(at, 0, len(raw) - 1)], 0)
    found: np.ndarray = np.isin(code, _TWO if width == 2 else _THREE)
    return found


def cut_long(raw: bytes, start: int, end: int) -> list[int]:
    """Return the cuts inside one unit: none, but for one of more than `LONGEST` bytes.

    Examples
    --------
    >>> cut_long(b"x" * 300_000, 0, 300_000)
    [131072, 262144]
    """
    cuts = []
    while end - start > LONGEST:
        start = _character_start(raw, start + LONGEST)
        cuts.append(start)
    return cuts


def cut_block(raw: bytes) -> int:
    """Return where to cut a text that continues after ``raw``: its last safe split, or 0 if more must be read first."""
    # Most blocks have a safe split near their end. A character cut in two at the start is ignored.
    for start in (max(0, len(raw) - 4096), 0):
        splits = find_splits(np.frombuffer(raw, dtype=np.uint8)[start:])
        if len(splits) and (start == 0 or splits[-1] > 3):
            return start + int(splits[-1])
    cuts = cut_long(raw, 0, len(raw))
    return cuts[-1] if cuts else 0


def read_blocks(parts: Iterable[bytes], size: int = BLOCK) -> Iterator[bytes]:
    """Put the parts of a text together and cut it at splits, into blocks of about ``size`` bytes.

    Parameters
    ----------
    parts : iterable of bytes
        A text from a unit's start on, cut anywhere, each part of about ``size`` bytes at most.
    size : int
        About how long the blocks are; they are longer where a unit is.

    Examples
    --------
    >>> list(read_blocks([b"one tw", b"o three"], 8))
    [b'one two', b' three']
    """
    waiting = b""
    for part in parts:
        waiting += part
        if len(waiting) >= size and (cut := cut_block(waiting)):
            yield waiting[:cut]
            waiting = waiting[cut:]
    if waiting:
        yield waiting


def _character_start(raw: bytes, place: int) -> int:
    """Return the start of the character that has a byte at ``place``."""
    for _ in range(3):
        if place < len(raw) and raw[place] & 0xC0 == 0x80:
            place -= 1
    return place
