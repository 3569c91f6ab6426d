"""Views: pictures in a lesson that the reader moves.

A view has controls (a slider, a choice, points that are dragged, …) and a function that computes what is drawn, called
a frame, from their values with the steps' own code. The page only draws frames; it computes nothing of the course.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from groundup.base.errors import UserError
from groundup.base.shape import is_number

MOST_LETTERS = 400
MOST_POINTS = 200
DIGITS = 6
MOST_SINGLY = 30  # of more numbers, all are rounded at once


class Control(ABC):
    """What a reader can change in a view; its name is that of the argument which gets its value."""

    name: str
    label: str

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """Return what a page needs to draw it: kind, name, label, value, bounds."""

    @abstractmethod
    def check(self, value: Any) -> Any:
        """Return a value that came from a page as the function takes it.

        Raises
        ------
        UserError
            It is not a value that this control can have.
        """

    def _refuse(self, expected: str) -> UserError:
        return UserError(f"{self.name}: must be {expected}.")


@dataclass(frozen=True)
class Slider(Control):
    """A number between two bounds.

    Attributes
    ----------
    name, label : str
        The argument, and the words beside the slider.
    value, low, high, step : float
        The default, the bounds, the smallest change. If all are whole numbers, the function gets an int.
    log : bool
        Whether equal distances on the slider multiply the value by equal factors; the bounds are then above 0.
    plays : bool
        Whether Play moves it, from low to high, and Step by one step.
    hidden : bool
        Whether it has no slider: the hand moves it in the picture alone.
    """

    name: str
    label: str
    value: float
    low: float
    high: float
    step: float
    log: bool = False
    plays: bool = False
    hidden: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether its values are whole numbers."""
        return all(float(number).is_integer() for number in (self.value, self.low, self.high, self.step))

    def describe(self) -> dict[str, Any]:
        """Return what a page needs to draw it."""
        return {
            "kind": "slider",
            "name": self.name,
            "label": self.label,
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "step": self.step,
            "log": self.log,
            "plays": self.plays,
            "hidden": self.hidden,
        }

    def list_values(self) -> list[float]:
        """Return the values that the hand can give it, from low to high: those of a logarithmic one have two digits."""
        if self.log:
            first, last = (math.floor(math.log10(end)) for end in (self.low, self.high))
            digits = (f"{tenths}e{power - 1}" for power in range(first, last + 1) for tenths in range(10, 100))
            between = [value for value in map(float, digits) if self.low < value < self.high]
        else:
            count = round((self.high - self.low) / self.step)
            places = max(0, -math.floor(math.log10(self.step))) + 1
            between = [round(self.low + place * self.step, places) for place in range(1, count)]
        return [self.low, *between, self.high]

    def check(self, value: Any) -> float:
        """Return the number; errors as in `Control.check`."""
        if not is_number(value) or not self.low <= value <= self.high:
            raise self._refuse(f"a number from {self.low:g} to {self.high:g}")
        return round(value) if self.is_whole else float(value)


@dataclass(frozen=True)
class Choice(Control):
    """One of a few words.

    Attributes
    ----------
    name, label : str
        The argument, and the words beside the buttons.
    value : str
        The default.
    options : tuple of str
        What there is to choose from.
    words : tuple of str
        What the page shows for each; the options themselves if left out.
    """

    name: str
    label: str
    value: str
    options: tuple[str, ...]
    words: tuple[str, ...] = ()

    def describe(self) -> dict[str, Any]:
        """Return what a page needs to draw it."""
        words = self.words or self.options
        options = [[option, word] for option, word in zip(self.options, words, strict=True)]
        return {"kind": "choice", "name": self.name, "label": self.label, "value": self.value, "options": options}

    def check(self, value: Any) -> str:
        """Return the option; errors as in `Control.check`."""
        if not isinstance(value, str) or value not in self.options:
            raise self._refuse(f"one of {', '.join(self.options)}")
        return value


@dataclass(frozen=True)
class Several(Control):
    """At least one of a few words.

    Attributes
    ----------
    name, label : str
        The argument, which gets a list in the order of the options, and the words beside the buttons.
    value : tuple of str
        The default.
    options : tuple of str
        What there is to choose from.
    """

    name: str
    label: str
    value: tuple[str, ...]
    options: tuple[str, ...]

    def describe(self) -> dict[str, Any]:
        """Return what a page needs to draw it."""
        shown = {"name": self.name, "label": self.label, "value": list(self.value), "options": list(self.options)}
        return {"kind": "several", **shown}

    def check(self, value: Any) -> list[str]:
        """Return the chosen options; errors as in `Control.check`."""
        if not isinstance(value, list) or not value or not all(word in self.options for word in value):
            raise self._refuse(f"one or more of {', '.join(self.options)}")
        return [option for option in self.options if option in value]


@dataclass(frozen=True)
class Switch(Control):
    """Something that is on or off."""

    name: str
    label: str
    value: bool

    def describe(self) -> dict[str, Any]:
        """Return what a page needs to draw it."""
        return {"kind": "switch", "name": self.name, "label": self.label, "value": self.value}

    def check(self, value: Any) -> bool:
        """Return the state; errors as in `Control.check`."""
        if not isinstance(value, bool):
            raise self._refuse("true or false")
        return value


@dataclass(frozen=True)
class TextBox(Control):
    """A line of text, of at most 400 characters. What the function refuses (`UserError`) is shown under it.

    ``example`` is shown while it is empty.
    """

    name: str
    label: str
    value: str
    most: int = MOST_LETTERS
    example: str = ""

    def describe(self) -> dict[str, Any]:
        """Return what a page needs to draw it."""
        shown = {"kind": "text", "name": self.name, "label": self.label, "value": self.value, "most": self.most}
        return {**shown, "example": self.example}

    def check(self, value: Any) -> str:
        """Return the text; errors as in `Control.check`."""
        if not isinstance(value, str) or len(value) > self.most:
            raise self._refuse(f"a text of at most {self.most} characters")
        return value


@dataclass(frozen=True)
class Points(Control):
    """Points that the hand drags, adds and removes: rows of finite numbers, all of the same length.

    Attributes
    ----------
    name, label : str
        The argument, and what the points are.
    value : tuple of tuple of float
        The default. A third number is a class.
    least, most : int
        How many points there may be.
    numbers : int
        How many numbers each has, where the default holds no points.
    """

    name: str
    label: str
    value: tuple[tuple[float, ...], ...]
    least: int = 1
    most: int = MOST_POINTS
    numbers: int = 2

    def describe(self) -> dict[str, Any]:
        """Return what a page needs to draw it."""
        value = [list(point) for point in self.value]
        bounds = {"least": self.least, "most": self.most}
        return {"kind": "points", "name": self.name, "label": self.label, "value": value, **bounds}

    def check(self, value: Any) -> list[list[float]]:
        """Return the points; errors as in `Control.check`."""
        length = len(self.value[0]) if self.value else self.numbers
        expected = self._refuse(f"from {self.least} to {self.most} points of {length} finite numbers")
        if not isinstance(value, list) or not self.least <= len(value) <= self.most:
            raise expected
        if not all(isinstance(point, list) and len(point) == length for point in value):
            raise expected
        if not all(is_number(number) and math.isfinite(number) for point in value for number in point):
            raise expected
        return [[float(number) for number in point] for point in value]


@dataclass(frozen=True)
class Draw(Control):
    """A drawing: ``side`` rows of ``side`` numbers from 0 (paper) to 1 (ink), one list; empty paper by default."""

    name: str
    label: str
    side: int = 28

    def describe(self) -> dict[str, Any]:
        """Return what a page needs to draw it."""
        value = [0.0] * self.side**2
        return {"kind": "draw", "name": self.name, "label": self.label, "value": value, "side": self.side}

    def check(self, value: Any) -> list[float]:
        """Return the numbers; errors as in `Control.check`."""
        fits = isinstance(value, list) and len(value) == self.side**2
        if not fits or not all(is_number(number) and 0 <= number <= 1 for number in value):
            raise self._refuse(f"{self.side**2} numbers from 0 to 1")
        return [float(number) for number in value]


@dataclass(frozen=True)
class View:
    """A picture that the reader moves.

    Attributes
    ----------
    title : str
        What it shows, in a few words.
    compute : callable
        Takes the controls' values by name, returns a frame: a dict of numbers, texts, lists, arrays and tensors. Its
        key ``says`` holds the frame in one or two sentences. Its ``origins`` (`groundup.lessons.origins`) may be a
        function that returns them: a page is sent them when the hand rests. Where ``stream`` is true, a generator of
        frames; the first of them may be ``partial``: it has all but what takes longer than a hand waits, and the whole
        one follows it.
    controls : tuple of Control
        What can be changed.
    stream : bool
        Whether it trains: its frames come one after another out of a process of their own.
    lazy : bool
        Whether the page comes without its first frame and asks for it later: where that takes longer than a moment, or
        depends on the learner's runs.
    more : tuple of str
        The names of the controls that stay folded under "More settings" until the reader asks for them.
    """

    title: str
    compute: Callable[..., Any]
    controls: tuple[Control, ...] = ()
    stream: bool = False
    lazy: bool = False
    more: tuple[str, ...] = ()

    def describe(self) -> dict[str, Any]:
        """Return what a page needs to draw its controls."""
        controls = [{**control.describe(), "more": control.name in self.more} for control in self.controls]
        return {"title": self.title, "stream": self.stream, "lazy": self.lazy, "controls": controls}

    def check(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return every control's value; the defaults for those that are not given.

        Raises
        ------
        UserError
            A value is none that its control can have, or belongs to no control.
        """
        unknown = values.keys() - {control.name for control in self.controls}
        if unknown:
            raise UserError(f"{min(unknown)}: there is no such control.")
        return {
            control.name: control.check(values[control.name] if control.name in values else control.describe()["value"])
            for control in self.controls
        }

    def make_frame(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the frame for the values of controls, as JSON takes it; errors as in `check` and of ``compute``."""
        return self._compute(self.check(values))

    def _compute(self, checked: Mapping[str, Any], whole: bool = True) -> dict[str, Any]:
        frame = self.compute(**checked)
        if callable(frame.get("origins")):
            late = {"origins": frame["origins"]()} if whole else {"origins": {}, "partial": True}
            frame = {**frame, **late}
        plain: dict[str, Any] = simplify(frame)
        return plain

    def answer(self, values: Mapping[str, Any], whole: bool = True) -> dict[str, Any]:
        """Return the frame, the first one of a stream, or ``refused``: what is wrong with something typed.

        ``whole``: whether a partial frame will not do. Errors as in `check`.
        """
        checked = self.check(values)
        try:
            return next(self._list_frames(checked, whole)) if self.stream else self._compute(checked, whole)
        except UserError as error:
            return {"refused": str(error)}

    def make_frames(self, values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the whole frames of a stream, as JSON takes them; errors as in `make_frame`."""
        yield from self._list_frames(self.check(values), whole=True)

    def _list_frames(self, checked: Mapping[str, Any], whole: bool) -> Iterator[dict[str, Any]]:
        for frame in self.compute(**checked):
            if not (whole and frame.get("partial")):
                yield simplify(frame)

    def make_first_frame(self) -> dict[str, Any]:
        """Return the frame with which the view begins."""
        return next(self.make_frames({})) if self.stream else self.make_frame({})


def simplify(value: Any) -> Any:
    """Return a frame as JSON takes it: lists for arrays and tensors, six significant digits, ``None`` for NaN and ∞.

    Examples
    --------
    >>> simplify({"x": np.array([1 / 3, np.inf]), "n": np.int64(3)})
    {'x': [0.333333, None], 'n': 3}
    """
    # What a frame holds thousands of first; to ask whether something is a mapping takes long.
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    if isinstance(value, dict) or (not isinstance(value, list | tuple) and isinstance(value, Mapping)):
        return {str(key): simplify(item) for key, item in value.items()}
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    if isinstance(value, np.ndarray | np.generic):
        if value.dtype.kind != "f":
            return value.tolist()
        if value.size <= MOST_SINGLY:
            return simplify(value.tolist())
        return _round(np.asarray(value, dtype=np.float64))
    if isinstance(value, list | tuple) and len(value) > MOST_SINGLY and all(type(item) is float for item in value):
        return _round(np.array(value))
    return [simplify(item) for item in value]


def _round(numbers: np.ndarray) -> list[Any]:
    finite = np.isfinite(numbers)
    sizes = np.abs(np.where(finite & (numbers != 0), numbers, 1.0))
    scale = 10.0 ** np.clip(DIGITS - 1 - np.floor(np.log10(sizes)), -300, 300)
    with np.errstate(all="ignore"):
        rounded = np.round(numbers * scale) / scale
    found: list[Any] = np.where(np.isfinite(rounded), rounded, numbers).tolist()
    if finite.all():
        return found
    return _replace(found)


def _replace(value: Any) -> Any:
    if isinstance(value, list):
        return [_replace(item) for item in value]
    return value if math.isfinite(value) else None
