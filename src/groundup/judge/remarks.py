"""Remarks on right answers: which of them are told, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

MOST_REMARKS = 2


class Use(IntEnum):
    """What a remark is about, the most useful to a learner first."""

    REFUSED = 0  # what the judge does not allow
    LIMITS = 1  # where it is not right, or was not tried
    UNSTABLE = 2
    CALLER = 3  # what surprises its caller
    CHECK = 4  # what a check noticed
    SLOW = 5
    MEMORY = 6
    LENT = 7  # what it used and did not import
    TIME = 8  # only how long it takes


class Remark(str):
    """A remark that knows what it is about.

    Parameters
    ----------
    text : str
        The remark.
    use : Use
        What it is about.
    """

    __slots__ = ("use",)
    use: Use

    def __new__(cls, text: str, use: Use) -> Remark:
        """Return the text with its use."""
        made = super().__new__(cls, text)
        made.use = use
        return made

    def __getnewargs__(self) -> tuple[str, Use]:  # type: ignore[override]  # str's own has the text alone
        """Return what a copy in another process is made from: verdicts come from there."""
        return str(self), self.use


def say_once(remarks: Sequence[str]) -> list[str]:
    """Return remarks without those that another one repeats."""
    different = list(dict.fromkeys(remarks))
    return [one for one in different if not any(one in other for other in different if other != one)]


def choose_remarks(remarks: Sequence[str]) -> list[str]:
    """Return the `MOST_REMARKS` most useful remarks, the most useful first; a plain text is what a check noticed.

    Examples
    --------
    >>> choose_remarks([Remark("fast", Use.TIME), Remark("slow loop", Use.SLOW), "unused", Remark("inf", Use.UNSTABLE)])
    ['inf', 'unused']
    """
    ranked = sorted(say_once(remarks), key=lambda one: one.use if isinstance(one, Remark) else Use.CHECK)
    return [str(one) for one in ranked[:MOST_REMARKS]]
