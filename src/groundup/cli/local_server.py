"""The servers of ``groundup lab`` and ``groundup serve``: for this computer only."""

from __future__ import annotations

import socket
from typing import Any


def listen(port: int) -> socket.socket:
    """Return a socket that listens on a port of this computer, or on any free one for 0.

    Raises
    ------
    UserError
        The port is in use or not allowed.
    """
    from groundup.base.errors import UserError

    # Nagle's algorithm would hold answers back for 40 ms; asyncio switches it off where the socket names its protocol.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # SO_REUSEADDR takes a port over right after its last use. On Windows it would let two programs listen on it.
    option = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)
    listening.setsockopt(socket.SOL_SOCKET, option, 1)
    try:
        listening.bind(("127.0.0.1", port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise UserError(f"--port {port}: {error.strerror}. Choose another one, or leave it out.") from error
    return listening


def serve_until_stopped(app: Any, listening: socket.socket) -> None:
    """Answer requests to an ASGI application on a socket until Ctrl-C; open answers then have 3 s to end."""
    import uvicorn

    from groundup.lab.protocol import PromptProtocol

    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=3, http=PromptProtocol, ws="none")
    uvicorn.Server(config).run(sockets=[listening])
