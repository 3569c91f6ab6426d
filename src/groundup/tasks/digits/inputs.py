"""What ``groundup predict`` is given for a digits run, as pictures."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from groundup.base.errors import UserError
from groundup.base.plain_text import shorten
from groundup.data.images.cells import bring_into_cells
from groundup.data.images.images import Images, load_builtin, split_places
from groundup.data.images.ink import Fit, fit_to_size
from groundup.data.images.picture_folders import find_pictures
from groundup.data.images.pictures import LIGHT_INK, PAGES, look_at_picture
from groundup.data.named.resolve import exists
from groundup.tasks.forms import is_whole

_SAID = {LIGHT_INK: "light ink on empty (transparent) paper", PAGES: "the first of several pages or frames"}


@dataclass(frozen=True)
class Picture:
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


def choose_fit(config: Mapping[str, Any]) -> Fit:
    """Return what brings a picture into the form of those that a run was trained on; its configuration tells."""
    return bring_into_cells if _knows_builtin(config) else fit_to_size


def _knows_builtin(config: Mapping[str, Any]) -> bool:
    return config.get("data") in (None, "builtin")


def read_form(form: Mapping[str, Any], config: Mapping[str, Any]) -> Picture:
    """Return the ``picture`` that was drawn, a PNG in base64, or the built-in digit of the number ``sample``.

    Raises
    ------
    UserError
        It is neither.
    """
    if is_whole(sample := form.get("sample")):
        return _pick_builtin(f"builtin:{sample}", load_builtin(), config)
    if not isinstance(picture := form.get("picture"), str):
        raise UserError("A picture or the number of a sample is asked for, as this run reads pictures.")
    try:
        drawn = base64.b64decode(picture.partition(",")[2], validate=True)
    except binascii.Error:
        raise UserError("The picture is not base64.") from None
    return _look("the drawing", BytesIO(drawn), choose_fit(config))


def read_inputs(inputs: Sequence[str], config: Mapping[str, Any]) -> tuple[list[Picture], list[str]]:
    """Read pictures' files, every picture under a folder, and ``builtin:N`` (scikit-learn's digit number N).

    Parameters
    ----------
    inputs : sequence of str
        As on the command line.
    config : mapping
        The run's configuration: tells which pictures the run was trained on.

    Returns
    -------
    list of Picture
    list of str
        What the user should know, such as files of a folder left out.

    Raises
    ------
    UserError
        A file is missing or no picture, a folder holds none, or N is no number of a built-in digit.
    """
    asked: list[Picture] = []
    fit = choose_fit(config)
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
            asked += [_look(str(picture), picture, fit) for picture in found.pictures]
        else:
            asked.append(_look(text, path, fit))
    return asked, notes


def _look(name: str, source: Path | BytesIO, fit: Fit) -> Picture:
    picture = look_at_picture(source, name, fit)
    return Picture(name, picture.pixels, remark=", ".join(_SAID[remark] for remark in sorted(picture.remarks)))


def _pick_builtin(text: str, images: Images, config: Mapping[str, Any]) -> Picture:
    number = text.removeprefix("builtin:")
    if not number.isdecimal() or len(number) > 9 or int(number) >= len(images):
        shown = shorten(text, 40)
        raise UserError(f"{shown}: expected builtin:N with N from 0 to {len(images) - 1}, for example builtin:5.")
    place = int(number)
    seen = False
    if _knows_builtin(config):
        training, _ = split_places(images.labels, config["settings"]["test_share"], config.get("seed", 0))
        seen = bool(np.isin(place, training))
    return Picture(text, images.pixels[place], images.classes[images.labels[place]], seen)
