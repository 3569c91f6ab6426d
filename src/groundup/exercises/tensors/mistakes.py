"""What goes wrong in the first steps with tensors."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

TENSORS, LOSS = "groundup.steps.c4_training.tensors", "groundup.steps.c3_networks.loss"


def reshaped(name: str, says: str, new: str) -> Mistake:
    """Return a mistake in arranging numbers in a new shape."""
    return Mistake(name, says, [Edit("x.reshape(-1, 2)", new, "reshape_to_pairs")])


def averaged(name: str, says: str, new: str) -> Mistake:
    """Return a mistake in averaging columns."""
    return Mistake(name, says, [Edit("x.mean(dim=0)", new, "average_columns")])


def joined(name: str, says: str, new: str) -> Mistake:
    """Return a mistake in putting tables side by side."""
    return Mistake(name, says, [Edit("torch.cat([left, right], dim=1)", new, "join_columns")])


def lost(name: str, says: str, new: str) -> Mistake:
    """Return a mistake in the mean squared error."""
    return Mistake(name, says, [Edit("(prediction - target).square().mean()", new, "mean_squared_error", LOSS)])


RESHAPE = [
    reshaped(
        "pairs as columns",
        "Your table has two rows: the exercise asks for two columns, and half as many rows as there are numbers.",
        "x.reshape(2, -1)",
    ),
    reshaped(
        "transposed, not reshaped",
        "You read the numbers down the columns. A reshape keeps the reading order, row by row.",
        "x.T.reshape(-1, 2)",
    ),
    reshaped(
        "first half beside the second",
        "You put the first half of the numbers beside the second. Neighbors in reading order make a pair.",
        "x.reshape(2, -1).T",
    ),
    reshaped(
        "pairs within each row",
        "You make pairs within each row, which fails where a row holds an odd number of numbers. Pairs continue "
        "from one row to the next: reshape(-1, 2).",
        "torch.cat([row.reshape(-1, 2) for row in x])",
    ),
    reshaped("flattened", "You put all numbers in one row: two columns are asked for.", "x.reshape(-1)"),
    reshaped("one column", "You put all numbers in one column: two columns are asked for.", "x.reshape(-1, 1)"),
    reshaped("not reshaped", "You return the table as it is: two columns are asked for.", "x"),
    reshaped(
        "the two of a pair exchanged",
        "In each of your pairs the second number comes first. The reading order stays.",
        "x.reshape(-1, 2).flip(-1)",
    ),
    reshaped(
        "pairs in reverse order",
        ("Your pairs run from the last to the first. Keep the reading order: reshape(-1, 2), without flip or [::-1]."),
        "x.reshape(-1, 2).flip(0)",
    ),
    reshaped(
        "a dimension too many",
        "You return three dimensions: a table of two columns is asked for.",
        "x.reshape(1, -1, 2)",
    ),
    reshaped(
        "a dimension of 1 lost",
        "Where there is one pair you return a row of two numbers: a table of one row is asked for. Leave squeeze() out.",
        "x.reshape(-1, 2).squeeze()",
    ),
]
AVERAGE = [
    averaged(
        "rows averaged",
        "You average each row. The column averages are asked for: the rows, dimension 0, must disappear.",
        "x.mean(dim=1)",
    ),
    averaged(
        "everything averaged",
        "You average all numbers into one: there is an average for each of the N = {N} columns.",
        "x.mean()",
    ),
    averaged("columns summed", "You add the columns up: divide by the M = {M} rows.", "x.sum(dim=0)"),
    averaged(
        "divided by the columns",
        "You divide the columns' sums by N = {N}, the number of columns. Each is a sum of M = {M} numbers, one for each row.",
        "x.sum(dim=0) / x.shape[1]",
    ),
    averaged(
        "divided by all numbers",
        "You divide the columns' sums by M * N, the number of all numbers. Each is a sum of M = {M} numbers, one "
        "for each row.",
        "x.sum(dim=0) / x.numel()",
    ),
    averaged(
        "divided by one less",
        "You divide the columns' sums by M − 1. A mean divides by M = {M}.",
        "x.sum(dim=0) / (x.shape[0] - 1)",
    ),
    averaged(
        "a row left over",
        "Your averages are a table of one row: shape (N,) is asked for, without keepdim.",
        "x.mean(dim=0, keepdim=True)",
    ),
    averaged(
        "averages as a column",
        "Your averages are a table of one column: shape (N,) is asked for.",
        "x.mean(dim=0)[:, None]",
    ),
    averaged(
        "one column's average a bare number",
        "Where there is one column you return a bare number: shape (1,) is asked for. Leave squeeze() out.",
        "x.mean(dim=0).squeeze()",
    ),
    averaged(
        "median instead of mean", "You return the columns' medians: the mean is asked for.", "x.median(dim=0).values"
    ),
    averaged(
        "largest instead of mean",
        "You return the columns' largest numbers: the mean is asked for.",
        "x.max(dim=0).values",
    ),
    averaged(
        "cut to whole numbers",
        "Your averages are whole numbers: the division // or an integer dtype cuts the rest off.",
        "x.mean(dim=0).floor()",
    ),
    averaged("first row", "You return the first row: the average of each column is asked for.", "x[0]"),
]
JOIN = [
    joined(
        "on top of each other",
        "You put the tables on top of each other, which works only by chance: side by side means along dimension 1.",
        "torch.cat([left, right], dim=0)",
    ),
    joined(
        "the second table first",
        ("You put the second table first. cat_one comes first: torch.cat((cat_one, cat_two), dim=1)."),
        "torch.cat([right, left], dim=1)",
    ),
    joined(
        "stacked along a new dimension",
        "You stack the tables along a new dimension: side by side means along dimension 1, which is there already (cat, not stack).",
        "torch.stack([left, right], dim=1)",
    ),
    joined(
        "stacked along a new dimension in front",
        "You stack the tables along a new dimension: side by side means along dimension 1, which is there already (cat, not stack).",
        "torch.stack([left, right])",
    ),
    joined(
        "stacked along a new last dimension",
        "You stack the tables along a new dimension: side by side means along dimension 1, which is there already (cat, not stack).",
        "torch.stack([left, right], dim=-1)",
    ),
    joined("added", "You add the tables: side by side means that all columns stay.", "left + right"),
    joined("the first table alone", "You return the first table alone: the second belongs beside it.", "left"),
    joined(
        "the first table twice",
        (
            "You put the first table beside itself. The second table belongs on the "
            "right: torch.cat((cat_one, cat_two), dim=1)."
        ),
        "torch.cat([left, left], dim=1)",
    ),
    joined(
        "flattened into one row",
        "You put all numbers in one row: the rows stay, and become longer.",
        "torch.cat([left, right], dim=1).flatten()",
    ),
    joined(
        "both tables flattened, one after the other",
        "You flatten both tables and join them: the rows stay, and become longer.",
        "torch.cat([left.flatten(), right.flatten()])",
    ),
    joined(
        "the result transposed",
        "Your result is transposed: shape (M, N + K).",
        "torch.cat([left, right], dim=1).T",
    ),
]
MEASURE = [
    lost(
        "squares summed",
        "Your loss is N times too large: it is the mean of the squares.",
        "(prediction - target).square().sum()",
    ),
    lost(
        "absolute value instead of square",
        "Your loss is the mean absolute error: square the differences.",
        "(prediction - target).abs().mean()",
    ),
    lost(
        "root of the loss",
        "You take the root at the end: the mean squared error has none.",
        "(prediction - target).square().mean().sqrt()",
    ),
    lost(
        "a loss for each",
        "You return the square of each difference: a loss is one number, their mean.",
        "(prediction - target).square()",
    ),
    lost(
        "every prediction with every target",
        "You compare every prediction with every target: shapes (N, 1) and (N,) broadcast to (N, N). Give both the same shape.",
        "(prediction[:, None] - target).square().mean()",
    ),
    lost(
        "the mean difference squared",
        "You average the differences first and square then, so that differences of opposite sign cancel. Square each, then average.",
        "(prediction - target).mean().square()",
    ),
    lost(
        "the summed difference squared",
        "You add the differences up first and square then, so that differences of opposite sign cancel. Square each, then average.",
        "(prediction - target).sum().square()",
    ),
    lost(
        "differences not squared",
        "You average the differences as they are, so that those of opposite sign cancel. Square each.",
        "(prediction - target).mean()",
    ),
    lost(
        "half of the loss",
        "Your loss is half of what it should be: there is no ½ here.",
        "0.5 * (prediction - target).square().mean()",
    ),
    lost(
        "half of the sum",
        "Your loss is half the sum of the squares. It is their mean, without a ½.",
        "0.5 * (prediction - target).square().sum()",
    ),
    lost(
        "the difference of the squares",
        "You square prediction and target, and subtract then. Subtract first, then square.",
        "(prediction.square() - target.square()).mean()",
    ),
    lost(
        "prediction and target added",
        "You add prediction and target: subtract one from the other.",
        "(prediction + target).square().mean()",
    ),
    lost(
        "divided by N − 1",
        "You divide the sum of the squares by N − 1. A mean divides by N.",
        "(prediction - target).square().sum() / (len(target) - 1)",
    ),
    lost(
        "divided by N twice",
        "You divide by N twice: the mean does so already.",
        "(prediction - target).square().mean() / len(target)",
    ),
    lost(
        "a tensor of one number",
        "You return a tensor of shape (1,): one number is asked for, of shape ().",
        "(prediction - target).square().mean()[None]",
    ),
    lost(
        "the largest square",
        "You return the largest square: the mean is asked for.",
        "(prediction - target).square().max()",
    ),
    lost(
        "sign of the loss",
        "Your loss is negative: a mean of squares never is.",
        "-(prediction - target).square().mean()",
    ),
]

MISTAKES = [*RESHAPE, *AVERAGE, *JOIN, *MEASURE]
