"""The scripts, styles and fonts that marimo's pages are made of: sent once for all lessons, and ahead of the first."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

from starlette.responses import Response
from starlette.staticfiles import StaticFiles

PIECES = "/pieces"


class LastingFiles(StaticFiles):
    """Files whose names change with their content, which a browser may keep."""

    def file_response(self, *arguments: Any, **named: Any) -> Response:
        """Return a file, to be kept."""
        response = super().file_response(*arguments, **named)
        response.headers["cache-control"] = "private, max-age=31536000, immutable"
        return response


def find_pieces() -> Path:
    """Return the folder that they lie in."""
    found = importlib.util.find_spec("marimo")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "_static"


def list_scripts() -> list[str]:
    """Return the addresses of the scripts that every lesson's page begins with."""
    page = (find_pieces() / "index.html").read_text(encoding="utf-8")
    return [f"{PIECES}/{name}" for name in re.findall(r'(?:src|href)="\./(assets/[^"]+\.js)"', page)]
