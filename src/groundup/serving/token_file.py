"""The key of the server: a text in a file that only its owner may read. A command line could be read by everybody."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from groundup.base.errors import UserError
from groundup.base.writing import explain_read_error, explain_write_error

LEAST, MOST = 16, 512  # characters


def find_token_file() -> Path:
    """Return where the key lies if no other file is named."""
    from platformdirs import user_data_path

    return user_data_path("groundup") / "serve-token"


def read_token(path: Path) -> str:
    """Return the key in a file; where there is none, make one that only this user may read.

    Raises
    ------
    UserError
        Others may read the file, it cannot be read or made, or holds no key.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Private from the first instant: permissions that are set later come too late.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    except OSError as error:
        raise explain_write_error(path, error, "try again") from error
    token = secrets.token_urlsafe(24)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(token + "\n")
    except OSError as error:
        path.unlink(missing_ok=True)
        raise explain_write_error(path, error, "try again") from error
    return token


def _read(path: Path) -> str:
    try:
        if not path.is_file():
            raise UserError(f"{path}: no file. Name a file with --token-file; it is made if it is missing.")
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise UserError(f"{path}: other users may read this key. Make it yours alone: chmod 600 {path}")
        with path.open(encoding="utf-8") as file:
            token = file.read(MOST + 2).strip()
    except OSError as error:
        raise explain_read_error(path, error) from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8. Delete it, and a new key is made.") from error
    if not (LEAST <= len(token) <= MOST and token.isascii() and token.isprintable() and " " not in token):
        raise UserError(
            f"{path}: no key. A key is one word of {LEAST} to {MOST} ASCII characters. Delete the file, and a new key "
            "is made."
        )
    return token
