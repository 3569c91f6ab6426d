"""What goes wrong in a gradient check: in the two points, the quotient, the lengths and the result."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

NUMERICAL, DIFFERENCE = "numerical_gradient", "relative_difference"
COPIES = "above, below = point.astype(float), point.astype(float)"
UP, DOWN = "above[place] += h", "below[place] -= h"
QUOTIENT = "(function(above) - function(below)) / (2 * h)"
LENGTHS = "np.linalg.norm(gradient) + np.linalg.norm(numerical)"
RESULT = "np.linalg.norm(gradient - numerical) / lengths"


def wrong(name: str, says: str, *edits: tuple[str, str]) -> Mistake:
    """Return a mistake in the central differences."""
    return Mistake(name, says, [Edit(old, new, NUMERICAL) for old, new in edits])


def compared(name: str, says: str, *edits: tuple[str, str]) -> Mistake:
    """Return a mistake in the comparison."""
    return Mistake(name, says, [Edit(old, new, DIFFERENCE) for old, new in edits])


POINTS = [
    wrong(
        "difference on one side",
        "You compare f(x + h) with f(x). Central differences take a point on each side, f(x + h) − f(x − h), and divide by 2h: their error is much smaller.",
        (QUOTIENT, "(function(above) - function(point.astype(float))) / h"),
    ),
    wrong(
        "difference on the lower side",
        "You compare f(x) with f(x − h). Central differences take a point on each side, f(x + h) − f(x − h), and divide by 2h.",
        (QUOTIENT, "(function(point.astype(float)) - function(below)) / h"),
    ),
    wrong(
        "divided by h instead of 2h",
        "Your slopes are twice what they should be: the two points are 2h apart.",
        ("/ (2 * h)", "/ h"),
    ),
    wrong(
        "divided by 2, multiplied by h",
        "a / 2 * h divides by 2 and then multiplies by h. Write brackets: a / (2 * h).",
        ("/ (2 * h)", "/ 2 * h"),
    ),
    wrong(
        "not divided by 2h",
        "You return how much the value changes. The slope is the change divided by the distance, 2h.",
        (" / (2 * h)", ""),
    ),
    wrong(
        "divided by h²",
        "You divide by h². That belongs to the second derivative; a slope is divided by the distance of the points, 2h.",
        ("/ (2 * h)", "/ h**2"),
    ),
    wrong(
        "the second derivative",
        "You compute f(x + h) − 2 f(x) + f(x − h), the second derivative. The slope is (f(x + h) − f(x − h)) / (2h).",
        (QUOTIENT, "(function(above) - 2 * function(point.astype(float)) + function(below)) / h**2"),
    ),
    wrong(
        "divided by 2h and once more by 2",
        "Your slopes are half of what they should be: the points are 2h apart, so divide by 2h once.",
        ("/ (2 * h)", "/ (4 * h)"),
    ),
    wrong(
        "sign of the difference",
        "Your slopes have the wrong sign: it is the value above minus the value below.",
        ("function(above) - function(below)", "function(below) - function(above)"),
    ),
    wrong(
        "values added",
        "You add the two values. The slope comes from their difference.",
        ("function(above) - function(below)", "function(above) + function(below)"),
    ),
    wrong(
        "all coordinates moved at once",
        "You move all coordinates together, x + h. A partial derivative moves one and leaves the others where they are.",
        (UP, "above += h"),
        (DOWN, "below -= h"),
    ),
    wrong(
        "coordinates stay moved",
        "A coordinate that was moved stays where it is while the next one moves: make a fresh copy of x for every coordinate.",
        (
            f"for place in range(len(point)):\n        {COPIES}",
            f"{COPIES}\n    for place in range(len(point)):",
        ),
    ),
    wrong(
        "x moved and not put back",
        "You move x itself and do not put the coordinate back: it stays at x[i] − h while the next one moves. Put it back, or work on a copy.",
        (
            f"{COPIES}\n        {UP}\n        {DOWN}\n",
            "point[place] += h\n        up = function(point)\n        point[place] -= 2 * h\n",
        ),
        (QUOTIENT, "(up - function(point)) / (2 * h)"),
    ),
    wrong(
        "both points are x itself",
        "Both of your points are x itself, so they are always equal: a = x makes no copy, x.copy() does.",
        (COPIES, "above = below = point"),
    ),
    wrong(
        "the upper point is x itself",
        "Your upper point is x itself, so x stays moved while the next coordinate moves: a = x makes no copy, x.copy() does.",
        (COPIES, "above, below = point, point.astype(float)"),
    ),
    wrong(
        "only the upper copy goes back",
        "The lower point keeps the coordinates that moved before: make both copies fresh for every coordinate.",
        (
            f"for place in range(len(point)):\n        {COPIES}",
            "below = point.astype(float)\n    for place in range(len(point)):\n        above = point.astype(float)",
        ),
    ),
    wrong(
        "only the lower copy goes back",
        "The upper point keeps the coordinates that moved before: make both copies fresh for every coordinate.",
        (
            f"for place in range(len(point)):\n        {COPIES}",
            "above = point.astype(float)\n    for place in range(len(point)):\n        below = point.astype(float)",
        ),
    ),
    wrong(
        "the coordinate multiplied instead of moved",
        "You multiply the coordinate by 1 + h and 1 − h. It moves by h to each side, whatever its size.",
        (UP, "above[place] *= 1 + h"),
        (DOWN, "below[place] *= 1 - h"),
    ),
    wrong(
        "the coordinate replaced by h",
        "You replace the coordinate by h and −h. Add h to it, and subtract h from it.",
        (UP, "above[place] = h"),
        (DOWN, "below[place] = -h"),
    ),
    *(
        wrong(
            name,
            f"Your h is {told} whatever is given: use the argument h.",
            (UP, f"above[place] += {h}"),
            (DOWN, f"below[place] -= {h}"),
            ("(2 * h)", f"(2 * {h})"),
        )
        # How small it is shows in no slope.
        for name, told, h in (("h always small", "a small number of your own", 1e-5), ("h always 0.001", "0.001", 1e-3))
    ),
    wrong(
        "only the first coordinate",
        "Only the first slope is computed: a return inside the loop ends it. Indent it less.",
        ("range(len(point))", "range(1)"),
    ),
    wrong(
        "the last coordinate left out",
        "The last slope stays 0: range(d) already ends before d, no − 1 is needed.",
        ("range(len(point))", "range(len(point) - 1)"),
    ),
    wrong(
        "one number instead of a gradient",
        "You return the sum of the slopes. The gradient has one slope per coordinate.",
        ("return gradient", "return gradient.sum()"),
    ),
    wrong(
        "slopes without their signs",
        "You return the slopes without their signs: leave out abs.",
        ("return gradient", "return np.abs(gradient)"),
    ),
    wrong(
        "gradient brought to length 1",
        "You divide the gradient by its length. Return the slopes themselves.",
        ("return gradient", "return gradient / np.linalg.norm(gradient)"),
    ),
    wrong(
        "slopes rounded to 4 places",
        "You round the slopes to 4 places. Nothing is rounded here.",
        ("return gradient", "return gradient.round(4)"),
    ),
    wrong(
        "slopes rounded to 5 places",
        "You round the slopes to 5 places. Nothing is rounded here.",
        ("return gradient", "return gradient.round(5)"),
    ),
    wrong(
        "slopes cut to whole numbers",
        "Your result holds whole numbers only: np.zeros(d, dtype=int) or zeros_like of whole numbers cuts fractions off.",
        ("np.zeros(len(point))", "np.zeros(len(point), dtype=int)"),
    ),
]

COMPARISON = [
    compared(
        "not relative",
        "You return the length of the difference. Divide it by the sum of both lengths, so that large and small gradients can be compared.",
        (RESULT, "np.linalg.norm(gradient - numerical)"),
    ),
    compared(
        "0 / 0 where both are zero",
        "Where both gradients are zero you divide 0 by 0, which is no number. The result is 0 there: ask for it first.",
        (f"0.0 if lengths == 0 else float({RESULT})", f"float({RESULT})"),
    ),
    compared(
        "0 / 0 where both are zero, in plain Python",
        "Where both gradients are zero you divide 0 by 0, which raises an error. The result is 0 there: ask for it first.",
        (f"0.0 if lengths == 0 else float({RESULT})", "float(np.linalg.norm(gradient - numerical)) / float(lengths)"),
    ),
    compared(
        "1 where both are zero",
        "Where both gradients are zero you return 1. They do not differ: the result is 0 there.",
        ("0.0 if lengths == 0", "1.0 if lengths == 0"),
    ),
    *(
        compared(
            f"{small:g} added below the line",
            f"You add {small:g} to the sum of the lengths, which shows where both gradients are small. Divide by the sum alone, and ask first "
            "whether it is 0.",
            (LENGTHS, f"{LENGTHS} + {small}"),
        )
        for small in (1e-8, 1e-7, 1e-6, 1e-5, 1e-4)
    ),
    *(
        compared(
            f"the {told} of the coordinates' relative differences{after}",
            f"You compare coordinate by coordinate, and return the {told}. Divide the length of the whole difference by the sum of both lengths.",
            (
                RESULT,
                f"(lambda sizes: np.divide(np.abs(gradient - numerical), sizes{added}).{told.replace('largest', 'max')}())"
                "(np.abs(gradient) + np.abs(numerical))",
            ),
        )
        for told in ("mean", "largest")
        for after, added in (
            ("", ", out=np.zeros(len(gradient)), where=sizes > 0"),
            (", NaN where both are 0", ""),
            (", with a small number below", " + 1e-8"),
        )
    ),
    compared(
        "relative to the root of the sum of squares",
        "You divide by the root of the sum of both squared lengths. Add the lengths themselves.",
        (LENGTHS, "np.sqrt(np.sum(gradient**2) + np.sum(numerical**2))"),
    ),
    compared(
        "relative to the product of the lengths",
        "You multiply the two lengths: add them.",
        (LENGTHS, "np.linalg.norm(gradient) * np.linalg.norm(numerical)"),
    ),
    compared(
        "0 where only one gradient is zero",
        "You return 0 as soon as one gradient is zero. The difference is 0 only where both are; where one is, it is 1.",
        ("0.0 if lengths == 0", "0.0 if not gradient.any() or not numerical.any()"),
    ),
    compared(
        "relative to one gradient only",
        "You divide by the length of the first gradient alone: divide by the sum of both lengths.",
        (LENGTHS, "np.linalg.norm(gradient)"),
    ),
    compared(
        "relative to the numerical gradient only",
        "You divide by the length of the numerical gradient alone: divide by the sum of both lengths.",
        (LENGTHS, "np.linalg.norm(numerical)"),
    ),
    compared(
        "relative to the larger length",
        "You divide by the larger of the two lengths: divide by their sum.",
        (LENGTHS, "max(np.linalg.norm(gradient), np.linalg.norm(numerical))"),
    ),
    compared(
        "relative to the length of the sum",
        "You add the gradients first and take the length of the sum. Add the two lengths.",
        (LENGTHS, "np.linalg.norm(gradient + numerical)"),
    ),
    compared(
        "lengths squared",
        "You use sums of squares. A length is the square root of the sum of the squares.",
        (LENGTHS, "np.sum(gradient**2) + np.sum(numerical**2)"),
        (RESULT, "np.sum((gradient - numerical) ** 2) / lengths"),
    ),
    compared(
        "the difference squared",
        "The square root is missing above the line: take the length of the difference.",
        (RESULT, "np.sum((gradient - numerical) ** 2) / lengths"),
    ),
    compared(
        "sums of sizes instead of lengths",
        "You add up absolute values. The length is the square root of the sum of the squares.",
        (LENGTHS, "np.sum(np.abs(gradient)) + np.sum(np.abs(numerical))"),
        (RESULT, "np.sum(np.abs(gradient - numerical)) / lengths"),
    ),
    compared(
        "largest differences instead of lengths",
        "You compare the largest numbers only. Use the lengths of the vectors.",
        (LENGTHS, "np.max(np.abs(gradient)) + np.max(np.abs(numerical))"),
        (RESULT, "np.max(np.abs(gradient - numerical)) / lengths"),
    ),
    compared(
        "gradients added instead of subtracted",
        "You take the length of the sum. The difference of the gradients is asked for.",
        (RESULT, "np.linalg.norm(gradient + numerical) / lengths"),
    ),
    compared(
        "lengths subtracted",
        "You compare the lengths alone: two gradients of one length may point in different directions. Subtract the vectors first.",
        (RESULT, "abs(np.linalg.norm(gradient) - np.linalg.norm(numerical)) / lengths"),
    ),
    compared(
        "halved sum of the lengths",
        "Your result is twice what it should be: divide by the sum of the lengths, not by their mean.",
        (LENGTHS, f"({LENGTHS}) / 2"),
    ),
    compared(
        "one number per coordinate",
        "You return a number for every coordinate. Take the length of the whole vectors: one number.",
        ("float(np.linalg.norm(gradient - numerical) / lengths)", "np.abs(gradient - numerical) / lengths"),
    ),
    compared(
        "equal or not, instead of how far",
        "You return True or False. The exercise asks for the relative difference itself.",
        (
            "float(np.linalg.norm(gradient - numerical) / lengths)",
            "np.linalg.norm(gradient - numerical) / lengths < 1e-6",
        ),
    ),
]

MISTAKES = [*POINTS, *COMPARISON]
