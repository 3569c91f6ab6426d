"""Which lessons' pages are open, so that a lesson stops training when its page is closed."""

from __future__ import annotations

KEY = "groundup-page"
"""Under this name the lab tells a lesson, with each request, which page it serves."""

_open: dict[str, int] = {}


def arrive(page: str) -> None:
    """Note that a page is open; a page may be open twice while it is reloaded."""
    _open[page] = _open.get(page, 0) + 1


def leave(page: str) -> None:
    """Note that a page was closed."""
    left = _open.pop(page) - 1
    if left:
        _open[page] = left


def is_open(page: str) -> bool:
    """Tell whether a page is open."""
    return page in _open
