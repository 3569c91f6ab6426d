"""Tracks which pages of lessons are open, so that a lesson ends when its page is closed."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Receive, Scope, Send

from groundup.lab.malloc import give_back
from groundup.lessons import open_pages


class PageTracking:
    """Notes which pages of lessons are connected, and adds to each request the page that it comes from.

    Parameters
    ----------
    app : ASGI application
        marimo's, with the lessons. Its notebooks can read what its requests carry under ``meta``.
    ended : float
        How many seconds after its page was closed a lesson has ended, so that its memory can be freed.
    """

    def __init__(self, app: ASGIApp, ended: float) -> None:
        self.app, self.ended = app, ended

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a connection on."""
        page = find_page(scope)
        if page is None:
            await self.app(scope, receive, send)
            return
        scope = {**scope, "meta": {open_pages.KEY: page}}
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        open_pages.arrive(page)
        try:
            await self.app(scope, receive, send)
        finally:
            open_pages.leave(page)
            asyncio.get_running_loop().call_later(self.ended, give_back)


def find_page(scope: Scope) -> str | None:
    """Return marimo's name for the page that a connection comes from; None if it names none."""
    if scope["type"] == "websocket":
        named = parse_qs(scope["query_string"].decode("latin-1")).get("session_id", [])
        return named[0] if named else None
    if scope["type"] == "http":
        return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"marimo-session-id"), None)
    return None
