"""What pages send to the lab and get from it: JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from groundup.base.errors import UserError
from groundup.base.reporting import write_json


def finite_json(facts: dict[str, Any], status: int = 200) -> Response:
    """Return facts as JSON that every reader takes; see `write_json`."""
    return Response(write_json(facts), status, media_type="application/json")


async def read_json(request: Request) -> dict[str, Any]:
    """Return the JSON object that a page sends.

    Raises
    ------
    UserError
        It is none.
    """
    try:
        found = await request.json()
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UserError("A JSON object is asked for.")
    return found


def text_of(asked: Mapping[str, Any], name: str) -> str:
    """Return a text that a page sends; empty if it sends none.

    Raises
    ------
    UserError
        It is no text.
    """
    found = asked.get(name, "")
    if not isinstance(found, str):
        raise UserError(f"{name}: a text is asked for.")
    return found
