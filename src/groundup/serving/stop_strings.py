"""Stop strings: a text that is written piece by piece ends before the first of them."""

from __future__ import annotations

from collections.abc import Sequence


class StopFinder:
    """Finds where a growing text ends, and holds back what may be the beginning of a stop string.

    Parameters
    ----------
    stops : sequence of str
        The stop strings, none of them empty; there may be none.

    Examples
    --------
    >>> finder = StopFinder(["END"])
    >>> [finder.feed(piece) for piece in ("one E", "N", "T two EN", "D three")]
    [('one ', False), ('', False), ('ENT two ', False), ('', True)]
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self.stops = tuple(stops)
        self.held = ""

    def feed(self, piece: str) -> tuple[str, bool]:
        """Take the next piece; return the text that no stop string can begin in any more, and whether one came."""
        text = self.held + piece
        places = [place for stop in self.stops if (place := text.find(stop)) >= 0]
        if places:
            self.held = ""
            return text[: min(places)], True
        kept = max((self._overlap(text, stop) for stop in self.stops), default=0)
        self.held = text[len(text) - kept :]
        return text[: len(text) - kept], False

    def finish(self) -> str:
        """Return what was held back: the text ends here, and no stop string came."""
        text, self.held = self.held, ""
        return text

    @staticmethod
    def _overlap(text: str, stop: str) -> int:
        """Return how many characters at the end of the text are the beginning of the stop string."""
        longest = min(len(text), len(stop) - 1)
        return next((length for length in range(longest, 0, -1) if text.endswith(stop[:length])), 0)
