"""Three optimizers on one landscape, from the same start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from groundup.lessons.origins import Factor, trace_sum
from groundup.lessons.views import Choice, Points, Slider, View
from groundup.steps.c4_training.optimisers import adam_step, sgd_step

MOST_STEPS = 100


def valley(w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return height and gradient of a valley that is 100 times as steep across as along."""
    x, y = w[..., 0], w[..., 1]
    return 0.01 * x**2 + y**2, np.stack([0.02 * x, 2 * y], axis=-1)


def diagonal(w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return height and gradient of the same valley, turned by 45°."""
    turn = np.array([[1, -1], [1, 1]]) / 2**0.5
    height, gradient = valley(w @ turn)
    return height, gradient @ turn.T


def bowl(w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return height and gradient of a round bowl."""
    return 0.25 * (w**2).sum(axis=-1), 0.5 * w


def saddle(w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return height and gradient of a saddle between two hollows, at y = −3 and 3."""
    x, y = w[..., 0], w[..., 1]
    return 0.05 * x**2 + 0.02 * (y**2 - 9) ** 2, np.stack([0.1 * x, 0.08 * y * (y**2 - 9)], axis=-1)


def waves(w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return height and gradient of a bowl with small hollows in it."""
    x, y = w[..., 0], w[..., 1]
    height = 0.05 * x**2 + 0.1 * y**2 + 0.5 * (2 - np.cos(1.5 * x) - np.cos(1.5 * y))
    return height, np.stack([0.1 * x + 0.75 * np.sin(1.5 * x), 0.2 * y + 0.75 * np.sin(1.5 * y)], axis=-1)


LANDSCAPES = {"valley": valley, "diagonal valley": diagonal, "bowl": bowl, "saddle": saddle, "waves": waves}
WIDE, HIGH = 10.0, 5.0
FAR = 1e6  # where a ball stops
# How much of its velocity momentum keeps, and how much of its means Adam; what prevents its division by 0.
KEPT, BETAS, EPSILON = 0.9, (0.9, 0.999), 1e-8


Landscape = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


def walk(
    landscape: Landscape, start: list[float], name: str, rate: float, keeps: float = KEPT
) -> tuple[np.ndarray, np.ndarray]:
    """Return a ball's way by one rule, one step more than is shown, and what the rule has kept after each step.

    ``keeps`` says how much of its velocity momentum keeps.

    Returns
    -------
    path : np.ndarray, shape (step, 3)
        Rows (x, y, height), the start first; it stops growing at a million.
    kept : np.ndarray, shape (step, 3, 2)
        The velocity, and Adam's running means of the gradient and of its square, each along x and along y.
    """
    w = np.array(start)
    velocity, first, second = np.zeros(2), np.zeros(2), np.zeros(2)
    path = [[*w, landscape(w)[0]]]
    kept = [[velocity, first, second]]
    for step in range(1, MOST_STEPS + 2):
        gradient = landscape(w)[1]
        if name == "plain":
            w = sgd_step(w, gradient, rate)
        elif name == "momentum":
            velocity = keeps * velocity + gradient
            w = sgd_step(w, velocity, rate)
        else:
            w, first, second = adam_step(w, gradient, first, second, step, rate)
        w = np.clip(w, -FAR, FAR)
        path.append([*w, landscape(w)[0]])
        kept.append([velocity, first, second])
    return np.array(path), np.array(kept)


def trace_steps(
    landscape: Landscape, ways: dict[str, tuple[np.ndarray, np.ndarray]], rates: dict[str, float], step: int
) -> dict[str, Any]:
    """Return where the rules' steps from ``step`` to the next one come from.

    The keys hold rule, direction and ``step``, such as ``adam_x0``.
    """
    found: dict[str, Any] = {}
    for name, (path, kept) in ways.items():
        gradient = landscape(path[step, :2])[1]
        for place, along in enumerate("xy"):
            if abs(path[step + 1, place]) >= FAR:
                continue  # it stands still there
            move = float(path[step + 1, place] - path[step, place])
            key = f"_{along}{step}"
            g, before = float(gradient[place]), kept[step, :, place].tolist()
            slope, back = Factor("gradient g", g), Factor("−α", -rates[name])
            title = f"step of the {('first', 'second')[place]} weight"
            if name == "plain":
                found[f"plain{key}"] = trace_sum(title, move, [back, slope])
            elif name == "momentum":
                u = KEPT * before[0] + g
                found[f"u{key}"] = trace_sum(
                    "velocity u", u, [Factor(f"{KEPT:g}", KEPT), Factor("u before", before[0])], [slope]
                )
                found[f"momentum{key}"] = trace_sum(title, move, [back, Factor("u", u, f"u{key}")])
            else:
                found |= trace_adam(title, move, back, slope, before[1:], key, step + 1)
    return found


def trace_adam(
    title: str, move: float, back: Factor, slope: Factor, before: list[float], key: str, step: int
) -> dict[str, Any]:
    """Return where a step of Adam comes from: its running means, their corrections, and the quotient of both.

    Parameters
    ----------
    title, move : str and float
        The step.
    back, slope : Factor
        The learning rate, negative, and the derivative.
    before : list of float
        Both running means before the step.
    key : str
        The end of all keys.
    step : int
        Its number, from 1.
    """
    first, second = BETAS
    m = first * before[0] + (1 - first) * slope.value
    v = second * before[1] + (1 - second) * slope.value**2
    shares = [1 - first**step, 1 - second**step]
    mean, root = m / shares[0], float(np.sqrt(v / shares[1])) + EPSILON
    return {
        f"m{key}": trace_sum(
            "m", m, [Factor("β₁", first), Factor("m before", before[0])], [Factor("(1 − β₁)", 1 - first), slope]
        ),
        f"v{key}": trace_sum(
            "v",
            v,
            [Factor("β₂", second), Factor("v before", before[1])],
            [Factor("(1 − β₂)", 1 - second), slope, slope],
        ),
        f"mean{key}": trace_sum(
            "m corrected", mean, [Factor("m", m, f"m{key}"), Factor(f"(1 − β₁^{step})", shares[0], over=True)]
        ),
        f"root{key}": trace_sum(
            "root of v corrected",
            root,
            [Factor("v", v, f"v{key}"), Factor(f"(1 − β₂^{step})", shares[1], over=True)],
            then="√(·)",
        ),
        f"adam{key}": trace_sum(
            title,
            move,
            [
                back,
                Factor("m corrected", mean, f"mean{key}"),
                Factor("root of v corrected", root, f"root{key}", over=True),
            ],
        ),
    }


def compute_race(
    landscape: str, start: list[list[float]], plain: float, momentum: float, adam: float, steps: int
) -> dict[str, Any]:
    """Return the ways of three balls from the same start.

    Returns
    -------
    dict
        ``heights``: the landscape on a grid of 51 rows (y from −5 to 5) of 41 columns (x from −10 to 10); ``paths``:
        per rule, rows (x, y, height); ``moves``: per rule, how far each step goes along x and y, also the one after the
        last; ``origins``: of the moves from ``steps`` on (`trace_steps`); ``says``: where the balls are then.
    """
    function = LANDSCAPES[landscape]
    begin = [min(WIDE, max(-WIDE, start[0][0])), min(HIGH, max(-HIGH, start[0][1]))]
    x, y = np.meshgrid(np.linspace(-WIDE, WIDE, 41), np.linspace(-HIGH, HIGH, 51))
    rates = {"plain": plain, "momentum": momentum, "adam": adam}
    ways = {name: walk(function, begin, name, rate) for name, rate in rates.items()}
    paths = {name: path[:-1] for name, (path, _) in ways.items()}
    words = {"plain": "plain descent", "momentum": "momentum", "adam": "Adam"}
    told = ", ".join(f"{words[name]} {path[steps][2]:.3g}" for name, path in paths.items())
    return {
        "heights": function(np.stack([x, y], axis=-1))[0],
        "paths": paths,
        "moves": {name: np.diff(path[:, :2], axis=0) for name, (path, _) in ways.items()},
        "origins": trace_steps(function, ways, rates, steps),
        "says": f"Heights at step {steps}: {told}.",
    }


def _rate(name: str, label: str, value: float) -> Slider:
    return Slider(name, label, value, low=0.01, high=2.0, step=0.01, log=True)


RACE = View(
    "Three optimizers on one landscape, from the same start",
    compute_race,
    (
        Choice("landscape", "landscape", "valley", tuple(LANDSCAPES)),
        _rate("plain", "plain descent α", 0.1),
        _rate("momentum", "momentum α", 0.1),
        _rate("adam", "Adam α", 0.1),
        Points("start", "start", ((-9.0, 4.0),), least=1, most=1),
        Slider("steps", "steps", 0, low=0, high=MOST_STEPS, step=1, plays=True),
    ),
)
