"""The scripts, styles and fonts of marimo's pages: sent once for all lessons, and before the first one."""

from __future__ import annotations

import importlib.util
import re
import stat
from mimetypes import guess_type
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

PIECES = "/pieces"


class LastingFiles(StaticFiles):
    """Files whose names change with their content, which a browser may keep.

    A page asks for hundreds of them, so each is read at once: handing every step of it to a thread takes five times as
    long as reading.
    """

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file, to be kept."""
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405)
        full_path, found = self.lookup_path(path)
        if found is None or not stat.S_ISREG(found.st_mode):
            raise HTTPException(404)
        headers = {"cache-control": "private, max-age=31536000, immutable"}
        return Response(Path(full_path).read_bytes(), headers=headers, media_type=guess_type(full_path)[0])


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
