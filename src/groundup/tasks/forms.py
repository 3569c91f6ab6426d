"""Checks what is typed on a run's page in the lab: it can never be the name of a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from groundup.base.errors import UserError

MOST_LETTERS = 4_000


def read_text(form: Mapping[str, Any]) -> str:
    """Return the ``text`` that was typed.

    Raises
    ------
    UserError
        There is none, or one that nobody typed.
    """
    if not isinstance(text := form.get("text"), str):
        raise UserError("A text is asked for, as this run reads texts.")
    return limit_text(text)


def limit_text(text: str) -> str:
    """Return a text; refuse one that nobody typed."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UserError(f"The text is not valid UTF-8 at character {error.start}. Type it again.") from error
    if len(text) > MOST_LETTERS:
        raise UserError(f"{len(text):,} characters are too many here; at most {MOST_LETTERS:,} are possible.")
    return text


def is_whole(value: Any) -> bool:
    """Tell whether a value is a whole number; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool)
