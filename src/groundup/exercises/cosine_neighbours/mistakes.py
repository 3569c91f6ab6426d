"""The known mistakes in cosines and nearest words, as edits of `groundup.steps.c5_words.embedding`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

COSINES, NEAREST = "measure_cosines", "find_nearest"
LENGTHS = "table.norm(dim=1) * vector.norm()"
PRODUCTS = "table @ vector"
BELOW = "lengths.clamp(min=torch.finfo(table.dtype).tiny)"
RESULT = f"torch.where(lengths > 0, {PRODUCTS} / {BELOW}, 0.0)"
LOOKED, ORDER = "measure_cosines(table, table[row])", "torch.argsort(cosines, descending=True, stable=True)"
KEPT = "order[order != row][:count]"


def cosine(name: str, says: str, new: str) -> Mistake:
    """Return the mistake of another result for the cosines."""
    return Mistake(name, says, [Edit(f"return {RESULT}", f"return {new}", COSINES)])


def length(name: str, says: str, new: str) -> Mistake:
    """Return the mistake of other lengths."""
    return Mistake(name, says, [Edit(LENGTHS, new, COSINES)])


def near(name: str, says: str, old: str, new: str) -> Mistake:
    """Return a mistake in which rows are the nearest."""
    return Mistake(name, says, [Edit(old, new, NEAREST)])


VALUES = [
    cosine(
        "dot products",
        "You return the dot products. They grow with the vectors' lengths: divide by both lengths.",
        PRODUCTS,
    ),
    length(
        "divided by the rows' lengths alone",
        "You divide by the lengths of the rows alone: divide by the length of the vector, too.",
        "table.norm(dim=1)",
    ),
    length(
        "divided by the vector's length alone",
        "You divide by the length of the vector alone: divide by the length of each row, too.",
        "vector.norm().expand(len(table))",
    ),
    length(
        "divided by the sum of the lengths",
        "You add the two lengths: multiply them. A quotient over a product needs brackets: a / (b * c).",
        "table.norm(dim=1) + vector.norm()",
    ),
    length(
        "squared lengths",
        "You divide by the squares of the lengths: take the root of the sum of squares.",
        "table.square().sum(dim=1) * vector.square().sum()",
    ),
    length(
        "the sum of the sizes as a length",
        "You take the sum of |x| for the length: it is the root of the sum of squares.",
        "table.abs().sum(dim=1) * vector.abs().sum()",
    ),
    length(
        "one length for the whole table",
        "You divide by the length of the whole table. Each row has a length of its own: np.linalg.norm(table, axis=1).",
        "table.norm().expand(len(table)) * vector.norm()",
    ),
    length(
        "the columns' mean length for every row",
        "You divide all rows by one and the same length. Each row has a length of its own: np.linalg.norm(table, axis=1).",
        "(table.norm(dim=0).mean() * vector.norm()).expand(len(table))",
    ),
    length(
        "the rows' mean length for every row",
        "You divide all rows by one and the same length. Each row has a length of its own: np.linalg.norm(table, axis=1).",
        "(table.norm(dim=1).mean() * vector.norm()).expand(len(table))",
    ),
    length(
        "lengths of the columns",
        "You take the lengths of the columns (axis=0): a word is a row, so axis=1. Python's own sum(…) of a matrix runs down the columns, too.",
        "table.norm(dim=0) * vector.norm()",
    ),
    length(
        "the mean of the squares as a length",
        "You take the mean of the squares instead of their sum: the cosine of a vector with itself must be 1.",
        "table.square().mean(dim=1).sqrt() * vector.square().mean().sqrt()",
    ),
    cosine(
        "a zero vector becomes NaN",
        "A zero vector has the length 0, and 0 / 0 is NaN. It has no direction: its cosine is given as 0.",
        f"{PRODUCTS} / lengths",
    ),
    cosine(
        "a zero vector becomes 1",
        "You give a zero vector the cosine 1. It has no direction: its cosine is given as 0.",
        RESULT.replace("0.0)", "1.0)"),
    ),
    *(
        cosine(
            f"{number} added to the lengths",
            f"You add {number} to the lengths, so that nothing is divided by 0. Short vectors then get wrong cosines: test for 0 instead.",
            f"{PRODUCTS} / (lengths + {number})",
        )
        for number in ("1e-8", "1e-9", "1e-6", "1e-10", "1e-12")
    ),
    cosine(
        "lengths cut off at 1e-8",
        "You take 1e-8 at least for the lengths. Short vectors then get wrong cosines: test for 0 instead.",
        f"{PRODUCTS} / lengths.clamp(min=1e-8)",
    ),
    cosine(
        "distances",
        "You return the distances between the vectors: the cosine looks at their directions alone.",
        "(table - vector).norm(dim=1)",
    ),
    cosine(
        "one minus the cosine",
        "You return 1 − cosine, a distance. Return the cosine: 1 for the same direction.",
        f"1 - {RESULT}",
    ),
    cosine(
        "cosines without their signs",
        "You drop the signs: opposite directions have the cosine −1.",
        f"({RESULT}).abs()",
    ),
    cosine(
        "cosines squared",
        "You square the cosines: return them as they are.",
        f"({RESULT}).square()",
    ),
    cosine(
        "angles",
        "You return the angles: return their cosines.",
        f"({RESULT}).clamp(-1, 1).arccos()",
    ),
    Mistake(
        "means subtracted",
        "You subtract the mean of each vector first (a correlation): the cosine takes the vectors as they are.",
        [
            Edit(
                f"lengths = {LENGTHS}",
                "table, vector = table - table.mean(dim=1, keepdim=True), vector - vector.mean()\n"
                f"    lengths = {LENGTHS}",
                COSINES,
            )
        ],
    ),
    cosine(
        "rounded to 2 places",
        "You round the cosines to 2 decimal places. Keep at least 4, or do not round.",
        f"({RESULT}).round(decimals=2)",
    ),
    cosine(
        "a column",
        "You return a column, (V, 1): the shape is (V,).",
        f"({RESULT})[:, None]",
    ),
]

ROWS = [
    near(
        "the row itself among its neighbors",
        "The row itself is among its neighbors, as the nearest: leave it out.",
        KEPT,
        "order[:count]",
    ),
    near(
        "the first one left out, whichever it is",
        "You leave out the first of the order, as if it were the row itself. Another row with the same direction may come first, and a row of "
        "zeros is not the nearest to itself: leave out the row by its number.",
        KEPT,
        "order[1 : count + 1]",
    ),
    near(
        "rows of the same direction left out",
        "You leave out every row whose cosine is 1: only the row itself is left out, by its number.",
        KEPT,
        "order[cosines[order] < 1 - 1e-9][:count]",
    ),
    near(
        "rows with the same numbers left out",
        "You leave out every row with the same numbers. Another row with the same numbers is a neighbor: leave out the row itself alone, by its number.",
        KEPT,
        "order[(table[order] != table[row]).any(dim=1)][:count]",
    ),
    *(
        near(
            f"cosines rounded to {places} places before they are compared",
            f"You round the cosines to {places} decimal places before you compare them, so that different ones become equal: compare them as they are.",
            ORDER,
            f"torch.argsort(cosines.round(decimals={places}), descending=True, stable=True)",
        )
        for places in (2, 3, 4)
    ),
    near(
        "the farthest first",
        "Your order is that of the smallest cosine: the nearest row has the largest.",
        "descending=True",
        "descending=False",
    ),
    near(
        "of equal rows the last ones first",
        "Of rows with equal cosines you take those with the larger numbers first. The smaller numbers come first: np.argsort(-cosines, kind='stable'), "
        "nothing reversed.",
        ORDER,
        "len(table) - 1 - torch.argsort(cosines.flip(0), descending=True, stable=True)",
    ),
    near(
        "one neighbor too few",
        "You return one row too few. Did you cut first, and leave the row itself out afterwards?",
        KEPT,
        "order[:count][order[:count] != row]",
    ),
    near(
        "one neighbor too many",
        "You return one row more than is asked for.",
        "[:count]",
        "[: count + 1]",
    ),
    near(
        "all neighbors",
        "You return all rows: only the nearest `count` are asked for.",
        "[:count]",
        "[:]",
    ),
    near(
        "the nearest by dot product",
        "You order the rows by their dot products, which prefers long vectors: order them by the cosine.",
        LOOKED,
        "table @ table[row]",
    ),
    near(
        "the nearest by distance",
        "You order the rows by their distance, which depends on their lengths: order them by the cosine.",
        LOOKED,
        "-(table - table[row]).norm(dim=1)",
    ),
    near(
        "the nearest without signs",
        "You order the rows by the size of the cosine, so that opposite directions count as near: keep the sign.",
        LOOKED,
        f"{LOOKED}.abs()",
    ),
    near(
        "numbers in ascending order",
        "You sort the numbers of the rows: the nearest row comes first.",
        KEPT,
        f"{KEPT}.sort().values",
    ),
    near(
        "cosines instead of numbers",
        "You return the cosines: return the numbers of the rows.",
        "return order, cosines[order]",
        "return cosines[order], order",
    ),
    near(
        "rows counted from 1",
        "You count the rows from 1: the first one has the number 0.",
        "return order,",
        "return order + 1,",
    ),
    near(
        "the nearest row alone",
        "You return the nearest row alone, whatever count is asked for.",
        "[:count]",
        "[:1]",
    ),
]

MISTAKES = [*VALUES, *ROWS]
