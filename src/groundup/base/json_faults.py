"""What is wrong with a text that is no JSON, in a few words."""

from __future__ import annotations

import json

_SAID = {
    "Expecting value": "a value is missing or is not written as JSON",
    "Expecting property name enclosed in double quotes": "a name in double quotes is missing",
    "Illegal trailing comma before end of object": "a comma stands before the end",
    "Illegal trailing comma before end of array": "a comma stands before the end",
    "Expecting ',' delimiter": "a comma is missing",
    "Expecting ':' delimiter": "a colon is missing",
    "Unterminated string starting at": "a text is not closed, which begins",
    "Extra data": "something follows the end",
    "Invalid control character at": "a text holds a line end or another control character",
    "Invalid \\escape": "a backslash has no meaning",
}


def describe_json_error(error: Exception, lines: bool = False) -> str:
    """Return what is wrong with a JSON text.

    Parameters
    ----------
    error : Exception
        What ``json.loads`` raised.
    lines : bool
        Whether the text may have more than one line, so that the place has a line, too.

    Examples
    --------
    >>> try:
    ...     json.loads('{"a": 1')
    ... except ValueError as error:
    ...     print(describe_json_error(error))
    a comma is missing at character 8
    """
    if isinstance(error, RecursionError):
        return "nested too deep"
    if not isinstance(error, json.JSONDecodeError):
        return " ".join(str(error).split())
    said = _SAID.get(error.msg) or error.msg[:1].lower() + error.msg[1:].removesuffix(" at")
    place = f"line {error.lineno}, character {error.colno}" if lines else f"character {error.pos + 1}"
    return f"{said} at {place}"
