"""The known mistakes in RMS normalisation, as edits of `groundup.steps.c6_gpt.normalisation`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

NORM = "rms_norm"
SQUARE = "mean_square = x.square().mean(dim=-1, keepdim=True)"
ROOT = "torch.sqrt(mean_square + epsilon)"
RESULT = f"gamma * x / {ROOT}"
CENTRED = "(x - x.mean(dim=-1, keepdim=True))"


def edit(old: str, new: str) -> Edit:
    """Return an edit of the function."""
    return Edit(old, new, NORM)


def fix_epsilon(value: str, words: str) -> Mistake:
    """Return the mistake of an epsilon of one's own."""
    return Mistake(
        f"ε fixed at {words}",
        f"You always take {words}, whatever ε is asked for: use the argument.",
        [edit("mean_square + epsilon", f"mean_square + {value}")],
    )


MEAN = [
    Mistake(
        "layer normalization instead of RMS",
        "You subtract the mean and divide by the standard deviation around it: that is layer normalization. The "
        "RMS norm subtracts nothing, and averages the squares of x itself.",
        [edit("x.square()", f"{CENTRED}.square()"), edit("return gamma * x /", f"return gamma * {CENTRED} /")],
    ),
    Mistake(
        "mean subtracted",
        "You subtract the mean, as layer normalization does. The RMS norm only divides, and is cheaper for it.",
        [edit("return gamma * x /", f"return gamma * {CENTRED} /")],
    ),
    Mistake(
        "variance instead of mean square",
        "You divide by the standard deviation, which measures from the mean. Here the squares of x itself are averaged.",
        [edit("x.square()", f"{CENTRED}.square()")],
    ),
    Mistake(
        "summed, not averaged",
        "You divide by the length of x, the root of the sum of squares: take their mean, or the result shrinks with "
        "√d = √{d}.",
        [edit(".mean(", ".sum(")],
    ),
    Mistake(
        "divided by d − 1",
        "You divide the sum of squares by d − 1: divide it by d = {d}.",
        [edit(SQUARE, "mean_square = x.square().sum(dim=-1, keepdim=True) / (x.shape[-1] - 1)")],
    ),
    Mistake(
        "divided by d − 1, but by 1 where d is 1",
        "You divide the sum of squares by d − 1: divide it by d = {d}.",
        [edit(SQUARE, "mean_square = x.square().sum(dim=-1, keepdim=True) / max(x.shape[-1] - 1, 1)")],
    ),
    Mistake(
        "divided by d + 1",
        "You divide the sum of squares by d + 1: divide it by d = {d}.",
        [edit(SQUARE, "mean_square = x.square().sum(dim=-1, keepdim=True) / (x.shape[-1] + 1)")],
    ),
    Mistake(
        "mean of the sizes",
        "You divide by the mean of |x|. Square first, average, then take the root: large numbers count more.",
        [edit(ROOT, "(x.abs().mean(dim=-1, keepdim=True) + epsilon)")],
    ),
    Mistake(
        "root of the mean of the sizes",
        "You take the root of the mean of |x|. Square each number first: the root mean square is √(1/d * Σ x[j]²).",
        [edit("x.square()", "x.abs()")],
    ),
    Mistake(
        "mean of the sizes, squared",
        "You square the mean of |x|: square each number first, then average.",
        [edit(SQUARE, "mean_square = x.abs().mean(dim=-1, keepdim=True).square()")],
    ),
    Mistake(
        "squared after averaging",
        "You square the mean of x: square each number first, then average.",
        [edit(SQUARE, "mean_square = x.mean(dim=-1, keepdim=True).square()")],
    ),
    Mistake(
        "not squared",
        "You average x without squaring it: the mean square is the mean of x².",
        [edit("x.square()", "x")],
    ),
    Mistake(
        "largest size instead of the root mean square",
        "You divide by the largest size in x: divide by the root of the mean of the squares.",
        [edit(ROOT, "(x.abs().amax(dim=-1, keepdim=True) + epsilon)")],
    ),
    Mistake(
        "median instead of the mean",
        "You take the median of the squares: take their mean.",
        [edit(SQUARE, "mean_square = torch.quantile(x.square(), 0.5, dim=-1, keepdim=True)")],
    ),
    Mistake(
        "scaled before the mean square",
        "You multiply x by γ first, so that γ goes into the mean square as well: take the mean square of x itself.",
        [edit("x.square()", "(gamma * x).square()")],
    ),
    Mistake(
        "mean square rounded",
        "You round the mean square to 2 decimal places before you use it: round only the result, or do not round.",
        [edit("keepdim=True)", "keepdim=True).round(decimals=2)")],
    ),
    Mistake(
        "mean square rounded to 4 places",
        "You round the mean square before you use it: round only the result, or do not round.",
        [edit("keepdim=True)", "keepdim=True).round(decimals=4)")],
    ),
    Mistake(
        "root rounded",
        "You round the root before you divide by it: round only the result, or do not round.",
        [edit(ROOT, f"{ROOT}.round(decimals=4)")],
    ),
]

ROOTS = [
    Mistake(
        "root forgotten",
        "You divide by the mean square, not by its root. Only the root has the same unit as x: divide by "
        "np.sqrt(mean_square + eps).",
        [edit(ROOT, "(mean_square + epsilon)")],
    ),
    Mistake(
        "root taken twice",
        "You take the root twice: once is enough.",
        [edit(ROOT, "torch.sqrt(torch.sqrt(mean_square + epsilon))")],
    ),
    Mistake(
        "multiplied by the root mean square",
        "You multiply by the root mean square: divide by it, so that the result's own root mean square is 1 before the scale.",
        [edit(f"x / {ROOT}", f"x * {ROOT}")],
    ),
    Mistake(
        "not divided",
        "You do not divide by the root mean square. The result is γ * x / √(mean square + ε).",
        [edit(f" / {ROOT}", "")],
    ),
    Mistake(
        "only the factor",
        "You return γ divided by the root mean square: multiply it by x.",
        [edit("gamma * x /", "gamma /")],
    ),
]

EPSILON = [
    Mistake(
        "epsilon outside the root",
        "You add ε after the root. Add it under the root.",
        [edit(ROOT, "(torch.sqrt(mean_square) + epsilon)")],
    ),
    Mistake(
        "epsilon on both sides of the root",
        "You add ε under the root and after it: only under it.",
        [edit(ROOT, f"({ROOT} + epsilon)")],
    ),
    Mistake(
        "mean subtracted, epsilon outside the root",
        "You subtract the mean, which the RMS norm does not, and add ε after the root: it belongs under it.",
        [
            edit("x.square()", f"{CENTRED}.square()"),
            edit(RESULT, f"gamma * {CENTRED} / (torch.sqrt(mean_square) + epsilon)"),
        ],
    ),
    Mistake(
        "epsilon divided by d, too",
        "You add ε to the sum of squares, so that it is divided by d as well: divide first, then add ε.",
        [edit("mean_square + epsilon", "mean_square + epsilon / x.shape[-1]")],
    ),
    Mistake(
        "epsilon added to every square",
        "You add ε to x before you square it: add it to the mean of the squares.",
        [edit("x.square()", "(x + epsilon).square()"), edit("mean_square + epsilon", "mean_square")],
    ),
    Mistake(
        "epsilon forgotten",
        "Without ε an example of zeros is divided by zero. Add ε to the mean square, under the root.",
        [edit(" + epsilon", "")],
    ),
    Mistake(
        "epsilon added to the quotient",
        "You add ε to the quotient: it belongs under the root. Check the brackets.",
        [edit(ROOT, "torch.sqrt(mean_square) + epsilon")],
    ),
    Mistake(
        "epsilon subtracted",
        "You subtract ε: add it.",
        [edit("mean_square + epsilon", "mean_square - epsilon")],
    ),
    Mistake(
        "epsilon squared",
        "You add ε² under the root: add ε itself.",
        [edit("mean_square + epsilon", "mean_square + epsilon**2")],
    ),
    Mistake(
        "the larger of mean square and ε",
        "You take the larger of the two, mean square or ε: add ε.",
        [edit("mean_square + epsilon", "mean_square.clamp(min=epsilon)")],
    ),
    Mistake(
        "the larger of the root and ε",
        "You take the larger of the two, the root mean square or ε: add ε under the root.",
        [edit(ROOT, "torch.sqrt(mean_square).clamp(min=epsilon)")],
    ),
    fix_epsilon("1e-5", "10⁻⁵"),
    fix_epsilon("1e-6", "10⁻⁶"),
    fix_epsilon("1e-8", "10⁻⁸"),
    fix_epsilon("1e-3", "10⁻³"),
]

SCALE = [
    Mistake(
        "scale left out",
        "γ is missing: each feature is multiplied by its own learned scale.",
        [edit("gamma * ", "")],
    ),
    Mistake(
        "scale added",
        "You add γ: each feature is multiplied by its own γ.",
        [edit("gamma * x /", "gamma + x /")],
    ),
    Mistake(
        "scaled by 1 + γ",
        "You multiply by 1 + γ, as some models do: here γ itself is the scale.",
        [edit("gamma * x /", "(1 + gamma) * x /")],
    ),
    Mistake(
        "divided by the scale",
        "You divide by γ: multiply by it.",
        [edit("gamma * x /", "x / gamma /")],
    ),
    Mistake(
        "the first scale for all",
        "You multiply every feature by the first γ: each has its own.",
        [edit("gamma * x /", "gamma[0] * x /")],
    ),
    Mistake(
        "scaled twice",
        "You multiply by γ twice: once is enough.",
        [edit("gamma * x /", "gamma * gamma * x /")],
    ),
    Mistake(
        "one product instead of a scale for each",
        "You add up the products (a dot product): each feature is multiplied by its own γ, and stays by itself.",
        [edit(RESULT, f"({RESULT}).sum()")],
    ),
    Mistake(
        "x added to the result",
        "You add x to the result, as a residual connection does: the norm alone does not.",
        [edit(RESULT, f"{RESULT} + x")],
    ),
    Mistake(
        "rounded to 2 places",
        "You round the result to 2 decimal places. Keep at least 4 decimal places, or do not round.",
        [edit(RESULT, f"({RESULT}).round(decimals=2)")],
    ),
    Mistake(
        "rounded to 3 places",
        "You round the result to 3 decimal places. Keep at least 4 decimal places, or do not round.",
        [edit(RESULT, f"({RESULT}).round(decimals=3)")],
    ),
    Mistake(
        "x changed in place",
        "You change the array that is passed in (with /=, *= or x[i] = …): code that uses it afterwards gets "
        "your result instead of x. Compute a new array.",
        [edit(f"return {RESULT}", f"return x.copy_({RESULT})")],
    ),
    Mistake(
        "x divided in place",
        "You divide the array that is passed in, with /=: code that uses it afterwards gets a changed x. Compute "
        "a new array.",
        [edit(f"return {RESULT}", f"return gamma * x.div_({ROOT})")],
    ),
]

MISTAKES = [*MEAN, *ROOTS, *EPSILON, *SCALE]
