"""What goes wrong in gradient descent on x² in many sizes: rounding, stopping early, rates and counts of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from groundup.judge.exercise import Mistake

STEP = "guess - learning_rate * slope(guess)"
MOVE = f"guess = {STEP}"
LOOP = f"for _ in range(iterations):\n        {MOVE}"


def list_variants(walk: Callable[..., Mistake], slope: Callable[..., Mistake]) -> Iterator[Mistake]:
    """Yield mistakes that differ by a number alone.

    Parameters
    ----------
    walk, slope : callable
        Name, text and edit → a mistake in the walk, or in the slope.
    """
    for places in (2, 4, 3, 1):
        yield walk(
            f"the result rounded to {places} place{'s' * (places > 1)}",
            f"The walk is right, but you round the result to {places} place{'s' * (places > 1)}. Keep at "
            "least 5 decimal places.",
            "return guess",
            f"return round(guess, {places})",
        )
    yield walk(
        "the result rounded to a whole number",
        "The walk is right, but you round the result to a whole number. Keep at least 5 decimal places: "
        "round(guess, 5).",
        "return guess",
        "return round(guess)",
    )
    for rate in (0.01, 0.1, 0.001):
        yield walk(
            f"learning rate always {rate:g}",
            f"Your learning rate is {rate:g} whatever is given: use the argument learning_rate.",
            "learning_rate * slope",
            f"{rate} * slope",
        )
    for places in (2, 3, 4):
        yield walk(
            f"rounded to {places} places inside the loop",
            f"You round the guess to {places} places in every step, and continue from there. Near the minimum "
            "the walk stalls. Round once, at the end.",
            STEP,
            f"round({STEP}, {places})",
        )
    yield walk(
        "the step rounded",
        "You round each step to 5 decimal places before it is subtracted, so the small ones are lost. Round "
        "once, at the end.",
        "learning_rate * slope(guess)",
        "round(learning_rate * slope(guess), 5)",
    )
    for small in (0.01, 1e-3, 1e-4, 1e-5, 1e-6, 0.1):
        for what, code in (("slope", "slope(guess)"), ("step", "learning_rate * slope(guess)"), ("guess", "guess")):
            yield walk(
                f"stops once the {what} is below {small:g}",
                f"It stops as soon as the {what} is smaller than {small:g}, with steps left over. Take exactly `iterations` steps, "
                "however small they are.",
                MOVE,
                f"if abs({code}) < {small}:\n            break\n        {MOVE}",
            )
        yield walk(
            f"stops after the first step below {small:g}",
            f"It stops once a step is smaller than {small:g}, with steps left over. Take exactly `iterations` steps, however small "
            "they are.",
            MOVE,
            f"before, {MOVE.replace(' = ', ' = guess, ')}\n        if abs(guess - before) < {small}:\n            break",
        )
    for width in (0.1, 0.01, 1e-3, 1e-4, 1.0):
        yield slope(
            f"the slope over a width of {width:g}",
            f"You take the difference of x² over a width of {width:g} for the slope, which gives 2x + {width:g}. The slope at x itself "
            "is 2x.",
            f"((x + {width}) ** 2 - x**2) / {width}",
        )
    for name, code in (
        ("divided by the number of the step", "learning_rate / (step + 1)"),
        ("times the number of the step", "learning_rate * step"),
        ("smaller by a tenth in each step", "learning_rate * 0.9**step"),
        ("smaller by a hundredth in each step", "learning_rate * 0.99**step"),
        ("halved in each step", "learning_rate * 0.5**step"),
    ):
        yield walk(
            f"learning rate {name}",
            f"Your learning rate is {name}. Here it stays the same in all steps.",
            LOOP,
            f"for step in range(iterations):\n        guess = guess - {code} * slope(guess)",
        )
    for momentum in (0.9, 0.5):
        yield walk(
            f"momentum of {momentum:g}",
            f"Your steps keep {momentum:g} of the step before (momentum). Here a step is the learning rate times the slope alone.",
            LOOP,
            f"velocity = 0.0\n    for _ in range(iterations):\n        velocity = {momentum} * velocity + slope(guess)\n"
            "        guess = guess - learning_rate * velocity",
        )
    for count in (100, 10, 1000):
        yield walk(
            f"always {count} steps",
            f"It takes {count} steps however many are asked for: use the argument iterations.",
            "range(iterations)",
            f"range({count})",
        )
    for first in ("0.0", "1.0", "10.0"):
        yield walk(
            f"always starts at {float(first):g}",
            f"It starts at {float(first):g} whatever first guess is given: use the argument init.",
            "guess = start",
            f"guess = {first}",
        )
    for small in (1e-6, 1e-5, 1e-4, 1e-3, 0.01):
        yield walk(
            f"walks until the slope is below {small:g}",
            f"It walks until the slope is smaller than {small:g}, however many steps are asked for. Take exactly `iterations` steps.",
            "for _ in range(iterations):",
            f"while abs(slope(guess)) > {small}:",
        )
