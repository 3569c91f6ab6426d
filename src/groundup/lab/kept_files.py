"""The lab's own files for the browser: kept in memory, and sent again only when they have changed.

A page asks for two dozen of them. To read each with threads takes longer than the page itself, above all while a
lesson computes; and the browser compiles what is sent again once more.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


class KeptFiles:
    """The files of a folder, by their paths in it.

    Parameters
    ----------
    folder : Path
        Which files there are is looked up once; what they hold, at each request.
    """

    def __init__(self, folder: Path) -> None:
        self.files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}

    async def show(self, request: Request) -> Response:
        """Answer with the file that ``path`` of the address names; 404 if there is none."""
        path = self.files.get(request.path_params["path"])
        if path is None:
            raise HTTPException(404, "There is no such file.")
        return send_kept(path, request)


def send_kept(path: Path, request: Request) -> Response:
    """Answer with a file, or with 304 and nothing where the browser has it."""
    facts = path.stat()
    content, tag = _read(path, facts.st_mtime_ns, facts.st_size)
    # The browser asks each time: after an update of groundup the same address has another content.
    headers = {"cache-control": "no-cache", "etag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=TYPES.get(path.suffix, "text/plain"))


@lru_cache(maxsize=256)
def _read(path: Path, _changed: int, _size: int) -> tuple[bytes, str]:
    content = path.read_bytes()
    return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'
