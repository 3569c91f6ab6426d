"""Where everything is kept that can be had again: downloads, data by name, shards."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """Return ``GROUNDUP_CACHE``, or ``~/.cache/groundup``."""
    return Path(os.environ.get("GROUNDUP_CACHE") or Path.home() / ".cache" / "groundup").expanduser()
