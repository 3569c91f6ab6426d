"""The project's page on a package index: the README, with links that work where the repository is not.

The build reads `IndexPage` (see `tool.hatch.metadata.hooks.custom` in pyproject.toml).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


def make_absolute(markdown: str, source: str) -> str:
    """Point links and pictures inside the repository at its public address.

    Parameters
    ----------
    markdown : str
        A page whose links are relative to the repository's root.
    source : str
        Where the repository's files are read.

    Examples
    --------
    >>> make_absolute("![map](docs/map.png), [tests](#tests), [site](https://a.b)", "https://c.d")
    '![map](https://c.d/docs/map.png), [tests](#tests), [site](https://a.b)'
    """
    return re.sub(r"\]\((?!#|[a-z]+:)([^)\s]+)\)", rf"]({source}/\1)", markdown)


class IndexPage(MetadataHookInterface):
    """Gives the build the README for the index."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the page to the project's metadata."""
        text = Path(self.root, "README.md").read_text("utf-8")
        page = make_absolute(text, metadata["urls"]["Source"])
        metadata["readme"] = {"content-type": "text/markdown", "text": page}
