"""What goes wrong in softmax."""

from __future__ import annotations

from collections.abc import Iterator

from groundup.judge.exercise import Edit, Mistake

POWERS = "np.exp(z - z.max(axis=-1, keepdims=True))"
TOTAL = "powers.sum(axis=-1, keepdims=True)"
RESULT = f"powers / {TOTAL}"
LARGEST = "z.max(axis=-1, keepdims=True)"

OVERFLOWS = (
    "math.exp raises OverflowError for large scores. Subtract the largest score from all first: the result is the same, and no power "
    "is above 1."
)


def wrong(name: str, says: str, old: str, new: str) -> Mistake:
    """Return a mistake."""
    return Mistake(name, says, [Edit(old, new, "softmax")])


COMMON = [
    wrong(
        "largest score not subtracted",
        "For large scores e to their power overflows, and inf / inf is NaN. Subtract the largest score from all first: the "
        "result is the same, and nothing overflows.",
        f"z - {LARGEST}",
        "z",
    ),
    wrong(
        "math.exp overflows on its way into an array",
        OVERFLOWS,
        POWERS,
        'np.array([__import__("math").exp(one) for one in z])',
    ),
    wrong(
        "not divided by the sum",
        "Your numbers do not add up to one: divide each power by the sum of all.",
        RESULT,
        "powers",
    ),
    wrong(
        "sign of the exponent",
        "Your largest score gets the smallest probability: there is a minus too many in the exponent.",
        POWERS,
        "np.exp(-z + z.max(axis=-1, keepdims=True))",
    ),
    wrong(
        "softmax of −z",
        "Your largest score gets the smallest probability: the scores go in with a minus.",
        POWERS,
        "np.exp(-z - (-z).max(axis=-1, keepdims=True))",
    ),
    wrong(
        "e⁻ᶻ instead of eᶻ",
        "Your largest score gets the smallest probability: there is a minus in the exponent. And the largest score is not subtracted, "
        "so powers overflow.",
        f"z - {LARGEST}",
        "-z",
    ),
    wrong(
        "logarithm returned",
        "You return the logarithms of the probabilities (log-softmax). The exercise asks for the probabilities.",
        RESULT,
        f"z - {LARGEST} - np.log({TOTAL})",
    ),
    wrong(
        "logarithm of the result",
        "You take the logarithm of the probabilities at the end. The exercise asks for the probabilities themselves.",
        RESULT,
        f"np.log({RESULT})",
    ),
    wrong(
        "mean subtracted instead of the largest",
        "You subtract the mean of the scores, so one far above it still overflows, and inf / inf is NaN. Subtract the largest: "
        "then no exponent is above 0.",
        "z.max(axis=-1",
        "z.mean(axis=-1",
    ),
    wrong(
        "smallest subtracted instead of the largest",
        "You subtract the smallest score, which makes every exponent 0 or more: they overflow all the sooner. Subtract the largest.",
        "z.max(axis=-1",
        "z.min(axis=-1",
    ),
    wrong(
        "largest score looked for from 0 up",
        "You begin the search for the largest score at 0. Where all scores are far below 0, every power becomes 0, and 0 / 0 is NaN. "
        "Begin with the first score.",
        f"z - {LARGEST}",
        f"z - np.maximum({LARGEST}, 0)",
    ),
    wrong(
        "largest size subtracted",
        "You subtract the largest score without its sign. Where all scores are far below 0, every power becomes 0, and 0 / 0 is NaN. "
        "Subtract the largest score itself.",
        f"z - {LARGEST}",
        "z - np.abs(z).max()",
    ),
    wrong(
        "first score subtracted instead of the largest",
        "You subtract the first score, so one far above it still overflows. Subtract the largest.",
        LARGEST,
        "z[0]",
    ),
    wrong(
        "sum subtracted instead of the largest",
        "You subtract the sum of the scores, which can be far below the largest, or far above it. Subtract the largest score.",
        LARGEST,
        "z.sum()",
    ),
    wrong(
        "largest score subtracted from the powers",
        "You subtract the largest score after the exponential. It belongs into the exponent: e to the power of (z − largest).",
        POWERS,
        f"(np.exp(z) - {LARGEST})",
    ),
    wrong(
        "largest power subtracted from the powers",
        "You subtract the largest of the powers from them. Subtract the largest score, in the exponent: e to the power of (z − largest).",
        POWERS,
        "(np.exp(z) - np.exp(z).max())",
    ),
    wrong(
        "largest score subtracted from the powers above the line",
        "In the numerator you subtract the largest score after the exponential. It belongs into the exponent, in both places: e to the "
        "power of (z − largest).",
        RESULT,
        f"(np.exp(z) - {LARGEST}) / np.exp(z).sum()",
    ),
    wrong(
        "largest score subtracted from the result",
        "You subtract the largest score from the probabilities. It belongs into the exponent: e to the power of (z − largest).",
        RESULT,
        f"np.exp(z) / np.exp(z).sum() - {LARGEST}",
    ),
    wrong(
        "sum of the powers before the shift",
        "In the numerator you subtract the largest score, in the denominator you do not: then they do not belong "
        "together. Use the same powers in both places.",
        TOTAL,
        "np.exp(z).sum()",
    ),
    wrong(
        "largest subtracted below the line alone",
        "In the denominator you subtract the largest score, in the numerator you do not: then they do not belong "
        "together. Use the same powers in both places.",
        RESULT,
        f"np.exp(z) / {TOTAL}",
    ),
    wrong(
        "scores divided by the largest",
        "You divide the scores by the largest instead of subtracting it: that changes the result, and fails where the largest is 0.",
        f"z - {LARGEST}",
        f"z / {LARGEST}",
    ),
    wrong(
        "probabilities cut to whole numbers where the scores are whole",
        "Given whole numbers, you return whole numbers: an array made like z has its type. Make it of floats: "
        "np.zeros(len(z)).",
        RESULT,
        f"({RESULT}).astype(z.dtype)",
    ),
    wrong(
        "powers cut to whole numbers where the scores are whole",
        "Given whole numbers, your powers are cut to whole numbers: an array made like z has its type. Make it "
        "of floats: np.zeros(len(z)).",
        POWERS,
        f"{POWERS}.astype(z.dtype)",
    ),
    wrong(
        "divided by the mean",
        "Your numbers add up to C = {C}: divide by the sum of the powers, not by their mean.",
        "powers.sum",
        "powers.mean",
    ),
    wrong(
        "divided by the number of classes",
        "You divide each power by C = {C}, the number of scores. Divide by the sum of all powers.",
        TOTAL,
        "len(z)",
    ),
    wrong(
        "divided by the sum of the others",
        "You divide each power by the sum of the other powers. Divide by the sum of all, its own among them.",
        TOTAL,
        f"({TOTAL} - powers)",
    ),
    wrong(
        "divided by the sum of the scores",
        "You divide the powers by the sum of the scores. Divide by the sum of the powers.",
        TOTAL,
        "z.sum()",
    ),
    wrong(
        "divided by the length of the powers",
        "You divide by the root of the sum of squares, so the squares add up to one, not the numbers. Divide by the sum of the powers.",
        TOTAL,
        "np.sqrt((powers**2).sum())",
    ),
    wrong(
        "a 1 too many below the line",
        "You divide by 1 + the sum of the powers, as in a sigmoid. Divide by the sum alone.",
        TOTAL,
        f"(1 + {TOTAL})",
    ),
    wrong(
        "no exponential",
        "You divide the scores by their sum. Scores may be negative, or add up to 0: take e to their power first.",
        POWERS,
        "(z - 0.0)",
    ),
    wrong(
        "shifted scores without the exponential",
        "You divide the scores minus their largest by the sum of these. Take e to their power first.",
        POWERS,
        f"(z - {LARGEST})",
    ),
    wrong(
        "sizes of the scores as shares",
        "You divide the size of each score by the sum of all sizes. Take e to the power of the scores first.",
        POWERS,
        "np.abs(z) + 0.0",
    ),
    wrong(
        "squares instead of powers of e",
        "You take the square of each score. Take e to its power.",
        POWERS,
        "z * z + 0.0",
    ),
    wrong("base 2 instead of e", "You take powers of 2. The base is e: use np.exp.", "np.exp(", "np.exp2("),
    wrong(
        "base 10 instead of e",
        "You take powers of 10. The base is e: use np.exp.",
        POWERS,
        f"10.0 ** (z - {LARGEST})",
    ),
    wrong(
        "sigmoid of each",
        "You squash each score separately (a sigmoid). Softmax makes the scores compete: together they add up to one.",
        RESULT,
        "1 / (1 + np.exp(-z))",
    ),
    wrong(
        "sigmoids divided by their sum",
        "You squash each score separately (a sigmoid) and divide by the sum of these. Take e to the power of "
        "each score instead.",
        POWERS,
        "1 / (1 + np.exp(-z))",
    ),
    wrong(
        "1 at the largest, 0 elsewhere",
        "You give all to the largest score. Softmax shares: each score gets its power of e, divided by the sum.",
        RESULT,
        "np.eye(len(z))[np.argmax(z)]",
    ),
    wrong(
        "1 at every largest, 0 elsewhere",
        "You give 1 to every score that is the largest. Softmax shares: each score gets its power of e, divided by the sum.",
        RESULT,
        f"(z == {LARGEST}) * 1.0",
    ),
    wrong(
        "the position of the largest score",
        "You return the index of the largest score (arg-max). The exercise asks for a probability for each score.",
        RESULT,
        "np.argmax(z)",
    ),
    wrong(
        "the largest probability alone",
        "You return one number, the largest probability. The exercise asks for one for each score.",
        RESULT,
        f"({RESULT}).max()",
    ),
    wrong(
        "only the first probability",
        "You return the first probability alone: a return inside the loop ends it. Indent it less.",
        RESULT,
        f"({RESULT})[:1]",
    ),
    wrong(
        "a row of shape (1, C)",
        "You return a matrix of one row. The exercise asks for C numbers, shape (C,): take the first row, or do "
        "without keepdims and reshape.",
        RESULT,
        f"({RESULT})[None, :]",
    ),
    wrong(
        "a column of shape (C, 1)",
        "You return a column. The exercise asks for C numbers, shape (C,).",
        RESULT,
        f"({RESULT})[:, None]",
    ),
    wrong(
        "softmax taken twice",
        "You apply softmax to the probabilities once more, which makes them nearly equal. Apply it once.",
        RESULT,
        f"np.exp({RESULT}) / np.exp({RESULT}).sum()",
    ),
    wrong(
        "one minus the probabilities",
        "You return 1 − p. The exercise asks for the probabilities p themselves.",
        RESULT,
        f"1 - {RESULT}",
    ),
    wrong(
        "sorted",
        "You return the probabilities in another order, sorted. Each belongs to the position of its score.",
        RESULT,
        f"np.sort({RESULT})",
    ),
    wrong(
        "in reverse order",
        "You return the probabilities in reverse order. Each belongs to the position of its score.",
        RESULT,
        f"({RESULT})[::-1]",
    ),
    wrong(
        "math.exp overflows",
        OVERFLOWS,
        RESULT,
        '[p / sum(map(__import__("math").exp, z.tolist())) for p in map(__import__("math").exp, z.tolist())]',
    ),
    wrong(
        "NaN replaced by 0",
        "Powers overflow for large scores, and you replace the NaN that comes out by 0. Subtract the largest score from all first: then "
        "nothing overflows.",
        RESULT,
        "np.nan_to_num(np.exp(z) / np.exp(z).sum())",
    ),
    wrong(
        "negative scores cut to 0 first",
        "You make negative scores 0 first (ReLU). They go in as they are.",
        POWERS,
        f"np.exp(np.maximum(z, 0) - np.maximum({LARGEST}, 0))",
    ),
    wrong(
        "scores without their signs",
        "You drop the signs of the scores. They go in as they are: leave out abs.",
        POWERS,
        "np.exp(np.abs(z) - np.abs(z).max())",
    ),
    wrong(
        "scores rounded first",
        "You round the scores to whole numbers first. Round the result alone, to 4 decimal places.",
        POWERS,
        "np.exp(np.round(z) - np.round(z).max())",
    ),
    wrong(
        "scores standardised first",
        "You subtract the mean and divide by the standard deviation first, which changes the result. Subtract the largest score, nothing "
        "more.",
        f"z - {LARGEST}",
        "(z - z.mean()) / z.std()",
    ),
    wrong(
        "scores scaled to 0 … 1 first",
        "You scale the scores to 0 … 1 first, which changes the result. Subtract the largest score, nothing more.",
        f"z - {LARGEST}",
        "(z - z.min()) / (z.max() - z.min())",
    ),
    wrong(
        "divided by the root of the number of scores",
        "You divide the scores by √C. That belongs to attention; here they go in as they are.",
        POWERS,
        "np.exp((z - z.max(axis=-1, keepdims=True)) / np.sqrt(len(z)))",
    ),
]


def list_variants() -> Iterator[Mistake]:
    """Yield mistakes that differ by a number alone."""
    for places in (2, 1, 3):
        yield wrong(
            f"probabilities rounded to {places} place{'s' * (places > 1)}",
            f"Your probabilities are right but rounded to {places} place{'s' * (places > 1)}. Keep at least 4 "
            "decimal places.",
            RESULT,
            f"np.round({RESULT}, {places})",
        )
    yield wrong(
        "probabilities rounded to whole numbers",
        "You round the probabilities to 0 and 1. Keep at least 4 decimal places.",
        RESULT,
        f"np.round({RESULT})",
    )
    for places in (1, 2, 3, 4):
        yield wrong(
            f"powers rounded to {places} place{'s' * (places > 1)}",
            f"You round the powers to {places} place{'s' * (places > 1)} before you add and divide. Round the result alone.",
            POWERS,
            f"np.round({POWERS}, {places})",
        )
    for end in (500, 700, 100, 50, 20):
        yield wrong(
            f"scores cut off at ±{end}",
            f"You cut the scores off at {end} instead of subtracting the largest: all above it count as equal. Subtract the largest from "
            "all instead: nothing is lost.",
            f"z - {LARGEST}",
            f"np.clip(z, -{end}, {end})",
        )
        yield wrong(
            f"scores cut off at {end}",
            f"You cut large scores off at {end} instead of subtracting the largest: all above it count as equal. Subtract the largest from "
            "all instead: nothing is lost.",
            f"z - {LARGEST}",
            f"np.minimum(z, {end})",
        )
    for factor, words in (("0.5", "halved"), ("2", "doubled")):
        yield wrong(
            f"scores {words} first",
            f"The scores are {words} first, which changes the result (a temperature). They go in as they are.",
            POWERS,
            f"np.exp({factor} * (z - {LARGEST}))",
        )


MISTAKES = [*COMMON, *list_variants()]
