"""What the tasks' pictures have in common: names shown as they are, and where a picture goes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from groundup.tasks.lettering import lettered
from groundup.training.files import replace_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plain(text: str) -> str:
    r"""Return a text as matplotlib writes it letter by letter: a dollar sign would begin a formula.

    Examples
    --------
    >>> plain("cost in $")
    'cost in \\$'
    """
    return text.replace("$", r"\$")


def save_picture(figure: Figure, path: Path, dpi: float | str = "figure") -> Path:
    """Save a picture as PNG, in letters that some font has, in one step."""
    with lettered(figure, path.name):
        replace_file(path, lambda temporary: figure.savefig(temporary, format="png", dpi=dpi))
    return path
