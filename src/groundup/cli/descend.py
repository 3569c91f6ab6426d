"""``groundup descend``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from groundup.base.errors import UserError
from groundup.cli.output import AsJson, emit

if TYPE_CHECKING:
    from torch import Tensor

    from groundup.formulas.expression import Expression

METHODS = ("plain", "momentum", "adam")
MOST_POINTS_IN_JSON = 1000
MOST_STEPS = 100_000
# Fewer steps than these need no bar.
QUICK_STEPS = 500
LONGEST_DERIVATIVE = 1000


def descend(
    expression: Annotated[str, typer.Argument(help='What to minimise, such as "x**2 + y**2".')],
    start: Annotated[str, typer.Option(help="Where to start: x=2,y=5.")],
    learning_rate: Annotated[float, typer.Option(help="The size of a step where the derivative is 1.")] = 0.1,
    steps: Annotated[int, typer.Option(help="How many steps.")] = 100,
    method: Annotated[str, typer.Option(help="plain, momentum or adam.")] = "plain",
    momentum: Annotated[float, typer.Option(help="For momentum: the share of the last velocity that is kept.")] = 0.9,
    out: Annotated[Path, typer.Option(help="The file of the picture.")] = Path("descent.png"),
    picture: Annotated[bool, typer.Option(help="Draw the path.")] = True,
    check: Annotated[
        bool, typer.Option("--check", help="Compare the gradient at the start with central differences.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Minimise a function that you type by gradient descent, and draw the path."""
    import torch
    from rich.markup import escape

    from groundup.formulas.expression import parse_expression
    from groundup.steps.c1_descent.descent import minimize
    from groundup.tasks.descent_picture import draw_descent
    from groundup.tasks.protocol import Report

    if method not in METHODS:
        raise UserError(f"--method {method}: choose one of {', '.join(METHODS)}.")
    if steps > MOST_STEPS:
        raise UserError(
            f"--steps {steps}: at most {MOST_STEPS:,}. Take a larger learning rate or another --method to get further."
        )
    function = parse_expression(expression)
    point = read_start(start, function.variables)
    checked = check_gradient(function, point) if check else None
    with _counted(function, steps) as walked:
        path = minimize(walked, point, learning_rate, steps, method, momentum)  # type: ignore[arg-type]
    derivatives = function.derivatives()
    if picture:
        draw_descent(
            function, function.variables, f"{expression}   (learning rate {learning_rate:g}, {method})", path, out
        )
    names = function.variables
    end = dict(zip(names, path.end.tolist(), strict=True))
    value = float(path.values[-1])
    trajectory = torch.cat([path.points, path.values[:, None]], dim=1).tolist()
    facts = {
        "expression": expression,
        "derivatives": derivatives,
        "method": method,
        "learning_rate": learning_rate,
        "steps": len(path.points) - 1,
        "start": dict(zip(names, point, strict=True)),
        "end": end,
        "value": value,
        "outcome": path.outcome,
        "diverged": path.diverged,
        "message": path.message,
        "picture": str(out) if picture else None,
        "trajectory": _thin(trajectory),
        **({"gradient_check": checked} if checked else {}),
    }
    lines = [f"f({', '.join(names)}) = {expression}"]
    lines += [f"df/d{name} = {_shorten(derivative)}" for name, derivative in derivatives.items()]
    lines.append(f"after {len(path.points) - 1} steps: " + ", ".join(f"{name} = {x:.10g}" for name, x in end.items()))
    lines += _describe_check(checked) if checked else []
    lines += [f"value {value:.6g}", path.message, *([f"picture {escape(str(out))}"] if picture else [])]
    emit(Report(facts=facts, lines=lines), as_json)
    if checked and not checked["agrees"]:
        raise typer.Exit(1)


def check_gradient(function: Expression, point: list[float]) -> dict[str, Any]:
    """Return the gradient at a point by automatic differentiation and by central differences, and compare them."""
    import numpy as np
    import torch

    from groundup.steps.c1_descent.descent import slope
    from groundup.steps.c1_descent.numerical_gradient import (
        choose_h,
        is_same,
        numerical_gradient,
        relative_difference,
    )

    where = np.array(point)
    h = choose_h(where)
    value, slopes = slope(function, torch.tensor(point, dtype=torch.float64))
    gradient = slopes.numpy()
    numerical = numerical_gradient(lambda x: float(function(torch.tensor(x))), where, h)
    difference = relative_difference(gradient, numerical)
    known = np.isfinite(difference)
    return {
        "h": h,
        "gradient": dict(zip(function.variables, gradient.tolist(), strict=True)),
        "central_differences": dict(
            zip(function.variables, [one if np.isfinite(one) else None for one in numerical.tolist()], strict=True)
        ),
        "relative_difference": difference if known else None,
        "agrees": is_same(gradient, numerical, float(value)),
    }


def _describe_check(checked: dict[str, Any]) -> list[str]:
    lines = [
        f"df/d{name} at the start: {slope:.10g} by automatic differentiation, "
        + (f"{other:.10g} by central differences" if other is not None else "no finite central difference")
        for (name, slope), other in zip(
            checked["gradient"].items(), checked["central_differences"].values(), strict=True
        )
    ]
    if checked["agrees"]:
        return [*lines, f"They agree: the relative difference is {checked['relative_difference']:.1e}."]
    apart = checked["relative_difference"]
    told = "" if apart is None else f" The relative difference is {apart:.1e}."
    return [
        *lines,
        f"They do not agree.{told} The function has a kink, a jump or an end within {checked['h']:.1e} of the start, "
        "or bends very sharply.",
    ]


@contextmanager
def _counted(function: Callable[[Tensor], Tensor], steps: int) -> Iterator[Callable[[Tensor], Tensor]]:
    """Let a long descent show its progress: every step computes the function's value once."""
    from groundup.base.reporting import Reporter

    if steps <= QUICK_STEPS:
        yield function
        return
    with Reporter().progress(steps, "walking") as bar:

        def counted(point: Tensor) -> Tensor:
            bar.advance()
            return function(point)

        yield counted


def _shorten(derivative: str) -> str:
    left_out = len(derivative) - LONGEST_DERIVATIVE
    return derivative if left_out <= 0 else f"{derivative[:LONGEST_DERIVATIVE]} … ({left_out:,} more characters)"


def read_start(text: str, variables: tuple[str, ...]) -> list[float]:
    """Read ``x=2,y=5`` into a point, with one coordinate per variable."""
    given: dict[str, float] = {}
    for part in text.split(","):
        name, equals, number = (piece.strip() for piece in part.partition("="))
        if not equals:
            if len(variables) == 1 and len(text.split(",")) == 1:
                name, number = variables[0], part
            else:
                raise UserError(f'--start "{text}": expected a value for each variable, such as {_example(variables)}.')
        if name not in variables:
            raise UserError(f'--start: the expression has no "{name}"; it has {", ".join(variables)}.')
        if name in given:
            raise UserError(f'--start: "{name}" is given twice.')
        try:
            given[name] = float(number)
        except ValueError as error:
            raise UserError(f'--start: "{number.strip()}" for {name} is not a number.') from error
        if not abs(given[name]) < float("inf"):
            raise UserError(f"--start: {name} must be a finite number, not {number.strip()}.")
    missing = [name for name in variables if name not in given]
    if missing:
        raise UserError(f"--start: no value for {', '.join(missing)}. Write for example {_example(variables)}.")
    return [given[name] for name in variables]


def _example(variables: tuple[str, ...]) -> str:
    return "--start " + ",".join(f"{name}={place + 2}" for place, name in enumerate(variables))


def _thin(points: list[list[float]]) -> list[list[float]]:
    """Keep the first point, the last point and evenly spaced ones between, so that a long path stays readable."""
    if len(points) <= MOST_POINTS_IN_JSON:
        return points
    stride = (len(points) - 1) / (MOST_POINTS_IN_JSON - 1)
    return [points[round(place * stride)] for place in range(MOST_POINTS_IN_JSON)]
