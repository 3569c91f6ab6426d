"""The digit network that the lesson looks into: the learner's newest run, or a small one that is trained once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from groundup.base.errors import UserError
from groundup.data.images.images import Images, load_builtin
from groundup.data.images.ink import Fit
from groundup.lessons.trained import SmallModel, find_runs_folder, open_small
from groundup.runs.folder import Run, list_runs
from groundup.tasks.digits.inputs import choose_fit
from groundup.tasks.digits.model import Recogniser
from groundup.tasks.digits.task import load_labelled
from groundup.tasks.reports import finished_report

DIGITS = tuple("0123456789")
SMALL_NETWORK = SmallModel("digits", "digits")
MOST_PICTURES = 2_000


@dataclass(frozen=True, eq=False)  # each is itself alone, so that results may be kept for it
class Reader:
    """A trained network.

    Attributes
    ----------
    recogniser : Recogniser
        The network.
    run : Run
        Where it comes from.
    """

    recogniser: Recogniser
    run: Run

    @property
    def fit(self) -> Fit:
        """What brings a drawing into the form of the pictures that the network was trained on."""
        return choose_fit(self.run.config)

    @cached_property
    def pictures(self) -> Images:
        """Pictures that were held out, at most 2,000."""
        try:
            pictures = load_labelled(self.run, None, self.recogniser.classes)
        except (UserError, KeyError, OSError):  # the data that it was trained on is gone
            pictures = load_builtin()
        return pictures.take(np.arange(min(len(pictures), MOST_PICTURES)))

    @cached_property
    def probabilities(self) -> np.ndarray:
        """What the network answers to each of these pictures, shape (pictures, 10)."""
        return self.recogniser.probabilities(self.pictures.pixels)


def open_reader() -> Reader:
    """Return the newest network that reads the ten digits; errors as of `groundup.lessons.trained.open_small`."""
    own = [run for run in list_runs(find_runs_folder()) if _reads_digits(run)]
    return open_run(max(own, key=_changed) if own else open_small(SMALL_NETWORK))


def open_run(run: Run) -> Reader:
    """Return the network of a finished run; the same one each time."""
    return _open(run.folder, _changed(run))


def _reads_digits(run: Run) -> bool:
    if run.config.get("task") != "digits" or not finished_report(run):
        return False
    return tuple(run.config["model"]["classes"]) == DIGITS


def _changed(run: Run) -> int:
    return run.path("report.json").stat().st_mtime_ns


@lru_cache(maxsize=4)
def _open(folder: Path, _changed: int) -> Reader:
    run = Run.open(folder.parent, folder.name)
    return Reader(Recogniser.open(run), run)
