"""Where everything is kept that can be had again: downloads, data by name, shards."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path

# The first versions used it on every system.
OLD = "~/.cache/groundup"


def cache_folder() -> Path:
    r"""Return ``GROUNDUP_CACHE``, or the system's place for caches.

    This is ``$XDG_CACHE_HOME/groundup`` or ``~/.cache/groundup`` on Linux, ``~/Library/Caches/groundup`` on macOS and
    ``%LOCALAPPDATA%\groundup\Cache`` on Windows. As long as only ``~/.cache/groundup`` exists, it is used.
    """
    if chosen := os.environ.get("GROUNDUP_CACHE"):
        return Path(chosen).expanduser()
    place, old = user_cache_path("groundup", appauthor=False), Path(os.path.expanduser(OLD))
    return old if old.is_dir() and not place.is_dir() else place
