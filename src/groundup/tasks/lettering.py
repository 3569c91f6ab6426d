"""Letters of every script in pictures, from any installed font that has them; a note if none has."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from groundup.base.reporting import Reporter

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontEntry
    from matplotlib.text import Text

# Looked at first, as they have whole scripts.
_PREFERRED = ("Noto Sans", "Source Han Sans", "Arial Unicode", "PingFang", "Hiragino", "Microsoft YaHei")
_MOST_NAMED = 10


@contextmanager
def lettered(figure: Figure, name: str) -> Iterator[None]:
    """Give the texts of a picture the fonts they need, and let it be drawn; say which letters no installed font has.

    Parameters
    ----------
    figure : Figure
        The picture.
    name : str
        What the sentence calls it.
    """
    lacking = _find_letters(figure)
    if lacking:
        shown = " ".join(sorted(lacking)[:_MOST_NAMED]) + (" …" if len(lacking) > _MOST_NAMED else "")
        Reporter().say(
            f"{name}: no font on this computer has {shown}, so boxes are drawn instead. A font that has them, for "
            "example Noto Sans CJK for Chinese, Japanese and Korean, is used once it is installed."
        )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph \d+")
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support")
        yield


def _find_letters(figure: Figure) -> set[str]:
    """Give every text of a picture the fonts that it needs; return the letters that none has."""
    from matplotlib.font_manager import findfont
    from matplotlib.text import Text

    for axes in figure.axes:
        axes.get_xticklabels(), axes.get_yticklabels()  # writes them
    texts: list[Text] = [text for text in figure.findobj(Text) if isinstance(text, Text) and text.get_text()]
    wanted: dict[Text, set[str]] = {}
    for text in texts:
        letters = {letter for letter in text.get_text() if ord(letter) > 0x7F and letter.isprintable()}
        if letters:
            wanted[text] = letters - _have(findfont(text.get_fontproperties()), letters)
    lacking = set().union(*wanted.values())
    families = []
    for entry in _list_fonts() if lacking else ():
        found = _have(entry.fname, lacking)
        if found:
            families.append(entry.name)
            lacking -= found
        if not lacking:
            break
    for text, letters in wanted.items():
        if letters and families:
            text.set_fontfamily([*text.get_fontfamily(), *families])
    return lacking


def _list_fonts() -> Iterator[FontEntry]:
    """Yield the fonts on this computer, upright ones of usual weight, also those installed since matplotlib looked."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    known = list(fontManager.ttflist)
    yield from _sort_fonts(known)
    files = {entry.fname for entry in known}
    for file in findSystemFonts():
        if file not in files:
            try:
                fontManager.addfont(file)
            except (RuntimeError, OSError, ValueError):
                continue
    yield from _sort_fonts(fontManager.ttflist[len(known) :])


def _sort_fonts(entries: Iterable[FontEntry]) -> list[FontEntry]:
    usable = [entry for entry in entries if not entry.name.startswith("Last Resort")]  # that one has boxes for all

    def rank(entry: FontEntry) -> tuple[bool, bool, bool]:
        usual = entry.style == "normal" and str(entry.weight) in ("400", "normal", "regular", "book")
        return not usual, not entry.name.startswith(_PREFERRED), not entry.name.startswith("DejaVu")

    return sorted(usable, key=rank)


def _have(file: str, letters: set[str]) -> set[str]:
    """Return which letters a font can draw; none if it cannot be used, such as one of coloured pictures."""
    from matplotlib.font_manager import get_font

    try:
        font = get_font(file)
        font.set_size(10, 72)
        drawn = font.get_charmap()
    except (RuntimeError, OSError):
        return set()
    return {letter for letter in letters if ord(letter) in drawn}
