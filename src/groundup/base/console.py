"""What a person reads in a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.errors import MarkupError
from rich.segment import Segment
from rich.text import Text

from groundup.base.plain_text import UNSAFE, clean


class PlainConsole(Console):
    """A console on which text from other people is only printed and has no effects; colours and bars are rich's own.

    Parameters
    ----------
    options
        As of `rich.console.Console`.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"highlight": False, "emoji": False, **options})

    def print_line(self, line: str | Text) -> None:
        """Print one line; on a terminal a sentence that is too long is broken between words.

        What is to be copied whole, or stands in columns, is left to the terminal: a command to try, a line that begins
        with a space, and one with a word that is longer than the terminal is wide. A file gets every line whole.
        """
        text = Text(line) if isinstance(line, str) else line
        plain = text.plain
        longest = max(map(len, plain.split()), default=0)
        whole = plain.startswith((" ", "Try it:")) or longest > self.width
        self.print(text, soft_wrap=whole or not self.is_terminal)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield the pieces of a renderable."""
        if isinstance(renderable, Text) and UNSAFE.search(renderable.plain):
            renderable = _write_out(renderable)  # before it is broken into lines
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(clean(segment.text), segment.style)


def _write_out(text: Text) -> Text:
    cuts = [place for found in UNSAFE.finditer(text.plain) for place in found.span()]
    whole = text.blank_copy()
    for piece in text.divide(cuts):
        whole.append_text(Text(clean(piece.plain)) if UNSAFE.search(piece.plain) else piece)
    return whole


def read_markup(text: str) -> Text:
    """Return a line with rich's markup; one with brackets that are no markup stays as it is.

    Examples
    --------
    >>> read_markup("[bold]a[/bold]").plain, read_markup("a [/red] b").plain
    ('a', 'a [/red] b')
    """
    text = clean(text)  # a table measures its columns before anything is rendered
    try:
        return Text.from_markup(text, emoji=False)
    except MarkupError:
        return Text(text)
