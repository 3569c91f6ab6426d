"""What ``groundup predict`` is given for a digits run, as pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from groundup.base.errors import UserError
from groundup.data.images.images import Images, load_builtin, split_places
from groundup.data.images.picture_folders import find_pictures
from groundup.data.images.pictures import LIGHT_INK, PAGES, look_at_picture
from groundup.data.named.resolve import exists

_SAID = {LIGHT_INK: "light ink on empty (transparent) paper", PAGES: "the first of several pages or frames"}


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
    remark : str
        What there is to say about how it was read; mostly nothing.
    """

    name: str
    pixels: np.ndarray
    truth: str | None = None
    seen: bool | None = None
    remark: str = ""

    @property
    def blank(self) -> bool:
        """Whether no ink is seen."""
        return not self.pixels.any()


def read_inputs(inputs: list[str], config: dict[str, Any]) -> tuple[list[Asked], list[str]]:
    """Read pictures' files, every picture under a folder, and ``builtin:N`` (scikit-learn's digit number N).

    Parameters
    ----------
    inputs : list of str
        As on the command line.
    config : dict
        The run's configuration: tells which built-in digits the run was trained on.

    Returns
    -------
    list of Asked
    list of str
        What the user should know, such as files of a folder left out.

    Raises
    ------
    UserError
        A file is missing or no picture, a folder holds none, or N is no number of a built-in digit.
    """
    asked: list[Asked] = []
    notes: list[str] = []
    builtin: Images | None = None
    for text in inputs:
        if text.startswith("builtin:"):
            builtin = builtin or load_builtin()
            asked.append(_pick_builtin(text, builtin, config))
        elif exists(path := Path(text)) and path.is_dir():
            found = find_pictures(path)
            others = f"{sum(found.left_out.values())} files that are no pictures: {found.describe_left_out()}"
            if not found.pictures:
                held = f" It holds {others}." if found.left_out else ""
                raise UserError(
                    f"{text}: no pictures in this folder.{held} Name pictures, or a folder that holds some."
                )
            if found.left_out:
                notes.append(f"{text}: left out {others}.")
            asked += [_look(str(picture), picture) for picture in found.pictures]
        else:
            asked.append(_look(text, path))
    return asked, notes


def _look(name: str, path: Path) -> Asked:
    picture = look_at_picture(path)
    return Asked(name, picture.pixels, remark=", ".join(_SAID[remark] for remark in sorted(picture.remarks)))


def _pick_builtin(text: str, images: Images, config: dict[str, Any]) -> Asked:
    number = text.removeprefix("builtin:")
    if not number.isdecimal() or len(number) > 9 or int(number) >= len(images):
        shown = text if len(text) <= 40 else text[:37] + "..."
        raise UserError(f"{shown}: expected builtin:N with N from 0 to {len(images) - 1}, for example builtin:5.")
    place = int(number)
    seen = False
    if config.get("data") in (None, "builtin"):
        training, _ = split_places(images.labels, config["settings"]["test_share"], config.get("seed", 0))
        seen = bool(np.isin(place, training))
    return Asked(text, images.pixels[place], images.classes[images.labels[place]], seen)
