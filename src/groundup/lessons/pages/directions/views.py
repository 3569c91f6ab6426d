"""What the views of several directions show: a landscape from above, a walk over it, and slopes at a point."""

from __future__ import annotations

from functools import cached_property, lru_cache, partial
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from groundup.base.errors import UserError
from groundup.formulas.expression import Expression, parse_expression
from groundup.lessons.contours import trace_contours
from groundup.lessons.origins import Factor, Term, trace_sum
from groundup.lessons.views import Choice, Slider, TextBox, View
from groundup.steps.c1_descent.descent import slope
from groundup.steps.c1_descent.gradient_descent import walk_down, walk_down_together

REACH = 6.0
AT_ONCE, ONE_AT_A_TIME, AFTER = WAYS = ("all at once", "one knob at a time", "y after x")
LEG = 10
MOST_STEPS = 40
LEVELS = 12
_FAR = 1e6
_NAMES = ("x", "y")


class Landscape:
    """A formula of x and y, as a function of a point (x, y)."""

    def __init__(self, formula: str) -> None:
        self.expression: Expression = parse_expression(formula)
        others = [name for name in self.expression.variables if name not in _NAMES]
        if others or not self.expression.variables:
            have = f"this has {', '.join(others)}" if others else "this has none"
            raise UserError(f"A function of x and y is wanted, such as x^2 + 8*y^2; {have}.")
        self._places = [_NAMES.index(name) for name in self.expression.variables]

    def __call__(self, point: Tensor) -> Tensor:
        """Return the height at a point, shape (2,), or at many, shape (2, ...)."""
        return self.expression(torch.stack([point[place] for place in self._places]))

    def gradient(self, point: list[float]) -> list[float]:
        """Return the slopes along x and along y at a point."""
        return [float(part) for part in slope(self, torch.tensor(point, dtype=torch.float64))[1]]

    @cached_property
    def derivatives(self) -> list[str]:
        """∂f/∂x and ∂f/∂y as text."""
        known = self.expression.derivatives()
        return [_write_formula(known.get(name, "0")) for name in _NAMES]

    @cached_property
    def parts(self) -> list[list[list[Part]]]:
        """∂f/∂x and ∂f/∂y as sums of products: for each its terms, and for each term its factors."""
        return [split_derivative(self.expression, name) for name in _NAMES]


class Part(NamedTuple):
    """A factor in a derivative.

    Attributes
    ----------
    label : str
        As it is written.
    formula : Expression or float
        What it is.
    over : bool
        Whether the product is divided by it.
    """

    label: str
    formula: Expression | float
    over: bool

    def compute(self, point: Tensor) -> float:
        """Return its value at a point (x, y)."""
        if isinstance(self.formula, float):
            return self.formula
        return float(self.formula(point[[_NAMES.index(name) for name in self.formula.variables]]))


def split_derivative(expression: Expression, name: str) -> list[list[Part]]:
    """Return a partial derivative as a sum of products; nothing where a part of it cannot be typed, such as sign(x)."""
    import sympy

    found = []
    for term in sympy.Add.make_args(sympy.diff(expression.symbolic(), sympy.Symbol(name, real=True))):
        above, below = sympy.fraction(term)
        pairs = [
            (factor, over) for side, over in ((above, False), (below, True)) for factor in sympy.Mul.make_args(side)
        ]
        # A product of nothing is written as 1, and a 1 among others is left out.
        kept = [(factor, over) for factor, over in pairs if factor != 1] or [(above, False)]
        if kept[0][1]:
            kept.insert(0, (above, False))
        try:
            found.append([_read_part(factor, over) for factor, over in kept])
        except UserError:
            return []
    return found


def _read_part(factor: Any, over: bool) -> Part:
    if factor.is_number:
        return Part(show(float(factor)), float(factor), over)
    label = _write_formula(str(factor))
    return Part(f"({label})" if factor.is_Add else label, parse_expression(str(factor)), over)


def _write_formula(text: str) -> str:
    return text.replace("**", "^").replace("*", "·").replace("-", "−")


def trace_slopes(landscape: Landscape, point: list[float], slopes: list[float], ending: str = "") -> dict[str, Any]:
    """Return where the slopes at a point come from, by ``dx`` and ``dy``, each with an ending.

    One is missing where its formula has no value there, or another one than the slope.
    """
    where = torch.tensor(point, dtype=torch.float64)
    found = {}
    for place, name in enumerate(_NAMES):
        terms: list[Term] = [
            [Factor(part.label, part.compute(where), over=part.over) for part in term]
            for term in landscape.parts[place]
        ]
        divides = any(factor.over and not factor.value for term in terms for factor in term)
        if terms and not divides:
            traced = trace_sum(f"∂f/∂{name}", slopes[place], *terms)
            if np.isclose(traced["sum"], slopes[place]):
                found[f"d{name}{ending}"] = traced
    return found


@lru_cache(maxsize=32)
def parse_landscape(formula: str) -> Landscape:
    """Return a formula as a landscape; UserError where it is none."""
    return Landscape(formula)


@lru_cache(maxsize=32)
def draw_map(formula: str) -> dict[str, Any]:
    """Return a landscape's ``contours`` (see `trace_contours`), and its lowest and highest value in the window."""
    axis = np.linspace(-1.05, 1.05, 64) * REACH  # its border lies outside of the picture
    with torch.no_grad():
        points = torch.tensor(np.stack(np.meshgrid(axis, axis)))
        heights = parse_landscape(formula)(points).expand(points.shape[1:]).numpy()
    finite = heights[np.isfinite(heights)]
    if not len(finite):
        raise UserError("This function has no finite value where x and y lie between -6 and 6.")
    # Equal shares of the area between neighbours at first, then a little closer around the lowest place.
    levels = np.unique(np.quantile(finite, np.linspace(0, 1, LEVELS + 2)[1:-1] ** 1.3))
    return {
        "contours": trace_contours(axis, axis, heights, levels) if np.ptp(finite) > 0 else [],
        "low": float(finite.min()),
        "high": float(finite.max()),
    }


def walk(landscape: Landscape, start: list[float], rate: float, steps: int, way: str) -> np.ndarray:
    """Return every point of a walk, the start first, shape (step + 1, 2); it ends early where it flies away."""
    points = [start]
    while len(points) <= steps and np.isfinite(points[-1]).all() and max(map(abs, points[-1])) < _FAR:
        if way == AT_ONCE:
            points.append(walk_down_together(landscape.gradient, points[-1], rate, 1)[-1])
            continue
        point = list(points[-1])
        for place in (0, 1) if way == AFTER else (((len(points) - 1) // LEG) % 2,):
            slopes = landscape.gradient(point)
            point[place] = walk_down(partial(_look_up, slopes, place), point[place], rate, 1)
        points.append(point)
    return np.array(points)


def _look_up(slopes: list[float], place: int, _: float) -> float:
    return slopes[place]


def compute_hill(formula: str, x: float, y: float, rate: float, way: str, steps: int) -> dict[str, Any]:
    """Return a walk over a landscape.

    Returns
    -------
    dict
        ``contours``, see `trace_contours`; ``path``, one row (x, y, f, ∂f/∂x, ∂f/∂y) per step from the start on, for
        `MOST_STEPS` steps or until it flies away; ``derivatives``, two texts; ``origins``: where the slopes after
        ``steps`` steps come from, and the next point; ``says``.
    """
    landscape = parse_landscape(formula)
    drawn = draw_map(formula)
    points = walk(landscape, [x, y], rate, MOST_STEPS, way)
    here = torch.tensor(points.T, requires_grad=True)
    heights = landscape(here).expand(len(points))
    slopes = torch.autograd.grad(heights.sum(), here)[0].numpy().T
    values = heights.detach().numpy()
    if not np.isfinite(values[0]):
        raise UserError("The function has no finite value there. Start somewhere else.")
    at = min(steps, len(points) - 1)
    here_now = f"x = {show(points[at][0])}, y = {show(points[at][1])}, f = {show(values[at])}"
    path = np.c_[points, values, slopes]
    says = f"After {at} step{'' if at == 1 else 's'}: {here_now}."
    return {
        "contours": drawn["contours"],
        "path": path,
        "derivatives": landscape.derivatives,
        "origins": trace_step(landscape, path, at, rate, way),
        "says": says,
    }


def trace_step(landscape: Landscape, path: np.ndarray, at: int, rate: float, way: str) -> dict[str, Any]:
    """Return where the slopes after a step of a walk come from (keys such as ``dx3``), and the next point (``x3``).

    Parameters
    ----------
    landscape, rate, way
        As of `walk`.
    path : np.ndarray
        One row (x, y, f, ∂f/∂x, ∂f/∂y) per step.
    at : int
        The step.
    """
    slopes = path[at, 3:].tolist()
    found = trace_slopes(landscape, path[at, :2].tolist(), slopes, str(at))
    for place, name in enumerate(_NAMES if at + 1 < len(path) else ()):
        here, after = float(path[at, place]), float(path[at + 1, place])
        terms: list[Term] = [[Factor(name, here)]]
        if after != here:
            along = Factor(f"∂f/∂{name}", slopes[place], f"d{name}{at}")
            if way == AFTER and name == "y":
                along = Factor("∂f/∂y at the new x", (here - after) / rate)
            terms.append([Factor("−α", -rate), along])
        found[f"{name}{at}"] = trace_sum(f"next {name}", after, *terms)
    return found


def compute_slices(formula: str, x: float, y: float) -> dict[str, Any]:
    """Cut a landscape through a point, along x and along y.

    Returns
    -------
    dict
        ``contours``; ``point``, shape (2,); ``along_x`` and ``along_y``, shape (n, 2): coordinate and height;
        ``value``; ``slopes``, shape (2,); ``low`` and ``high``: the heights in the
        window; ``derivatives``; ``origins``: where the slopes come from; ``says``.
    """
    landscape = parse_landscape(formula)
    drawn = draw_map(formula)
    axis = torch.linspace(-REACH, REACH, 121, dtype=torch.float64)
    with torch.no_grad():
        along_x = landscape(torch.stack([axis, torch.full_like(axis, y)])).expand(axis.shape)
        along_y = landscape(torch.stack([torch.full_like(axis, x), axis])).expand(axis.shape)
        value = float(landscape(torch.tensor([x, y], dtype=torch.float64)))
    slopes = landscape.gradient([x, y])
    if not np.isfinite([value, *slopes]).all():
        raise UserError("The function has no finite value or slope there. Choose another point.")
    dx, dy = landscape.derivatives
    return {
        "contours": drawn["contours"],
        "point": [x, y],
        "along_x": _finite(axis, along_x),
        "along_y": _finite(axis, along_y),
        "value": value,
        "slopes": slopes,
        "low": drawn["low"],
        "high": drawn["high"],
        "derivatives": [dx, dy],
        "origins": trace_slopes(landscape, [x, y], slopes),
        "says": f"At ({show(x)}, {show(y)}): ∂f/∂x = {dx} = {show(slopes[0])}, ∂f/∂y = {dy} = {show(slopes[1])}.",
    }


def compute_compass(formula: str, x: float, y: float, direction: int) -> dict[str, Any]:
    """Return the slope of a landscape at a point, in every direction.

    Returns
    -------
    dict
        ``contours``; ``point``, shape (2,); ``slopes`` along x and y, shape (2,); ``turn``, one row (degrees from the
        x axis, slope in that direction) each; ``arrow``, the direction as a vector of length 1; ``slope`` in it;
        ``steepest``: the degrees of the gradient, None where it is 0; ``origins``: where the slopes come from;
        ``says``.
    """
    landscape = parse_landscape(formula)
    slopes = np.array(landscape.gradient([x, y]))
    if not np.isfinite(slopes).all():
        raise UserError("The function has no finite slope there. Choose another point.")
    degrees = np.arange(0, 361, 5)
    ways = _point(degrees)
    arrow = _point(np.array(direction))
    found = float(arrow @ slopes)
    along_x, along_y = (f"{_enclose(part)} · {_enclose(slope)}" for part, slope in zip(arrow, slopes, strict=True))
    size = float(np.linalg.norm(slopes))
    ways_named = zip(("to the right", "up"), _NAMES, arrow.tolist(), slopes.tolist(), strict=True)
    terms = [[Factor(way, part), Factor(f"∂f/∂{name}", rise, f"d{name}")] for way, name, part, rise in ways_named]
    what = "level" if abs(found) < 1e-9 * (size + 1) else "uphill" if found > 0 else "downhill"
    return {
        "contours": draw_map(formula)["contours"],
        "point": [x, y],
        "slopes": slopes,
        "turn": np.c_[degrees, ways @ slopes],
        "arrow": arrow,
        "slope": found,
        "origins": {
            "slope": trace_sum("slope", found, *terms),
            **trace_slopes(landscape, [x, y], slopes.tolist()),
        },
        "steepest": float(np.degrees(np.arctan2(slopes[1], slopes[0])) % 360) if size else None,
        "says": f"At {direction}° the slope is {along_x} + {along_y} = {show(found)}, {what}.",
    }


def _point(degrees: np.ndarray) -> np.ndarray:
    # Rounded, so that what is 0 is no tiny number.
    angle = np.radians(degrees)
    return np.round(np.stack([np.cos(angle), np.sin(angle)], axis=-1), 12)


def _enclose(number: float) -> str:
    return show(number) if number >= 0 else f"({show(number)})"


def _finite(axis: Tensor, heights: Tensor) -> np.ndarray:
    kept = torch.isfinite(heights)
    return torch.stack([axis[kept], heights[kept]], dim=1).numpy()


def show(number: float) -> str:
    """Return a number as a person reads it."""
    return f"{0.0 if abs(number) < 1e-12 else number:.4g}".replace("-", "−")


VIEWS = {
    "hill": View(
        "A ball on a landscape, seen from above",
        compute_hill,
        (
            TextBox("formula", "f(x, y) =", "x^2 + 8*y^2", most=80),
            Slider("rate", "learning rate α", 0.02, low=0.001, high=1.2, step=0.001, log=True),
            Slider("steps", "steps", 0, low=0, high=MOST_STEPS, step=1, plays=True),
            Choice("way", "way", AT_ONCE, WAYS),
            Slider("x", "start x", 4.0, low=-REACH, high=REACH, step=0.05, hidden=True),
            Slider("y", "start y", 0.0, low=-REACH, high=REACH, step=0.05, hidden=True),
        ),
    ),
    "slices": View(
        "Two cuts through a landscape",
        compute_slices,
        (
            TextBox("formula", "f(x, y) =", "x^2 + 8*y^2", most=80),
            Slider("x", "x", 2.0, low=-REACH, high=REACH, step=0.05),
            Slider("y", "y", 1.5, low=-REACH, high=REACH, step=0.05),
        ),
    ),
    "compass": View(
        "The slope in every direction",
        compute_compass,
        (
            TextBox("formula", "f(x, y) =", "x^2 + 8*y^2", most=80),
            Slider("direction", "direction, degrees", 0, low=0, high=360, step=5),
            Slider("x", "x", 2.0, low=-REACH, high=REACH, step=0.05, hidden=True),
            Slider("y", "y", 0.25, low=-REACH, high=REACH, step=0.05, hidden=True),
        ),
    ),
}
