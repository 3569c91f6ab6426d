"""What goes wrong in predictions that are weighted sums, and in the mean squared error."""

from __future__ import annotations

from collections.abc import Iterator

from groundup.judge.exercise import Edit, Mistake

PREDICTION, SQUARES = "X @ weights", "(truth - prediction) ** 2"
MEAN = f"np.mean({SQUARES})"
RETURN = f"return float({MEAN})"


def predict(name: str, says: str, new: str, old: str = PREDICTION) -> Mistake:
    """Return a mistake in the prediction: by default, what is there instead."""
    return Mistake(name, says, [Edit(old, new, "predict")])


def error(name: str, says: str, new: str, old: str = MEAN) -> Mistake:
    """Return a mistake in the error: by default, what is there instead."""
    return Mistake(name, says, [Edit(old, new, "measure_error")])


PREDICTIONS = [
    predict(
        "multiplied, not summed",
        "You multiply features and weights but do not add the products up: a prediction is one number per row.",
        "X * weights",
    ),
    predict(
        "averaged over the features",
        "Your predictions are d = {d} times too small: the products of a row are added, not averaged.",
        "X @ weights / X.shape[1]",
    ),
    predict(
        "a column instead of N numbers",
        "Your prediction is a column of shape (N, 1). The exercise asks for the shape (N,): weights have one "
        "dimension, so X @ weights gives it.",
        "X @ weights[:, None]",
    ),
    predict(
        "a row instead of N numbers",
        "Your prediction has the shape (1, N). The exercise asks for the shape (N,).",
        "(X @ weights)[None, :]",
    ),
    predict(
        "summed down the examples",
        "You add the products down the columns (axis 0), which gives a number for every feature. Add along the rows, axis 1.",
        "np.sum(X * weights, axis=0)",
    ),
    predict(
        "everything summed to one number",
        "You add up the products of all rows to one number. There is a prediction for every row: sum along axis 1.",
        "np.sum(X * weights)",
    ),
    predict(
        "one mean of all products",
        "You average all products to one number. There is a prediction for every row, the sum of its products.",
        "np.mean(X * weights)",
    ),
    predict(
        "X turned round",
        "You transpose X (X.T): its rows are the examples, so X @ weights is right as it is.",
        "X.T @ weights",
    ),
    predict(
        "last feature left out",
        "The last column of X is left out of your prediction. range(d) already runs to d − 1: no − 1 is needed.",
        "X[:, :-1] @ weights[:-1]",
    ),
    predict(
        "first feature left out",
        "The first column of X is left out of your prediction. range(d) begins at 0.",
        "X[:, 1:] @ weights[1:]",
    ),
    predict(
        "only the first feature",
        "Only the first column of X is used in your prediction: add the products of all of them. A return inside "
        "the loop ends it.",
        "X[:, 0] * weights[0]",
    ),
    predict(
        "only the last feature",
        "Only the last column of X is used in your prediction: add the products up with `+=`, not `=`.",
        "X[:, -1] * weights[-1]",
    ),
    predict(
        "written for two features",
        "Your prediction is written for exactly two features. Let it take as many as X has columns: X @ weights.",
        "X[:, 0] * weights[0] + X[:, 1] * weights[1]",
    ),
    predict(
        "written for three features",
        "Your prediction is written for exactly three features. Let it take as many as X has columns: X @ weights.",
        "X[:, 0] * weights[0] + X[:, 1] * weights[1] + X[:, 2] * weights[2]",
    ),
    predict(
        "weights in reverse order",
        "Each feature is multiplied by the weight of another one: column j belongs to weight j.",
        "X @ weights[::-1]",
    ),
    predict(
        "rows in reverse order",
        "Your predictions are in reverse order: row i belongs to prediction i.",
        "X[::-1] @ weights",
    ),
    predict(
        "weights sorted",
        "You sort the weights: column j belongs to weight j, in the order that is given.",
        "X @ np.sort(weights)",
    ),
    predict(
        "features and weights added",
        "You add weights to features: multiply each feature by its weight, then add up.",
        "np.sum(X + weights, axis=1)",
    ),
    predict(
        "weights subtracted",
        "You subtract the weights from the features: multiply each feature by its weight.",
        "np.sum(X - weights, axis=1)",
    ),
    predict(
        "divided by the weights",
        "You divide the features by the weights: multiply them instead.",
        "np.sum(X / weights, axis=1)",
    ),
    predict(
        "weights ignored",
        ("You add up the features without their weights. Multiply each feature by its weight first: X @ weights."),
        "np.sum(X, axis=1)",
    ),
    predict(
        "the two sums multiplied",
        "You add up features and weights separately and multiply the sums. Multiply each feature by its weight first.",
        "np.sum(X, axis=1) * np.sum(weights)",
    ),
    predict(
        "a weighted mean",
        "You divide by the sum of the weights (a weighted mean, np.average does that): a prediction is the plain sum.",
        "X @ weights / np.sum(weights)",
    ),
    predict(
        "divided by the number of rows",
        "You divide the predictions by N = {N}: each is the sum of its own products.",
        "X @ weights / len(X)",
    ),
    predict(
        "weights normalised",
        "You divide the weights by their length: take them as they are.",
        "X @ weights / np.linalg.norm(weights)",
    ),
    predict(
        "sign of the prediction",
        ("Your predictions have the wrong sign. Look for a minus in front of X, of the weights or of the sum."),
        "-(X @ weights)",
    ),
    predict("predictions without their signs", "Your predictions have no signs: leave out abs.", "np.abs(X @ weights)"),
    predict(
        "the products without their signs",
        "You add the products without their signs: leave out abs.",
        "np.sum(np.abs(X * weights), axis=1)",
    ),
    predict("never below 0", "You cut predictions at 0: they may be negative.", "np.maximum(X @ weights, 0)"),
    predict(
        "a sigmoid on the prediction",
        "You apply a sigmoid to the predictions: a regression returns the sums themselves.",
        "1 / (1 + np.exp(-(X @ weights)))",
    ),
    predict("a bias of 1", "Your predictions are 1 too large: there is no bias here.", "X @ weights + 1"),
    predict(
        "products squared", "You square the products: add them up as they are.", "np.sum((X * weights) ** 2, axis=1)"
    ),
    predict("features squared", "You square the features: multiply each by its weight as it is.", "X**2 @ weights"),
    predict("weights squared", "You square the weights: multiply each by its feature as it is.", "X @ weights**2"),
    predict(
        "the products multiplied",
        "You multiply a row's products with each other: add them up.",
        "np.prod(X * weights, axis=1)",
    ),
    predict(
        "the largest product", "You take the largest product of each row: add them up.", "np.max(X * weights, axis=1)"
    ),
    predict(
        "twice the prediction",
        (
            "Your predictions are twice what they should be. Each product is added once: "
            "is the sum multiplied by 2, or is each product added in two places?"
        ),
        "2 * (X @ weights)",
    ),
    predict(
        "only the first row",
        "You return the prediction of the first row alone: a return inside the loop ends it. Indent it less.",
        "(X @ weights)[0]",
    ),
    predict(
        "only the first row, as an array",
        "You return the prediction of the first row alone: there is one for every row.",
        "(X @ weights)[:1]",
    ),
    predict(
        "only the last row",
        "You return the prediction of the last row alone: collect one for every row.",
        "(X @ weights)[-1]",
    ),
    predict(
        "the last row left out",
        "Your last row has no prediction: range(N) already ends before N: no − 1 is needed.",
        "(X @ weights)[:-1]",
    ),
    predict("the first row left out", "Your first row has no prediction: range(N) begins at 0.", "(X @ weights)[1:]"),
    predict(
        "running sums",
        "The sum is not set back to 0 for the next row: each prediction holds those before it. Put `total = 0` inside the outer loop.",
        "np.cumsum(X @ weights)",
    ),
    predict(
        "the mean subtracted",
        "You subtract the mean of the predictions: return them as they are.",
        "X @ weights - np.mean(X @ weights)",
    ),
    predict(
        "predictions cut to whole numbers",
        "Your predictions have lost their fractions: an array of whole numbers cannot hold them. Make one of floats: np.zeros(N).",
        "np.trunc(X @ weights)",
    ),
    predict(
        "cut to whole numbers where X is whole",
        "Where X holds whole numbers, so do your predictions: np.zeros_like copies the type. Make an array of "
        "floats: np.zeros(N).",
        "(X @ weights).astype(X.dtype)",
    ),
]

ERRORS = [
    error(
        "squared errors summed, not averaged",
        "Your error is N = {N} times too large: divide the sum of squares by the number of examples.",
        f"np.sum({SQUARES})",
    ),
    error(
        "not squared",
        "You average the differences themselves: one that is too high and one that is too low cancel out. Square each difference first.",
        "np.mean(truth - prediction)",
    ),
    error(
        "not squared, prediction − truth",
        "You average the differences themselves: one that is too high and one that is too low cancel out. Square each difference first.",
        "np.mean(prediction - truth)",
    ),
    error(
        "absolute value instead of square",
        "You average the sizes of the differences (the mean absolute error). Here large ones should count more: "
        "square.",
        "np.mean(abs(truth - prediction))",
    ),
    error(
        "the mean squared, not the squares' mean",
        "You average first and square afterwards, so differences of opposite signs cancel out. Square each one first.",
        "np.mean(truth - prediction) ** 2",
    ),
    error(
        "the sum squared",
        "You add the differences up first and square the sum, so differences of opposite signs cancel out. Square each one first.",
        "np.sum(truth - prediction) ** 2",
    ),
    error(
        "the sum squared, divided by N",
        "You add the differences up first and square the sum, so differences of opposite signs cancel out. Square each one first.",
        "np.sum(truth - prediction) ** 2 / len(truth)",
    ),
    error(
        "every prediction against every truth",
        "You subtract a column of shape (N, 1) from N numbers, and NumPy makes N × N differences of them: each prediction against every truth. "
        "Give both the shape (N,).",
        "np.mean((truth - prediction[:, None]) ** 2)",
    ),
    error(
        "root of the error",
        "You take the root at the end. That is the root mean squared error, in the target's own unit; the "
        "exercise asks for the mean squared error.",
        f"np.sqrt({MEAN})",
    ),
    error(
        "the length of the differences",
        "You take the length of all differences together (np.linalg.norm), the root of their sum of squares. The "
        "exercise asks for the squares' mean.",
        f"np.sqrt(np.sum({SQUARES}))",
    ),
    error(
        "the length of the differences, divided by N",
        "You take the length of all differences together (np.linalg.norm) and divide by N. The exercise asks for "
        "the mean of the squares.",
        f"np.sqrt(np.sum({SQUARES})) / len(truth)",
    ),
    error(
        "half the error",
        "Your error is half of what it should be. Some books put a ½ in front to make the derivative look nicer; the mean squared error has "
        "none.",
        f"0.5 * {MEAN}",
    ),
    error(
        "half the sum of squares",
        "You take half the sum of the squares. The exercise asks for their mean: divide by N = {N}.",
        f"0.5 * np.sum({SQUARES})",
    ),
    error(
        "twice the error", "Your error is twice what it should be: it is the plain mean of the squares.", f"2 * {MEAN}"
    ),
    error(
        "divided by N − 1",
        "You divide by N − 1 = {N} − 1, as for a sample's variance. No mean was estimated here: divide by N.",
        f"np.sum({SQUARES}) / (len(truth) - 1)",
    ),
    error(
        "divided by N − 1, but not by 0",
        "You divide by N − 1 = {N} − 1, as for a sample's variance. No mean was estimated here: divide by N.",
        f"np.sum({SQUARES}) / max(len(truth) - 1, 1)",
    ),
    error(
        "divided by N + 1",
        "You divide by N + 1: divide by N = {N}, the number of examples.",
        f"np.sum({SQUARES}) / (len(truth) + 1)",
    ),
    error("divided by N twice", "You divide by N = {N} twice: np.mean already divides by N.", f"{MEAN} / len(truth)"),
    error(
        "the squares' difference",
        "You subtract squares. Subtract first, then square the difference.",
        "np.mean(prediction**2 - truth**2)",
    ),
    error(
        "the squares' difference, truth first",
        "You subtract squares. Subtract first, then square the difference.",
        "np.mean(truth**2 - prediction**2)",
    ),
    error(
        "only the truth squared",
        "You square the truth alone, or the prediction alone: put the difference in brackets, and square that.",
        "np.mean(prediction - truth**2)",
    ),
    error(
        "only the prediction squared",
        "You square the prediction alone: put the difference in brackets, and square that.",
        "np.mean(truth - prediction**2)",
    ),
    error(
        "added instead of subtracted",
        "You add truth and prediction. Subtract one from the other.",
        "np.mean((truth + prediction) ** 2)",
    ),
    error(
        "the mean of the squared predictions",
        "You take the predictions' squares: subtract the truth first.",
        "np.mean(prediction**2)",
    ),
    error(
        "the variance of the differences",
        "You take the variance of the differences, which forgets how large they are together. The exercise asks "
        "for the mean of their squares.",
        "np.var(truth - prediction)",
    ),
    error(
        "the median of the squares",
        "You take the median of the squares: the exercise asks for the mean.",
        f"np.median({SQUARES})",
    ),
    error("the largest square", "You take the largest square: the exercise asks for the mean.", f"np.max({SQUARES})"),
    error(
        "the median difference",
        "You take the median of the differences' sizes: the exercise asks for the mean of the squares.",
        "np.median(abs(truth - prediction))",
    ),
    error(
        "the power 3", "You raise the differences to the power of 3: square them.", "np.mean((truth - prediction) ** 3)"
    ),
    error("the power 4", "You square the differences twice: once is enough.", "np.mean((truth - prediction) ** 4)"),
    error(
        "2 times the difference",
        "You multiply the differences by 2 instead of squaring them: `** 2`, not `* 2`.",
        "np.mean((truth - prediction) * 2)",
    ),
    error(
        "2 times the difference, prediction − truth",
        "You multiply the differences by 2 instead of squaring them: `** 2`, not `* 2`.",
        "np.mean((prediction - truth) * 2)",
    ),
    error(
        "relative errors",
        "You divide the differences by the truth: take them as they are.",
        "np.mean(((truth - prediction) / truth) ** 2)",
    ),
    error(
        "divided by the truth's variance",
        "You divide by the variance of the truth, as R² does: the exercise asks for the mean of the squares alone.",
        f"{MEAN} / np.var(truth)",
    ),
    error("the negative of the error", "Your error is negative: squares have no minus.", f"-{MEAN}"),
    error(
        "the logarithm of the error",
        "You take a logarithm at the end: the exercise asks for the mean of the squares.",
        f"np.log({MEAN})",
    ),
    error(
        "no mean at all",
        "You return the squares, one per example. The exercise asks for one number: their mean.",
        SQUARES,
        f"float({MEAN})",
    ),
    error(
        "no mean, no square",
        "You return the differences, one per example. The exercise asks for one number: the mean of their squares.",
        "truth - prediction",
        f"float({MEAN})",
    ),
    error(
        "only the first example",
        "Only the first example counts: a return inside the loop ends it. Indent it less.",
        "(truth[0] - prediction[0]) ** 2",
    ),
    error(
        "the first example of N",
        "Only the first example counts, divided by N = {N}: a return inside the loop ends it. Indent it less.",
        "(truth[0] - prediction[0]) ** 2 / len(truth)",
    ),
    error(
        "only the last example",
        "Only the last example counts: add up with `+=`, not `=`.",
        "(truth[-1] - prediction[-1]) ** 2",
    ),
    error(
        "the last example of N",
        "Only the last example counts, divided by N = {N}: add up with `+=`, not `=`.",
        "(truth[-1] - prediction[-1]) ** 2 / len(truth)",
    ),
    error(
        "the first example left out",
        "The first example is not used: range(N) begins at 0.",
        f"np.sum(({SQUARES})[1:]) / len(truth)",
    ),
    error(
        "the last example left out",
        "The last example is not used: range(N) already ends before N: no − 1 is needed.",
        f"np.sum(({SQUARES})[:-1]) / len(truth)",
    ),
    error(
        "the prediction is overwritten",
        "You subtract the truth from the prediction in place (`-=`), so the caller's prediction is changed: a "
        "second call with it is wrong. Write `difference = prediction - truth`.",
        "prediction -= truth\n    return float(np.mean(prediction**2))",
        RETURN,
    ),
    error(
        "the truth is overwritten",
        "You subtract the prediction from the truth in place (`-=`), so the caller's truth is changed: a second "
        "call with it is wrong. Write `difference = truth - prediction`.",
        "truth -= prediction\n    return float(np.mean(truth**2))",
        RETURN,
    ),
    error(
        "the error cut to a whole number",
        "Your error is cut to a whole number: leave out int, and divide with `/`, not `//`.",
        f"int({MEAN})",
    ),
]


def list_roundings() -> Iterator[Mistake]:
    """Yield either result with too few places."""
    for places in (2, 3, 4, 1, 0):
        words = f"{places} place{'s' * (places != 1)}" if places else "whole numbers"
        yield predict(
            f"predictions rounded to {words}",
            f"You round the predictions to {words}. Keep at least 5 decimal places.",
            f"np.round(X @ weights, {places})",
        )
        yield error(
            f"the error rounded to {words}",
            f"You round the error to {words}. Keep at least 5 decimal places.",
            f"np.round({MEAN}, {places})",
        )
    yield error(
        "differences rounded first",
        "You round the differences before you square them. Round once, at the end.",
        "np.mean(np.round(truth - prediction, 2) ** 2)",
    )


MISTAKES = [*PREDICTIONS, *ERRORS, *list_roundings()]
