"""Common code of the tasks' pictures: names shown unchanged, figures that can be drawn, the picture's file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from groundup.runs.output import write_output
from groundup.tasks.lettering import lettered

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Of larger numbers the drawing itself overflows.
_MOST = 1e30


def take_series(lines: Sequence[Mapping[str, Any]], *names: str) -> tuple[np.ndarray, ...]:
    """Return the steps at which some figures were all measured, and each figure's values there.

    What is no finite number is left out: a run that diverged is drawn until then.

    Examples
    --------
    >>> lines = [{"step": 1, "loss": 2.0}, {"step": 2, "loss": 1.5}, {"step": 3, "loss": float("nan")}]
    >>> [values.tolist() for values in take_series(lines, "loss")]
    [[1, 2], [2.0, 1.5]]
    """
    kept = [line for line in lines if all(name in line and abs(float(line[name])) <= _MOST for name in names)]
    steps = np.array([line["step"] for line in kept], dtype=np.int64)
    return steps, *(np.array([float(line[name]) for line in kept]) for name in names)


def plain(text: str) -> str:
    r"""Return a text as matplotlib writes it letter by letter: a dollar sign would begin a formula.

    Examples
    --------
    >>> plain("cost in $")
    'cost in \\$'
    """
    return text.replace("$", r"\$")


def save_picture(figure: Figure, path: Path, dpi: float | str = "figure") -> Path:
    """Save a picture as PNG where it is wanted, in letters that some font has; see `write_output`."""
    with lettered(figure, path.name):
        write_output(path, lambda temporary: figure.savefig(temporary, format="png", dpi=dpi))
    return path
