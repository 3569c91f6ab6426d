"""The tour's report: one HTML file that holds its pictures."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from groundup import __version__
from groundup.runs.output import write_text
from groundup.tour.stops import Visit


def write_report(visits: Sequence[Visit], root: Path, seconds: float, to: Path) -> None:
    """Write what was learned at every stop, with pictures inside.

    Parameters
    ----------
    visits : sequence of Visit
        In their order.
    root : Path
        The folder of the runs.
    seconds : float
        How long it took. Less than ten is not shown, because then most was already there.
    to : Path
        The file.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files(__package__).joinpath("report.html").read_text("utf-8"))
    shown = [
        {
            "stop": visit.stop,
            "sentence": visit.sentence,
            "text": visit.text,
            "shown": [(base64.b64encode(path.read_bytes()).decode(), words) for path, words in visit.pictures],
        }
        for visit in visits
    ]
    told = format_seconds(seconds) if seconds >= 10 else ""
    write_text(to, template.render(visits=shown, runs=str(root), seconds=told, version=__version__))


def format_seconds(seconds: float) -> str:
    """Return a time in words.

    Examples
    --------
    >>> format_seconds(131)
    '2 minutes and 11 seconds'
    """
    minutes, rest = divmod(round(seconds), 60)
    parts = [(minutes, "minute"), (rest, "second")]
    return " and ".join(f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count) or "no time"
