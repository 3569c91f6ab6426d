"""What goes wrong in the sigmoid and in ReLU."""

from __future__ import annotations

from collections.abc import Iterator

from groundup.judge.exercise import Edit, Mistake

SIGMOID, RELU = "np.where(z >= 0, 1 / (1 + small), small / (1 + small))", "np.where(z <= 0, 0, z)"


def sigmoid(name: str, says: str, new: str, old: str = SIGMOID) -> Mistake:
    """Return a mistake in the sigmoid: by default, what it returns instead."""
    return Mistake(name, says, [Edit(old, new, "sigmoid")])


def relu(name: str, says: str, new: str, old: str = RELU) -> Mistake:
    """Return a mistake in ReLU: by default, what it returns instead."""
    return Mistake(name, says, [Edit(old, new, "relu")])


COMMON = [
    sigmoid(
        "sign of the exponent",
        "Your sigmoid falls where it should rise: it is 1 / (1 + e⁻ᶻ), with a minus in the exponent.",
        "z < 0",
        "z >= 0",
    ),
    relu(
        "leaky",
        "Your ReLU lets a hundredth of the negative numbers through. That is a leaky ReLU; here negative becomes exactly 0.",
        "np.where(z <= 0, 0.01 * z, z)",
    ),
    relu(
        "absolute value instead of ReLU",
        "Your ReLU turns negative numbers positive. It turns them into 0.",
        "abs(z)",
    ),
    relu(
        "ReLU's derivative instead of itself",
        "You return 0 or 1, or whether z is positive: that is the derivative of ReLU. Positive numbers stay as "
        "they are, as in z * (z > 0).",
        "np.where(z <= 0, 0, 1)",
    ),
    relu(
        "ReLU the wrong way round",
        "Your ReLU keeps the negative numbers: it is max(0, z), not min(0, z).",
        "np.minimum(0, z)",
    ),
    sigmoid(
        "the sigmoid's derivative instead of itself",
        "You return σ(z) (1 − σ(z)), the derivative. The exercise asks for σ(z).",
        "small / (1 + small) ** 2",
    ),
    sigmoid(
        "tanh instead of the sigmoid",
        "You return tanh, which runs from −1 to 1. The sigmoid runs from 0 to 1: σ(z) = (1 + tanh(z / 2)) / 2.",
        "np.tanh(z)",
    ),
    sigmoid(
        "NaN for large numbers",
        "You compute eᶻ / (1 + eᶻ): for large z both overflow, and inf / inf is NaN. Divide both by eᶻ on paper: 1 / (1 + e⁻ᶻ) "
        "is the same, and for large z its power goes to 0.",
        "np.exp(z) / (1 + np.exp(z))",
    ),
    sigmoid(
        "brackets missing around the denominator",
        "You return 1 + e⁻ᶻ. 1 / 1 + e⁻ᶻ is that, too, since division comes before addition: put brackets around the denominator, "
        "1 / (1 + e⁻ᶻ).",
        "1 / 1 + np.exp(-z)",
    ),
    sigmoid(
        "math.exp overflows",
        "math.exp raises OverflowError for a very negative z, where the sigmoid is 0. np.exp gives infinity there, and 1 / infinity is 0; or "
        "compute eᶻ / (1 + eᶻ) for negative z.",
        'np.array([1 / (1 + __import__("math").exp(-one)) for one in z])',
    ),
    sigmoid(
        "the sigmoid cut to whole numbers where z is whole",
        "Given whole numbers, your sigmoid returns whole numbers: np.zeros_like(z) copies the type of z. Make "
        "the array of floats: np.zeros(len(z)).",
        f"({SIGMOID}).astype(z.dtype)",
    ),
    sigmoid(
        "the sigmoid of the size",
        "Your sigmoid forgets the sign of z: σ(−1) is 0.26894, less than a half. If you use e^−|z|, negative z need another formula: "
        "e^−|z| / (1 + e^−|z|).",
        "1 / (1 + small)",
    ),
    sigmoid(
        "only the sigmoid of the first number",
        "Your sigmoid returns the first number's alone: a return inside the loop ends it. Indent it less, so "
        "that it comes after the loop.",
        f"({SIGMOID})[:1]",
    ),
    relu(
        "only ReLU of the first number",
        "Your ReLU returns the first number's alone: a return inside the loop ends it. Indent it less, so that "
        "it comes after the loop.",
        f"({RELU})[:1]",
    ),
    relu(
        "a whole array compared with 0",
        "max(0, z) and `if z > 0` ask whether a whole array is larger than 0, which has no answer. np.maximum(0, z) compares each number "
        "by itself.",
        "max(0, z)",
    ),
    relu(
        "the largest number instead of ReLU",
        "You return one number, the largest of all and 0: np.max looks for the largest in an array. np.maximum(0, z) compares each number "
        "with 0.",
        "np.max(np.append(z, 0))",
    ),
    relu(
        "the largest of all numbers",
        "You return one number, the largest of all: np.max(z) looks for the largest in an array, and takes its second argument for an axis. "
        "np.maximum(0, z) compares each number with 0.",
        "np.max(z)",
    ),
    relu(
        "negative numbers left out",
        "Your ReLU leaves negative numbers out, so the result is shorter. Replace them by 0, and keep all positions.",
        "z[z > 0]",
    ),
    relu(
        "numbers below 0 left out",
        "Your ReLU leaves numbers below 0 out, so the result is shorter. Replace them by 0, and keep all positions.",
        "z[z >= 0]",
    ),
    sigmoid(
        "e⁻ᶻ above and below the line",
        "You compute e⁻ᶻ / (1 + e⁻ᶻ), which falls where the sigmoid rises. The numerator is 1.",
        "np.exp(-z) / (1 + np.exp(-z))",
    ),
    sigmoid(
        "math.exp overflows for large z",
        "You compute eᶻ / (1 + eᶻ), and math.exp raises OverflowError for large z. 1 / (1 + e⁻ᶻ) is the same, and np.exp gives infinity "
        "instead of an error.",
        'np.array([__import__("math").exp(one) / (1 + __import__("math").exp(one)) for one in z])',
    ),
    sigmoid(
        "negative z cut to 0 first",
        "Your sigmoid is a half for all negative z: they are cut to 0 first. That is ReLU's work, not the sigmoid's.",
        "1 / (1 + np.exp(-np.maximum(z, 0)))",
    ),
    sigmoid(
        "z cut to whole numbers first",
        "You cut z to whole numbers before the exponential: leave it as it is.",
        "sigmoid(np.trunc(z) + 0.0) if np.any(z != np.trunc(z)) else np.where(z >= 0, 1 / (1 + small), small / (1 + small))",
    ),
    relu(
        "twice ReLU",
        "Your positive numbers come out twice as large. z + |z| is twice ReLU: divide it by 2.",
        "np.where(z <= 0, 0, 2 * z)",
    ),
    relu(
        "the last number left as it is",
        "Your ReLU leaves the last number as it is: range(len(z)) already ends before len(z), so no − 1 is needed.",
        "np.where((z <= 0) & (np.arange(len(z)) < len(z) - 1), 0, z)",
    ),
    relu("negative numbers kept", "Your ReLU returns its argument as it is. Numbers below 0 become 0.", "z"),
    relu(
        "cut at 1",
        ("Your ReLU cuts large numbers off at 1. It has no upper bound: return positive numbers as they are."),
        "np.clip(z, 0, 1)",
    ),
    relu(
        "cut at 6",
        ("Your ReLU cuts large numbers off at 6 (ReLU6). It has no upper bound: return positive numbers as they are."),
        "np.clip(z, 0, 6)",
    ),
    relu(
        "numbers below 1 become 0",
        "Your ReLU turns all numbers below 1 into 0. The bound is 0.",
        "np.where(z < 1, 0, z)",
    ),
    relu(
        "numbers up to 1 become 0",
        "Your ReLU turns all numbers up to 1 into 0. The bound is 0.",
        "np.where(z <= 1, 0, z)",
    ),
    relu("at least 1", "Your ReLU returns at least 1: it is max(0, z), not max(1, z).", "np.maximum(1, z)"),
    relu(
        "the sign of ReLU",
        "Your ReLU returns −z for positive numbers. They stay as they are.",
        "np.where(z <= 0, 0, -z)",
    ),
    relu(
        "the size of negative numbers",
        "Your ReLU returns −z for negative numbers and 0 for positive ones: it is max(0, z), not max(0, −z).",
        "np.where(z >= 0, 0, -z)",
    ),
    relu(
        "ReLU cut to whole numbers",
        "Your ReLU returns whole numbers: fractions are cut off. Make the result an array of floats.",
        f"({RELU}).astype(int)",
    ),
    relu(
        "an exponential below 0",
        "Your ReLU returns e^z − 1 for negative numbers, which is an ELU. Here negative becomes exactly 0.",
        "np.where(z <= 0, np.expm1(np.minimum(z, 0)), z)",
    ),
    relu(
        "softplus instead of ReLU",
        "You return log(1 + e^z), a smooth ReLU. Here negative becomes exactly 0, and positive numbers stay as "
        "they are.",
        "np.logaddexp(0, z)",
    ),
    relu(
        "SiLU instead of ReLU",
        "You return z * σ(z), which is SiLU. Here negative becomes exactly 0, and positive numbers stay as they are.",
        "z * sigmoid(z)",
    ),
    relu(
        "ReLU squared",
        "You return the square of ReLU. Positive numbers stay as they are.",
        "np.where(z <= 0, 0, z) ** 2",
    ),
    relu(
        "the sigmoid instead of ReLU",
        "Your ReLU returns the sigmoid. It is max(0, z) for each number.",
        "sigmoid(z)",
    ),
    sigmoid(
        "ReLU instead of the sigmoid",
        "Your sigmoid returns ReLU. It is 1 / (1 + e⁻ᶻ) for each number.",
        "np.maximum(0, z)",
    ),
    sigmoid(
        "the 1 in the denominator is missing",
        "You return 1 / e⁻ᶻ, which grows without end: the denominator is 1 + e⁻ᶻ, never less than 1.",
        "np.exp(z)",
    ),
    sigmoid(
        "minus in the denominator",
        "You divide by 1 − e⁻ᶻ, which is 0 at z = 0: the denominator is 1 + e⁻ᶻ.",
        "1 / (1 - np.exp(-z))",
    ),
    sigmoid(
        "only the exponential",
        "You return e⁻ᶻ. The sigmoid is 1 / (1 + e⁻ᶻ).",
        "np.exp(-z)",
    ),
    sigmoid(
        "no exponential",
        "You compute 1 / (1 − z): the exponential is missing. It is 1 / (1 + e⁻ᶻ).",
        "1 / (1 - z)",
    ),
    sigmoid(
        "a step instead of the sigmoid",
        "You return only 0 or 1. The sigmoid goes smoothly from one to the other: that is what lets it learn.",
        "np.where(z >= 0, 1.0, 0.0)",
    ),
    sigmoid(
        "a step that is 0 at 0",
        "You return only 0 or 1: whether z is positive, or the sigmoid rounded to whole numbers. It goes smoothly from one to the other, with a half at 0.",
        "np.where(z > 0, 1.0, 0.0)",
    ),
    sigmoid(
        "from −1 to 1",
        "You return 2σ(z) − 1, which runs from −1 to 1. The sigmoid runs from 0 to 1.",
        "np.tanh(z / 2)",
    ),
    sigmoid(
        "tanh moved to 0 … 1",
        "You return (1 + tanh z) / 2, which is too steep: the sigmoid is (1 + tanh(z / 2)) / 2.",
        "(1 + np.tanh(z)) / 2",
    ),
    sigmoid(
        "softmax instead of the sigmoid",
        "Your numbers add up to 1: you divide by the sum of all powers, which is softmax. The sigmoid is applied "
        "to each number separately.",
        "softmax(z)",
    ),
    sigmoid(
        "one sigmoid for all",
        "You return one number, the sigmoid of the sum. The sigmoid is applied to each number separately.",
        "1 / (1 + np.exp(-np.sum(z)))",
    ),
    sigmoid(
        "the sum of all sigmoids",
        "You return one number, the sum. The sigmoid is applied to each number separately.",
        f"np.sum({SIGMOID})",
    ),
    sigmoid(
        "the mean of all sigmoids",
        "You return one number, the mean. The sigmoid is applied to each number separately.",
        f"np.mean({SIGMOID})",
    ),
    sigmoid(
        "base 2 instead of e",
        "Your sigmoid takes powers of 2. Its base is e: use np.exp.",
        "np.exp2(-np.abs(z))",
        "np.exp(-np.abs(z))",
    ),
    sigmoid(
        "base 10 instead of e",
        "Your sigmoid takes powers of 10. Its base is e: use np.exp.",
        "10.0 ** -np.abs(z)",
        "np.exp(-np.abs(z))",
    ),
    sigmoid(
        "e cut to few digits",
        "You take 2.718 or 2.72 for e, which shows in the result. Use np.exp.",
        "2.718 ** -np.abs(z)",
        "np.exp(-np.abs(z))",
    ),
    sigmoid(
        "the square in the exponent",
        "You compute 1 / (1 + e^(−z²)). The exponent is −z.",
        "1 / (1 + np.exp(-z * z))",
    ),
    sigmoid(
        "the sigmoid returned twice squashed",
        "You squash twice: σ(σ(z)). Once is enough.",
        f"1 / (1 + np.exp(-{SIGMOID}))",
    ),
    sigmoid(
        "the logarithm of the sigmoid",
        "You return log σ(z). The exercise asks for σ(z).",
        "-np.logaddexp(0, -z)",
    ),
    sigmoid(
        "z times the sigmoid",
        "You return z * σ(z), which is SiLU. The exercise asks for σ(z).",
        "z * np.where(z >= 0, 1 / (1 + small), small / (1 + small))",
    ),
    sigmoid(
        "a straight line instead of the sigmoid",
        "You return a straight line cut at 0 and 1 (a hard sigmoid). The exercise asks for 1 / (1 + e⁻ᶻ).",
        "np.clip(0.2 * z + 0.5, 0, 1)",
    ),
]


def list_variants() -> Iterator[Mistake]:
    """Yield mistakes that differ by a number alone."""
    for places in (2, 3, 4, 1, 0):
        told = "whole numbers" if places == 0 else f"{places} place{'s' * (places > 1)}"
        if places:
            yield sigmoid(
                f"the sigmoid rounded to {told}",
                f"Your sigmoid is right but rounded to {told}. Keep at least 5 decimal places.",
                f"np.round({SIGMOID}, {places})",
            )
        yield relu(
            f"ReLU rounded to {told}",
            f"Your ReLU is right but rounded to {told}. Positive numbers stay as they are.",
            f"np.round({RELU}, {places})",
        )
    for places in (2, 1):
        yield sigmoid(
            f"z rounded to {places} place{'s' * (places > 1)} first",
            f"You round z to {places} place{'s' * (places > 1)} before the exponential. Round the result, if anything.",
            f"np.exp(-np.abs(np.round(z, {places})))",
            "np.exp(-np.abs(z))",
        )
    for slope in (0.1, 0.2, 0.001, 0.3, 0.05):
        yield relu(
            f"leaky, by {slope:g}",
            f"Your ReLU lets {slope:g} times the negative numbers through. That is a leaky ReLU; here "
            "negative becomes exactly 0.",
            f"np.where(z <= 0, {slope} * z, z)",
        )
    for end in (10, 5):
        yield sigmoid(
            f"cut off at ±{end}",
            f"You cut z off at ±{end} first, so the sigmoid never comes closer to 0 and 1 than there. If you want to cut, do it at ±500.",
            f"1 / (1 + np.exp(-np.clip(z, -{end}, {end})))",
        )


MISTAKES = [*COMMON, *list_variants()]
