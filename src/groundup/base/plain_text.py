r"""Text from other people (names of files, cells, messages of an answer's errors), made safe to print.

A control character in it could move the cursor, clear the screen or end a line early, and half a surrogate pair (a byte
of a file's name that is no UTF-8) cannot be written at all: both are written out, as ``\x1b`` and ``\udcff``.
"""

from __future__ import annotations

import re

# What XML cannot hold, and a terminal or a reader should not be given.
UNSAFE = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]")
LONGEST_LINE, KEPT_END = 2_000, 600


def clean(text: object) -> str:
    """Return a text with what cannot be shown written out.

    Examples
    --------
    >>> len(clean(chr(0)))
    4
    """
    return UNSAFE.sub(lambda found: found.group().encode("unicode_escape").decode(), str(text))


def fold(text: object) -> str:
    r"""Return a message as one line that can be shown, with spaces for line ends, and short of the middle if very long.

    Examples
    --------
    >>> fold("a name\nwith two lines")
    'a name with two lines'
    """
    line = clean(" ".join(part.strip() for part in str(text).splitlines()).strip())
    if len(line) <= LONGEST_LINE:
        return line
    left_out = len(line) - LONGEST_LINE
    return f"{line[: LONGEST_LINE - KEPT_END]}… ({left_out:,} characters left out) …{line[-KEPT_END:]}"


def shorten(text: str, most: int = 60) -> str:
    """Return a text, or the beginning of a long one, for a message.

    Examples
    --------
    >>> shorten("auto"), len(shorten("a" * 999))
    ('auto', 60)
    """
    return text if len(text) <= most else f"{text[: most - 3]}..."
