"""The known mistakes in layer normalisation, as edits of `groundup.steps.c6_gpt.normalisation`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

NORM = "layer_norm"
MEAN = "mean = x.mean(dim=-1, keepdim=True)"
VARIANCE = "variance = (x - mean).square().mean(dim=-1, keepdim=True)"
ROOT = "torch.sqrt(variance + epsilon)"
RESULT = f"gamma * (x - mean) / {ROOT} + beta"


def edit(old: str, new: str) -> Edit:
    """Return an edit of the function."""
    return Edit(old, new, NORM)


def fix_epsilon(value: str, words: str) -> Mistake:
    """Return the mistake of another epsilon."""
    return Mistake(
        f"ε of {words}",
        f"Your ε is {words}: it is 10⁻⁵. The difference shows where the numbers of an example are close together.",
        [edit("epsilon: float = 1e-5", f"epsilon: float = {value}")],
    )


CENTRE = [
    Mistake(
        "RMS instead of layer normalization",
        "You divide x by the root of its mean square and never subtract the mean. That is RMS normalization: "
        "here subtract the mean, and divide by the standard deviation around it.",
        [edit("(x - mean).square()", "x.square()"), edit("gamma * (x - mean)", "gamma * x")],
    ),
    Mistake(
        "mean not subtracted",
        "You divide by the standard deviation without subtracting the mean first, so the result is not centered on 0.",
        [edit("gamma * (x - mean)", "gamma * x")],
    ),
    Mistake(
        "variance around zero",
        "Your variance is the mean of x² itself: subtract the mean before squaring. (The RMS norm divides by the root of x²'s mean.)",
        [edit("(x - mean).square()", "x.square()")],
    ),
    Mistake(
        "median instead of the mean",
        "You subtract the median, and measure the standard deviation around it: take the mean.",
        [edit(MEAN, "mean = torch.quantile(x, 0.5, dim=-1, keepdim=True)")],
    ),
    Mistake(
        "median subtracted, standard deviation around the mean",
        "You subtract the median: subtract the mean, as in the variance.",
        [edit("gamma * (x - mean)", "gamma * (x - torch.quantile(x, 0.5, dim=-1, keepdim=True))")],
    ),
    Mistake(
        "sum instead of the mean",
        "You subtract the sum of x: divide it by d = {d} first.",
        [edit(MEAN, "mean = x.sum(dim=-1, keepdim=True)")],
    ),
    Mistake(
        "mean divided by d − 1",
        "Your mean divides by d − 1: divide the sum by d = {d}.",
        [edit(MEAN, "mean = x.sum(dim=-1, keepdim=True) / (x.shape[-1] - 1)")],
    ),
    Mistake(
        "mean rounded down",
        "You divide the sum with //, which cuts off the fraction: divide with /.",
        [edit(MEAN, "mean = x.sum(dim=-1, keepdim=True) // x.shape[-1]")],
    ),
    Mistake(
        "mean added",
        "You add the mean: subtract it, so that the result is centered on 0.",
        [edit("gamma * (x - mean)", "gamma * (x + mean)")],
    ),
    Mistake(
        "the wrong way round",
        "You subtract x from the mean: every sign is turned. It is x − mean.",
        [edit("gamma * (x - mean)", "gamma * (mean - x)")],
    ),
    Mistake(
        "mean subtracted after the division",
        "You divide x by the standard deviation and then subtract the mean: subtract first. Put x − mean in brackets.",
        [edit(RESULT, f"gamma * (x / {ROOT} - mean) + beta")],
    ),
    Mistake(
        "the first number subtracted",
        "You subtract the first number of x: subtract the mean of all.",
        [edit("gamma * (x - mean)", "gamma * (x - x[..., :1])")],
    ),
    Mistake(
        "minimum instead of the mean, range instead of the standard deviation",
        "You bring the numbers between 0 and 1 by their minimum and maximum: subtract the mean, and divide by the standard deviation.",
        [
            edit(
                f"(x - mean) / {ROOT}",
                "(x - x.amin(dim=-1, keepdim=True)) / (x.amax(dim=-1, keepdim=True) - x.amin(dim=-1, keepdim=True) + epsilon)",
            )
        ],
    ),
    Mistake(
        "minimum instead of the mean, range without ε",
        "You bring the numbers between 0 and 1 by their minimum and maximum: subtract the mean, and divide by the standard deviation.",
        [
            edit(
                f"(x - mean) / {ROOT}",
                "(x - x.amin(dim=-1, keepdim=True)) / (x.amax(dim=-1, keepdim=True) - x.amin(dim=-1, keepdim=True))",
            )
        ],
    ),
]

SPREAD = [
    Mistake(
        "divided by the variance",
        "You divide by the variance. Its root, the standard deviation, has the unit of x; only that brings the "
        "standard deviation to 1.",
        [edit(ROOT, "(variance + epsilon)")],
    ),
    Mistake(
        "divided by d − 1",
        "Your variance has d − 1 in the denominator, as for a sample. Layer normalization takes the plain mean "
        "of the squares: divide by d = {d} (in NumPy ddof=0, in PyTorch unbiased=False).",
        [edit(VARIANCE, "variance = (x - mean).square().sum(dim=-1, keepdim=True) / (x.shape[-1] - 1)")],
    ),
    Mistake(
        "divided by d − 1, but by 1 where d is 1",
        "Your variance has d − 1 in the denominator, as for a sample. Layer normalization takes the plain mean "
        "of the squares: divide by d = {d}.",
        [edit(VARIANCE, "variance = (x - mean).square().sum(dim=-1, keepdim=True) / max(x.shape[-1] - 1, 1)")],
    ),
    Mistake(
        "divided by d − 1, epsilon outside the root",
        "Your variance has d − 1 in the denominator, and ε is added after the root: divide by d = {d}, and add ε "
        "under the root.",
        [
            edit(VARIANCE, "variance = (x - mean).square().sum(dim=-1, keepdim=True) / (x.shape[-1] - 1)"),
            edit(ROOT, "(torch.sqrt(variance) + epsilon)"),
        ],
    ),
    Mistake(
        "squares summed, not averaged",
        "You add the squares up: divide their sum by d = {d}.",
        [edit(VARIANCE, "variance = (x - mean).square().sum(dim=-1, keepdim=True)")],
    ),
    Mistake(
        "divided by d + 1",
        "Your variance has d + 1 in the denominator: divide by d = {d}.",
        [edit(VARIANCE, "variance = (x - mean).square().sum(dim=-1, keepdim=True) / (x.shape[-1] + 1)")],
    ),
    Mistake(
        "mean distance instead of the standard deviation",
        "You divide by the mean of |x − mean|. The standard deviation squares first, averages, and then takes the root.",
        [edit(ROOT, "((x - mean).abs().mean(dim=-1, keepdim=True) + epsilon)")],
    ),
    Mistake(
        "mean distance, squared, instead of the variance",
        "Your standard deviation is the mean of |x − mean|: square each difference first, then average.",
        [edit(VARIANCE, "variance = (x - mean).abs().mean(dim=-1, keepdim=True).square()")],
    ),
    Mistake(
        "mean distance instead of the variance",
        "Your variance is the mean of |x − mean|: square each difference first, then average.",
        [edit(VARIANCE, "variance = (x - mean).abs().mean(dim=-1, keepdim=True)")],
    ),
    Mistake(
        "differences not squared",
        "You average the differences from the mean without squaring them, which gives 0: square each one first.",
        [edit(".square().mean(", ".mean(")],
    ),
    Mistake(
        "standard deviation taken for the variance",
        "You take the root of the standard deviation: np.std has taken the root already. Use np.var, or divide by np.std alone.",
        [edit(ROOT, "torch.sqrt(torch.sqrt(variance) + epsilon)")],
    ),
    Mistake(
        "multiplied by the standard deviation",
        "You multiply by the standard deviation: divide by it.",
        [edit(f"(x - mean) / {ROOT}", f"(x - mean) * {ROOT}")],
    ),
    Mistake(
        "not divided",
        "You subtract the mean but do not divide by the standard deviation. Divide by √(variance + ε) before you "
        "multiply by γ.",
        [edit(f" / {ROOT}", "")],
    ),
    Mistake(
        "divided by the largest number",
        "You divide by the largest size in the example: divide by the standard deviation.",
        [edit(ROOT, "((x - mean).abs().amax(dim=-1, keepdim=True) + epsilon)")],
    ),
    Mistake(
        "variance rounded to 2 places",
        "You round mean and variance to 2 decimal places before you use them: round only the result, or do not round.",
        [
            edit(MEAN, "mean = x.mean(dim=-1, keepdim=True).round(decimals=2)"),
            edit(VARIANCE, "variance = (x - mean).square().mean(dim=-1, keepdim=True).round(decimals=2)"),
        ],
    ),
]

EPSILON = [
    Mistake(
        "epsilon outside the root",
        "You add ε after the root. Add it under the root: √(variance + ε).",
        [edit(ROOT, "(torch.sqrt(variance) + epsilon)")],
    ),
    Mistake(
        "epsilon forgotten",
        "Without ε an example of equal numbers is divided by zero: add 10⁻⁵ under the root.",
        [edit(" + epsilon", "")],
    ),
    Mistake(
        "epsilon subtracted",
        "You subtract ε from the variance, which can make it negative: add it.",
        [edit("variance + epsilon", "variance - epsilon")],
    ),
    Mistake(
        "epsilon squared",
        "You add ε² under the root: add ε itself.",
        [edit("variance + epsilon", "variance + epsilon**2")],
    ),
    Mistake(
        "the larger of variance and ε",
        "You take the larger of the two, variance or ε: add ε to the variance.",
        [edit("variance + epsilon", "variance.clamp(min=epsilon)")],
    ),
    fix_epsilon("1e-3", "10⁻³"),
    fix_epsilon("1e-4", "10⁻⁴"),
    fix_epsilon("1e-6", "10⁻⁶"),
    fix_epsilon("1e-7", "10⁻⁷"),
    fix_epsilon("1e-8", "10⁻⁸"),
    fix_epsilon("1e-9", "10⁻⁹"),
    fix_epsilon("1e-12", "10⁻¹²"),
]

SCALE = [
    Mistake(
        "scale left out",
        "γ is missing: after the normalisation each feature is multiplied by its own learned scale.",
        [edit("gamma * ", "")],
    ),
    Mistake(
        "shift left out",
        "β is missing: at the end each feature gets its own learned shift.",
        [edit(" + beta", "")],
    ),
    Mistake(
        "scale and shift left out",
        "γ and β are missing: at the end each feature is multiplied by its own scale and gets its own shift.",
        [edit("gamma * ", ""), edit(" + beta", "")],
    ),
    Mistake(
        "scale and shift exchanged",
        "You multiply by β and add γ. γ scales, β shifts.",
        [edit("gamma * (x", "beta * (x"), edit("+ beta", "+ gamma")],
    ),
    Mistake(
        "shifted before it is scaled",
        "You add β before multiplying by γ, so the shift is scaled as well: first γ, then β.",
        [edit(RESULT, f"gamma * ((x - mean) / {ROOT} + beta)")],
    ),
    Mistake(
        "shift subtracted",
        "You subtract β: add it.",
        [edit("+ beta", "- beta")],
    ),
    Mistake(
        "scale added",
        "You add γ instead of multiplying by it.",
        [edit(RESULT, f"gamma + (x - mean) / {ROOT} + beta")],
    ),
    Mistake(
        "scaled by 1 + γ",
        "You multiply by 1 + γ, as some models do: here γ itself is the scale.",
        [edit("gamma * (x", "(1 + gamma) * (x")],
    ),
    Mistake(
        "divided by the scale",
        "You divide by γ: multiply by it.",
        [edit("gamma * (x - mean)", "(x - mean) / gamma")],
    ),
    Mistake(
        "x scaled before it is normalized",
        "You multiply x by γ before the normalization, which takes the scale out again: normalize first.",
        [edit(MEAN, "x = gamma * x\n    mean = x.mean(dim=-1, keepdim=True)"), edit("return gamma * (x", "return (x")],
    ),
    Mistake(
        "one product instead of a scale for each",
        "You add up the products (a dot product): each feature is multiplied by its own γ, and stays by itself.",
        [edit(RESULT, f"(gamma * (x - mean) / {ROOT}).sum() + beta")],
    ),
    Mistake(
        "x added to the result",
        "You add x to the result, as a residual connection does: layer normalization alone does not.",
        [edit("+ beta", "+ beta + x")],
    ),
    Mistake(
        "rounded to 2 places",
        "You round the result to 2 decimal places. Keep at least 5 decimal places, or do not round.",
        [edit(f"return {RESULT}", f"return ({RESULT}).round(decimals=2)")],
    ),
    Mistake(
        "rounded to 3 places",
        "You round the result to 3 decimal places. Keep at least 5 decimal places, or do not round.",
        [edit(f"return {RESULT}", f"return ({RESULT}).round(decimals=3)")],
    ),
    Mistake(
        "rounded to 4 places",
        "You round the result to 4 decimal places. Keep at least 5 decimal places, or do not round.",
        [edit(f"return {RESULT}", f"return ({RESULT}).round(decimals=4)")],
    ),
    Mistake(
        "x changed in place",
        "You change the array that is passed in (with -=, /=, *= or +=): code that uses it afterwards gets your "
        "result instead of x. Compute a new array.",
        [edit(MEAN, f"given = x\n    {MEAN}"), edit(f"return {RESULT}", f"return given.copy_({RESULT})")],
    ),
]

MISTAKES = [*CENTRE, *SPREAD, *EPSILON, *SCALE]
