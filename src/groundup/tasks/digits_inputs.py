"""What ``groundup predict`` is given for a digits run, as pictures."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from groundup.data.images import PICTURES, Images, load_builtin, read_picture, split_places
from groundup.errors import UserError


@dataclass(frozen=True)
class Asked:
    """One picture to predict.

    Attributes
    ----------
    name : str
        As the user called it.
    pixels : ndarray of uint8, shape (28, 28)
        Ink bright on dark paper.
    truth : str or None
        Its label, where it is known.
    seen : bool or None
        Whether the run was trained on it, where that is known.
    """

    name: str
    pixels: np.ndarray
    truth: str | None = None
    seen: bool | None = None


def read_inputs(inputs: list[str], config: dict[str, Any]) -> list[Asked]:
    """Read pictures' files, every picture of a folder, and ``builtin:N`` (scikit-learn's digit number N).

    Parameters
    ----------
    inputs : list of str
        As on the command line.
    config : dict
        The run's configuration: tells which built-in digits the run was trained on.

    Raises
    ------
    UserError
        A file is missing or no picture, a folder holds none, or N is no number of a built-in digit.
    """
    asked: list[Asked] = []
    builtin: Images | None = None
    for text in inputs:
        if text.startswith("builtin:"):
            builtin = builtin or load_builtin()
            asked.append(_pick_builtin(text, builtin, config))
        elif os.path.isdir(text):
            found = sorted(path for path in Path(text).iterdir() if path.suffix.lower() in PICTURES)
            if not found:
                raise UserError(f"{text}: no pictures in this folder. Name pictures, or a folder that holds some.")
            asked += [Asked(str(path), read_picture(path)) for path in found]
        else:
            asked.append(Asked(text, read_picture(Path(text))))
    return asked


def _pick_builtin(text: str, images: Images, config: dict[str, Any]) -> Asked:
    number = text.removeprefix("builtin:")
    if not number.isdecimal() or int(number) >= len(images):
        raise UserError(f"{text}: expected builtin:N with N from 0 to {len(images) - 1}, for example builtin:5.")
    place = int(number)
    seen = False
    if config.get("data") in (None, "builtin"):
        training, _ = split_places(images.labels, config["settings"]["test_share"], config.get("seed", 0))
        seen = bool(np.isin(place, training))
    return Asked(text, images.pixels[place], images.classes[images.labels[place]], seen)
