"""What goes wrong in training a linear model: in the slope, the moves, the start, the loop, the result."""

from __future__ import annotations

from collections.abc import Iterator

from groundup.judge.exercise import Edit, Mistake

ONE, ALL, TRAIN = "differentiate_one_weight", "differentiate", "train"
STEP = "learning_rate * differentiate(predict(X, weights), truth, X)"
MOVE = f"weights = weights - {STEP}"
LOOP = "for _ in range(iterations):"
START, RETURN = "initial_weights.copy()", "return weights"
ONE_SLOPE, ALL_SLOPES = (
    "-2 / len(truth) * np.sum((truth - prediction) * X[:, weight_index])",
    "-2 / len(truth) * (X.T @ (truth - prediction))",
)


def both(old: str, new: str) -> list[Edit]:
    """Make one change in the slope along one weight and along all."""
    return [Edit(old, new, ONE), Edit(old, new, ALL)]


def slope(name: str, says: str, one: str, every: str | None = None) -> Mistake:
    """Return a mistake in the slope along one weight, and in the slopes that training uses, if there is one."""
    return Mistake(name, says, [Edit(ONE_SLOPE, one, ONE), *([Edit(ALL_SLOPES, every, ALL)] if every else [])])


def train(name: str, says: str, new: str, old: str = MOVE, *more: tuple[str, str]) -> Mistake:
    """Return a mistake in training: by default, in the move."""
    return Mistake(name, says, [Edit(*edit, TRAIN) for edit in ((old, new), *more)])


COMMON = [
    Mistake(
        "sign flipped",
        "Your slope points the wrong way, so every step climbs. The derivative of (truth − prediction)² by the "
        "prediction is −2 (truth − prediction): check the minus, or subtract the truth from the prediction.",
        both("-2", "2"),
    ),
    Mistake(
        "not divided by N",
        "Your slope has the right direction but is N = {N} times too large: the error is a mean, so its derivative is divided by the number "
        "of examples too.",
        both("-2 / len(truth)", "-2"),
    ),
    Mistake(
        "the 2 is missing",
        "Your slope is half of what it should be: the power 2 of the squared error comes down as a factor.",
        both("-2", "-1"),
    ),
    train(
        "one iteration too few",
        "It takes one step fewer than asked for, or returns the weights from before the last step: range(1, n) has n − 1 numbers.",
        "range(1, iterations)",
        "range(iterations)",
    ),
    Mistake(
        "divided by the number of features",
        "You divide by d = {d}, the columns of X. The mean is over examples: divide by N = {N}, its rows.",
        both("len(truth)", "X.shape[1]"),
    ),
    train(
        "training divides by the number of features",
        "In training you hand d = {d} over as N: it is the number of examples, len(X).",
        MOVE.replace("learning_rate *", "learning_rate * len(truth) / X.shape[1] *"),
    ),
    train(
        "weights updated one after the other",
        "Each weight's step uses a prediction made with weights that already moved. All slopes of an iteration belong to the same old weights: "
        "predict once, then update every weight.",
        "weights = weights.copy()\n"
        "        for place in range(len(weights)):\n"
        "            slope = differentiate(predict(X, weights), truth, X)[place]\n"
        "            weights[place] = weights[place] - learning_rate * slope",
    ),
    train(
        "prediction made once, before the loop",
        "Every iteration uses the prediction of the initial weights. It changes with the weights: compute it "
        "again inside the loop.",
        "predict(X, start)",
        "predict(X, weights)",
        (LOOP, f"start = weights\n    {LOOP}"),
    ),
    train(
        "one iteration too many",
        "It takes one step more than asked for: range(n + 1) has n + 1 numbers.",
        "range(iterations + 1)",
        "range(iterations)",
    ),
    train(
        "climbs instead of descending",
        "You add the slope to the weights. The slope points uphill: subtract it.",
        "weights + learning_rate",
        "weights - learning_rate",
    ),
    *(
        # A factor in the slope and one in the learning rate make the same steps.
        train(
            f"steps {told} as long",
            f"Each step is {told} as long as it should be: {factor}, or the learning rate is {rate:g} instead of 0.01.",
            STEP.replace("learning_rate", str(rate)),
            STEP,
        )
        for told, factor, rate in (
            ("half", "the factor 2 of the slope is missing in train_model", 0.005),
            ("twice", "the factor 2 of the slope stands twice in train_model", 0.02),
        )
    ),
    *(
        train(
            name,
            f"Your learning rate is {rate:g}: that of this exercise is 0.01.",
            STEP.replace("learning_rate", str(rate)),
            STEP,
        )
        for name, rate in (
            ("another learning rate", 0.1),
            ("a learning rate of 0.001", 0.001),
            ("a learning rate of 0.05", 0.05),
            ("a learning rate of 0.0001", 0.0001),
        )
    ),
    train(
        "learning rate left out",
        "You subtract the whole slope: multiply it by the learning rate, 0.01.",
        STEP.replace("learning_rate * ", ""),
        STEP,
    ),
    train(
        "divided by the learning rate",
        "You divide the slope by the learning rate: multiply them instead.",
        "differentiate(predict(X, weights), truth, X) / learning_rate",
        STEP,
    ),
    train(
        "does not start at the initial weights",
        "With zero iterations you do not return the initial weights, so you start elsewhere: at random numbers, for example.",
        "np.random.default_rng(0).normal(0, 1, X.shape[1])",
        START,
    ),
    train(
        "initial weights ignored",
        "You start from zeros: start from the initial weights that are given.",
        "np.zeros(X.shape[1])",
        START,
    ),
    train(
        "starts at ones",
        "You start from ones: start from the initial weights that are given.",
        "np.ones(X.shape[1])",
        START,
    ),
    train(
        "returned after the first iteration",
        "It returns after the first iteration, and nothing (None) where none is asked for: the return is inside "
        "the loop. Indent it less.",
        f"        {MOVE}\n        {RETURN}\n    return None",
        f"        {MOVE}\n    {RETURN}",
    ),
    train(
        "one iteration only",
        "It takes one step, however many are asked for: let the loop run to its end.",
        "range(min(iterations, 1))",
        "range(iterations)",
    ),
    train(
        "always one iteration",
        "It takes one step, even where none is asked for: is the loop missing?",
        "range(1)",
        "range(iterations)",
    ),
    *(
        train(
            f"always {count} iterations",
            f"It takes {count} steps however many are asked for: use num_iterations.",
            f"range({count})",
            "range(iterations)",
        )
        for count in (100, 10, 1000)
    ),
    Mistake(
        "X left out",
        "Your slope is the same for every weight: each one's error has to be multiplied by the feature that the weight multiplies, X[:, j], "
        "before it is summed (chain rule).",
        [
            Edit(" * X[:, weight_index]", "", ONE),
            Edit("X.T @ (truth - prediction)", "np.ones(X.shape).T @ (truth - prediction)", ALL),
        ],
    ),
    slope(
        "the place taken for a value",
        "You multiply by desired_weight itself. It is the index of the weight: multiply by its feature, X[:, "
        "desired_weight].",
        "-2 / len(truth) * np.sum((truth - prediction) * weight_index)",
    ),
    slope(
        "a row of X instead of a column",
        "You take a row, X[desired_weight]. A weight belongs to a column: X[:, desired_weight].",
        "-2 / len(truth) * np.sum((truth - prediction) * X[weight_index])",
    ),
    slope(
        "a row of X instead of a column, by dot",
        "You take a row, X[desired_weight]. A weight belongs to a column: X[:, desired_weight].",
        "-2 / len(truth) * np.dot(truth - prediction, X[weight_index])",
    ),
    slope(
        "always the first weight",
        "You take the first column of X whatever weight is asked for: X[:, desired_weight].",
        "-2 / len(truth) * np.sum((truth - prediction) * X[:, 0])",
    ),
    slope(
        "always the last weight",
        "You take the last column of X whatever weight is asked for: X[:, desired_weight].",
        "-2 / len(truth) * np.sum((truth - prediction) * X[:, -1])",
    ),
    slope(
        "the weight before",
        "You take the column before that of the weight: counting begins at 0, so no − 1 is needed.",
        "-2 / len(truth) * np.sum((truth - prediction) * X[:, weight_index - 1])",
    ),
    slope(
        "the weight after",
        "You take the column after that of the weight: counting begins at 0, so no + 1 is needed.",
        "-2 / len(truth) * np.sum((truth - prediction) * X[:, weight_index + 1])",
    ),
    slope(
        "all columns of X",
        "You multiply by all of X: the exercise asks for the slope along one weight, whose column is X[:, "
        "desired_weight].",
        "-2 / len(truth) * np.sum((truth - prediction) @ X)",
    ),
    slope(
        "sums multiplied",
        "You add up errors and features separately and multiply the sums. Multiply each error by its feature first.",
        "-2 / len(truth) * np.sum(truth - prediction) * np.sum(X[:, weight_index])",
    ),
    slope(
        "squared errors in the slope",
        "You square the errors inside the slope: the square's slope has the plain error in it.",
        "-2 / len(truth) * np.sum((truth - prediction) ** 2 * X[:, weight_index])",
        "-2 / len(truth) * (X.T @ (truth - prediction) ** 2)",
    ),
    slope(
        "errors without their signs",
        "You take the errors without their signs: leave out abs.",
        "-2 / len(truth) * np.sum(np.abs(truth - prediction) * X[:, weight_index])",
        "-2 / len(truth) * (X.T @ np.abs(truth - prediction))",
    ),
    slope(
        "the slope without its sign",
        "You return the slope without its sign: leave out abs.",
        f"np.abs({ONE_SLOPE})",
        f"np.abs({ALL_SLOPES})",
    ),
    slope(
        "the prediction instead of the error",
        "You multiply X by the prediction: it is the error, truth − prediction, that is multiplied.",
        "-2 / len(truth) * np.sum(prediction * X[:, weight_index])",
        "-2 / len(truth) * (X.T @ prediction)",
    ),
    slope(
        "the truth instead of the error",
        "You multiply X by the truth: it is the error, truth − prediction, that is multiplied.",
        "-2 / len(truth) * np.sum(truth * X[:, weight_index])",
        "-2 / len(truth) * (X.T @ truth)",
    ),
    slope(
        "truth and prediction added",
        "You add truth and prediction: the error is their difference.",
        "-2 / len(truth) * np.sum((truth + prediction) * X[:, weight_index])",
        "-2 / len(truth) * (X.T @ (truth + prediction))",
    ),
    slope(
        "the feature squared",
        "You multiply by the feature twice: once is enough.",
        "-2 / len(truth) * np.sum((truth - prediction) * X[:, weight_index] ** 2)",
        "-2 / len(truth) * ((X**2).T @ (truth - prediction))",
    ),
    slope(
        "the mean squared error itself",
        "You return the error. The exercise asks for its slope along one weight: −2/N * Σ (truth − prediction) * "
        "X[:, j].",
        "np.mean((truth - prediction) ** 2)",
    ),
    slope(
        "the 2 twice",
        "Your slope is twice what it should be: the factor 2 comes in once.",
        "2 * " + ONE_SLOPE,
        "2 * " + ALL_SLOPES,
    ),
    slope(
        "divided by N twice",
        "Your slope is divided by N = {N} twice: np.mean already divides by N.",
        f"{ONE_SLOPE} / len(truth)",
        f"{ALL_SLOPES} / len(truth)",
    ),
    slope(
        "divided by N − 1",
        "You divide by N − 1: divide by N = {N}.",
        ONE_SLOPE.replace("len(truth)", "(len(truth) - 1)"),
        ALL_SLOPES.replace("len(truth)", "(len(truth) - 1)"),
    ),
    slope(
        "multiplied by N",
        "You multiply by N = {N}: −2 / N * … divides, −2 * N does not. Check the brackets.",
        ONE_SLOPE.replace("/", "*"),
        ALL_SLOPES.replace("/", "*"),
    ),
    slope(
        "divided by 2N",
        "You divide by 2N: it is −2/N, not −1/(2N).",
        ONE_SLOPE.replace("-2 /", "-0.5 /"),
        ALL_SLOPES.replace("-2 /", "-0.5 /"),
    ),
    slope(
        "summed, and without the 2",
        "The 2 is missing, and the division by N = {N}: the slope is −2/N * Σ ….",
        ONE_SLOPE.replace("-2 / len(truth)", "-1"),
        ALL_SLOPES.replace("-2 / len(truth)", "-1"),
    ),
    slope(
        "the last example left out",
        "The last example is not used: range(N) already ends before N: no − 1 is needed.",
        "-2 / len(truth) * np.sum(((truth - prediction) * X[:, weight_index])[:-1])",
        "-2 / len(truth) * (X.T[:, :-1] @ (truth - prediction)[:-1])",
    ),
    slope(
        "the first example left out",
        "The first example is not used: range(N) begins at 0.",
        "-2 / len(truth) * np.sum(((truth - prediction) * X[:, weight_index])[1:])",
        "-2 / len(truth) * (X.T[:, 1:] @ (truth - prediction)[1:])",
    ),
    slope(
        "only the first example",
        "Only the first example counts: a return inside the loop ends it. Indent it less.",
        "-2 / len(truth) * ((truth - prediction) * X[:, weight_index])[0]",
        "-2 / len(truth) * (X[0] * (truth - prediction)[0])",
    ),
    slope(
        "only the last example",
        "Only the last example counts: add up with `+=`, not `=`.",
        "-2 / len(truth) * ((truth - prediction) * X[:, weight_index])[-1]",
        "-2 / len(truth) * (X[-1] * (truth - prediction)[-1])",
    ),
    Mistake(
        "one slope per example",
        "You return a number for every example. The exercise asks for the slope along one weight: add them up.",
        [Edit(f"float({ONE_SLOPE})", "-2 / len(truth) * ((truth - prediction) * X[:, weight_index])", ONE)],
    ),
    Mistake(
        "the slopes along all weights",
        "You return the slopes along all weights. The exercise asks for that of one: take X[:, desired_weight].",
        [Edit(f"float({ONE_SLOPE})", "-2 / len(truth) * (X.T @ (truth - prediction))", ONE)],
    ),
    Mistake(
        "absolute value instead of square",
        "You differentiate |truth − prediction|: its slope is the same however large the error. The squared error's slope is proportional to "
        "the error itself.",
        both("-2", "-1") + both("(truth - prediction)", "np.sign(truth - prediction)"),
    ),
    Mistake(
        "only the error's sign",
        "You use only whether an error is above or below 0. The squared error's slope is proportional to the error itself.",
        both("(truth - prediction)", "np.sign(truth - prediction)"),
    ),
    train(
        "one step for each example",
        "You move after every example (stochastic descent). Here all examples make one step together: predict all, average, move once.",
        "for row, target in zip(X, truth):\n            weights = weights + 2 * learning_rate * (target - row @ weights) * row",
    ),
    train(
        "one step for each example, divided by N",
        "You move after every example. Here all examples make one step together: predict all, average, move once.",
        "for row, target in zip(X, truth):\n            weights = weights + 2 * learning_rate * (target - row @ weights) * row / len(truth)",
    ),
    train(
        "the weights are the last step",
        "The weights are replaced by the step: the old weights are missing in front of the minus.",
        f"weights = -{STEP}",
    ),
    train(
        "the slope instead of the step",
        "The weights are replaced by learning rate * slope: subtract that from the old weights.",
        f"weights = {STEP}",
    ),
    train(
        "only the first weight moves",
        "Only the first weight moves: all of them have slopes.",
        f"weights = weights - {STEP} * (np.arange(len(weights)) == 0)",
    ),
    train(
        "only the last weight moves",
        "Only the last weight moves: all of them have slopes.",
        f"weights = weights - {STEP} * (np.arange(len(weights)) == len(weights) - 1)",
    ),
    train(
        "the first weight never moves",
        "The first weight never moves: range(d) begins at 0.",
        f"weights = weights - {STEP} * (np.arange(len(weights)) > 0)",
    ),
    train(
        "the last weight never moves",
        "The last weight never moves: range(d) already ends before d: no − 1 is needed.",
        f"weights = weights - {STEP} * (np.arange(len(weights)) < len(weights) - 1)",
    ),
    train(
        "only three weights move",
        "Your training moves exactly three weights, as in the example. Let it move as many as there are.",
        f"step = {STEP}\n        weights = weights.copy()\n        for place in (0, 1, 2):\n            weights[place] = weights[place] - step[place]",
    ),
    train(
        "only two weights move",
        "Your training moves exactly two weights. Let it move as many as there are.",
        f"step = {STEP}\n        weights = weights.copy()\n        for place in (0, 1):\n            weights[place] = weights[place] - step[place]",
    ),
    train(
        "as many weights as examples",
        "You move as many weights as there are examples: their number is X.shape[1], not len(X).",
        f"step = {STEP}\n        weights = weights.copy()\n        for place in range(len(X)):\n            weights[place] = weights[place] - step[place]",
    ),
    train(
        "the first slope for every weight",
        "Every weight moves by the slope of the first: pass the index of each weight.",
        f"weights = weights - {STEP}[0]",
    ),
    train(
        "the last slope for every weight",
        "Every weight moves by the slope of the last: the update is after the loop over the weights, or always "
        "passes the same index.",
        f"weights = weights - {STEP}[-1]",
    ),
    train(
        "the mean slope for every weight",
        "Every weight moves by the mean of all slopes: each one has its own.",
        f"weights = weights - ({STEP}).mean()",
    ),
    train(
        "the sum of the slopes for every weight",
        "Every weight moves by the sum of all slopes: each one has its own.",
        f"weights = weights - ({STEP}).sum()",
    ),
    train(
        "the initial weights returned",
        "You return the initial weights, however many steps are asked for: return the weights that were moved.",
        "return initial_weights",
        RETURN,
    ),
    train(
        "every step from the initial weights",
        "Every step starts from the initial weights again: subtract from the current weights.",
        f"weights = initial_weights - {STEP}",
    ),
    train(
        "the prediction returned",
        "You return the prediction. The exercise asks for the weights.",
        "return predict(X, weights)",
        RETURN,
    ),
    train(
        "the error returned, too",
        "You return the error, too. The exercise asks for the weights alone.",
        "return weights, measure_error(predict(X, weights), truth)",
        RETURN,
    ),
    train(
        "nothing but the error returned",
        "You return the error. The exercise asks for the weights.",
        "return measure_error(predict(X, weights), truth)",
        RETURN,
    ),
    train(
        "the weights as a column",
        "Your weights are a column of shape (d, 1). The exercise asks for the shape (d,).",
        "return weights.reshape(-1, 1)",
        RETURN,
    ),
    train(
        "the initial weights cut to whole numbers",
        "You cut the initial weights to whole numbers: leave them as they are.",
        "np.trunc(initial_weights)",
        START,
    ),
    train(
        "the result cut to whole numbers",
        "Your weights are cut to whole numbers: leave out int.",
        "return np.trunc(weights)",
        RETURN,
    ),
    train(
        "a bias trained, too",
        "You train a bias, too. This model has none: predict with X @ w alone.",
        "error = truth - predict(X, weights) - bias\n        weights = weights + 2 * learning_rate * X.T @ error / len(truth)\n        bias = bias + 2 * learning_rate * error.mean()",
        MOVE,
        (LOOP, f"bias = 0.0\n    {LOOP}"),
    ),
    train(
        "solved instead of trained",
        "You solve for the best weights at once. The exercise asks for the weights after so many steps.",
        "return np.linalg.lstsq(X, truth, rcond=None)[0]",
        RETURN,
    ),
    train(
        "X scaled",
        "You scale the columns of X first: take them as they are.",
        f"X = (X - X.mean(axis=0)) / X.std(axis=0)\n    {LOOP}",
        LOOP,
    ),
]


def list_variants() -> Iterator[Mistake]:
    """Yield mistakes that differ by a number alone."""
    yield train(
        "rounded inside the loop",
        "You round the weights in every iteration, so small steps are lost and training stalls. Round only what you return, once, at the end.",
        f"weights = np.round(weights - {STEP}, 5)",
    )
    for places in (4, 3, 2):
        yield train(
            f"rounded to {places} places inside the loop",
            f"You round the weights to {places} places in every iteration, so small steps are lost. Round only what you return, at the end.",
            f"weights = np.round(weights - {STEP}, {places})",
        )
    for places in (2, 3, 4, 1):
        words = f"{places} place{'s' * (places > 1)}"
        yield train(
            f"the weights rounded to {words}",
            f"The training is right, but you round the weights to {words}. Keep at least 5 decimal places.",
            f"return np.round(weights, {places})",
            RETURN,
        )
        yield slope(
            f"the slope rounded to {words}",
            f"You round the slope to {words}. Keep at least 5 decimal places.",
            f"np.round({ONE_SLOPE}, {places})",
        )
        yield train(
            f"the prediction rounded to {words}",
            f"You round the prediction to {words} in every iteration, so small errors are lost. Round only what you return, at the end.",
            f"np.round(predict(X, weights), {places})",
            "predict(X, weights)",
        )
    for small in (1e-4, 1e-5, 1e-6, 1e-3, 1e-8):
        yield train(
            f"stops once the error changes by less than {small:g}",
            f"It stops once the error changes by less than {small:g}, with steps left over. Take exactly as many as are asked for.",
            f"error = measure_error(predict(X, weights), truth)\n        if abs(before - error) < {small}:\n            break\n        before = error\n        {MOVE}",
            MOVE,
            (LOOP, f"before = np.inf\n    {LOOP}"),
        )
    yield train(
        "stops once the slopes are below 0.001",
        "It stops once the slopes are below 0.001, with steps left over. Take exactly as many as are asked for.",
        f"if np.linalg.norm(differentiate(predict(X, weights), truth, X)) < 0.001:\n            break\n        {MOVE}",
    )
    for share in (0.9, 0.5):
        yield train(
            f"momentum of {share:g}",
            f"Your steps keep {share:g} of the steps before (momentum). Here a step is the learning rate times the slope alone.",
            f"speed = {share} * speed + differentiate(predict(X, weights), truth, X)\n        weights = weights - learning_rate * speed",
            MOVE,
            (LOOP, f"speed = 0.0\n    {LOOP}"),
        )


MISTAKES = [*COMMON, *list_variants()]
