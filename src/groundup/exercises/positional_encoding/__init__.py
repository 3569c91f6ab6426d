"""Sinusoidal positions."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the course's signature."""

    def get_positional_encoding(seq_len: int, d_model: int) -> Any:
        return step.sinusoidal_positions(seq_len, d_model)

    return {"get_positional_encoding": get_positional_encoding}


def sizes(seq_len: int, d_model: int) -> dict[str, int]:
    """Return the number of places and the width."""
    return {"T": seq_len, "d": d_model}


def large() -> tuple[str, None, Case]:
    """Return 4,000 places of 256 channels."""
    return "get_positional_encoding", None, (4000, 256)


TABLE, ANGLES = "sinusoidal_positions", "place_angles"

exercise = Exercise(
    name="positional-encoding",
    title="Positional encoding",
    room="text",
    folder=Path(__file__).parent,
    modules=["groundup.steps.positions"],
    reference=reference,
    entries={"get_positional_encoding": ["get_positional_encoding", TABLE, "positional_encoding"]},
    rounding=5,
    tolerance=2e-5,
    libraries=("numpy", "torch"),
    sizes=sizes,
    large=large,
    checks=[
        Check(
            "the table",
            "get_positional_encoding",
            st.tuples(st.integers(1, 9), st.integers(1, 5).map(lambda half: 2 * half)),
            edges=[(2, 4), (1, 2), (50, 6)],
        )
    ],
    mistakes=[
        Mistake(
            "sine and cosine exchanged",
            "Even channels hold sines and odd ones cosines: you have them the other way round, as position 0 shows (it is 0, 1, 0, 1, …).",
            [Edit("angles.sin(), angles.cos()", "angles.cos(), angles.sin()", TABLE)],
        ),
        Mistake(
            "all sines first, then all cosines",
            "You lay the sines in the first half and the cosines in the second. Here they alternate: channel 2i is a sine, 2i + 1 its cosine.",
            [
                Edit(
                    "torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)",
                    "torch.cat([angles.sin(), angles.cos()], dim=-1)",
                    TABLE,
                )
            ],
        ),
        Mistake(
            "sines only",
            "All your channels are sines: the odd ones are cosines.",
            [Edit("angles.cos()]", "angles.sin()]", TABLE)],
        ),
        Mistake(
            "positions from 1",
            "You count the places from 1: the first has position 0.",
            [Edit("torch.arange(time)", "torch.arange(1, time + 1)", TABLE)],
        ),
        Mistake(
            "another base",
            "Your waves use 1000: the base of the powers is 10000.",
            [
                Edit(
                    "place_angles(torch.arange(time), channel, base)",
                    "place_angles(torch.arange(time), channel, 1000.0)",
                    TABLE,
                )
            ],
        ),
        Mistake(
            "transposed",
            "Your table lies the wrong way round: a row for each of the T = {T} places, a column for each of the d = {d} channels.",
            [Edit(".flatten(-2)", ".flatten(-2).T", TABLE)],
        ),
        Mistake(
            "every pair of channels the same wave",
            "All your channels turn at one speed: pair i turns with 10000^(−2i/d). Did you write 2 * i // d? It divides whole numbers, and gives 0 "
            "for every pair.",
            [
                Edit(
                    "angles = place_angles(torch.arange(time), channel, base)",
                    "angles = place_angles(torch.arange(time), channel, 1.0)",
                    TABLE,
                )
            ],
        ),
        Mistake(
            "exponent halved",
            "Your exponent is i/d for pair i. It is 2i/d: the index of the pair's first channel, divided by d.",
            [
                Edit(
                    "angles = place_angles(torch.arange(time), channel, base)",
                    "angles = place_angles(torch.arange(time), channel, base**0.5)",
                    TABLE,
                )
            ],
        ),
        Mistake(
            "exponent doubled",
            "Your exponent is 4i/d for pair i. If your loop runs over the even channels 0, 2, 4, …, its variable is 2i already: do not "
            "double it again.",
            [Edit("/ channel)", "* 2 / channel)", ANGLES)],
        ),
        Mistake(
            "pairs from 1",
            "Your first pair has the exponent 2/d: pairs are counted from 0, so the first one's angle is the place itself.",
            [Edit("torch.arange(0, channel, 2", "torch.arange(2, channel + 2, 2", ANGLES)],
        ),
        Mistake(
            "multiplied by the power of 10000",
            "You multiply the place by 10000^(2i/d): divide by it. Later pairs turn more slowly, not faster.",
            [Edit("1.0 / base ** (", "1.0 * base ** (", ANGLES), Edit("torch.float32", "torch.float64", ANGLES)],
        ),
        Mistake(
            "degrees",
            "You take the angle for degrees and convert it: it is in radians, as np.sin wants it.",
            [Edit(".float() * rates", ".float() * rates * (torch.pi / 180)", ANGLES)],
        ),
        Mistake(
            "places divided by their number",
            "You divide the places by T = {T}. Use the place itself: its row must not depend on how long the text is.",
            [Edit("torch.arange(time)", "torch.arange(time) / time", TABLE)],
        ),
        Mistake(
            "odd channels left 0",
            "Your odd channels are 0: they hold the cosines.",
            [Edit("angles.cos()", "torch.zeros_like(angles)", TABLE)],
        ),
        Mistake(
            "all rows alike",
            "All your rows are nearly the first one: the angles are next to 0. Python reads p / 10000**2*i/d as ((p / 10000²) · i) / d, since a "
            "power binds more tightly than a product. Put the exponent in brackets, and what the place is divided by as well.",
            [
                Edit(
                    "rates = 1.0 / base ** (torch.arange(0, channel, 2, dtype=torch.float32, device=places.device) / channel)",
                    "rates = torch.arange(0, channel // 2) / base**2 / channel",
                    ANGLES,
                )
            ],
        ),
        Mistake(
            "the width outside the exponent",
            "You divide by d = {d} after raising to the power of 2i: the exponent is 2i/d, all of it. Put it in brackets.",
            [Edit("device=places.device) / channel)", "device=places.device)) / channel", ANGLES)],
        ),
        Mistake(
            "an angle for each channel",
            "Sine and cosine of a pair have different angles in your table: both channels of a pair share the exponent 2i/d.",
            [
                Edit(
                    "torch.stack([angles.sin(), angles.cos()], dim=-1)",
                    "torch.stack([angles.sin(), (angles * base ** (-1 / channel)).cos()], dim=-1)",
                    TABLE,
                )
            ],
        ),
        Mistake(
            "not an angle but the place",
            "You return the angles themselves: take their sines and cosines.",
            [Edit("torch.stack([angles.sin(), angles.cos()], dim=-1)", "torch.stack([angles, angles], dim=-1)", TABLE)],
        ),
    ],
)
