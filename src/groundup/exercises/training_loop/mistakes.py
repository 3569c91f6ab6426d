"""What goes wrong in the training loop with a bias: in the slopes, the moves, the start, the loop, the result."""

from __future__ import annotations

from collections.abc import Iterator

from groundup.judge.exercise import Edit, Mistake

LOOP, WEIGHTS, BIAS = "train_with_bias", "differentiate", "differentiate_bias"
WEIGHT_SLOPE, BIAS_SLOPE = (
    "-2 / len(truth) * (X.T @ (truth - prediction))",
    "-2 / len(truth) * np.sum(truth - prediction)",
)
STEP, BIAS_STEP = (
    "learning_rate * differentiate(prediction, truth, X)",
    "learning_rate * differentiate_bias(prediction, truth)",
)
MOVE, BIAS_MOVE = f"weights = weights - {STEP}", f"bias = bias - {BIAS_STEP}"
PREDICT = "prediction = predict(X, weights, bias)"
BODY = f"        {PREDICT}\n        {MOVE}\n        {BIAS_MOVE}\n"
RETURN = "return weights, bias"
START = "np.zeros(X.shape[1])"


def loop(name: str, says: str, old: str, new: str, *more: tuple[str, str]) -> Mistake:
    """Return a mistake in the loop."""
    return Mistake(name, says, [Edit(*edit, LOOP) for edit in ((old, new), *more)])


def slopes(name: str, says: str, weights: str | None, bias: str | None) -> Mistake:
    """Return a mistake in the slope of the weights, of the bias, or of both."""
    edits = [Edit(WEIGHT_SLOPE, weights, WEIGHTS)] if weights else []
    return Mistake(name, says, edits + ([Edit(BIAS_SLOPE, bias, BIAS)] if bias else []))


COMMON = [
    slopes(
        "slopes summed, not averaged",
        "Weights and bias move N = {N} times too far: the error is a mean over the examples, so its slopes are divided by N.",
        "-2 * (X.T @ (truth - prediction))",
        "-2 * np.sum(truth - prediction)",
    ),
    slopes(
        "the 2 is missing",
        "Weights and bias move half as far as they should: the square in the error brings down a factor 2. (Some books define the error "
        "with a ½ to be rid of it; here it is the plain mean.)",
        "-1 / len(truth) * (X.T @ (truth - prediction))",
        "-1 / len(truth) * np.sum(truth - prediction)",
    ),
    loop(
        "bias first, weights second",
        "You return the bias first. The order is weights, then bias.",
        RETURN,
        "return bias, weights",
    ),
    loop(
        "bias updated with the weights already moved",
        "The bias takes its step from a prediction with the new weights. Weights and bias belong to the same instant: compute both slopes "
        "first, then move both.",
        "differentiate_bias(prediction, truth)",
        "differentiate_bias(predict(X, weights, bias), truth)",
    ),
    loop(
        "the bias moved by a weight's slope",
        "Your bias moves along the slope of the first weight. Its own has no feature in it: −2/N * Σ (truth − prediction).",
        BIAS_STEP,
        f"{STEP}[0]",
    ),
    slopes(
        "the weights' slopes divided by N twice",
        "Your weights move N = {N} times too little: their slopes are divided by N twice. Once is enough.",
        "-2 / len(truth) ** 2 * (X.T @ (truth - prediction))",
        None,
    ),
    slopes(
        "all slopes divided by N twice",
        "Weights and bias move N = {N} times too little: the slopes are divided by N twice. Once is enough, and np.mean does it.",
        "-2 / len(truth) ** 2 * (X.T @ (truth - prediction))",
        "-2 / len(truth) ** 2 * np.sum(truth - prediction)",
    ),
    loop(
        "bias not trained",
        "Your bias stays what it was. It has a slope like every weight, −2/N * Σ (truth − prediction): that of a "
        "feature which is always 1.",
        BIAS_MOVE,
        "bias = bias - 0.0",
    ),
    loop(
        "bias left out of the prediction",
        "You predict X @ w without the bias, so the slopes come from the errors of a model without bias. Predict "
        "with X @ w + b.",
        PREDICT,
        "prediction = predict(X, weights)",
    ),
    slopes(
        "bias slope summed, not averaged",
        "Your bias moves N = {N} times too far: its slope is a mean over the examples, as the error is.",
        None,
        "-2 * np.sum(truth - prediction)",
    ),
    slopes(
        "weight slopes summed, not averaged",
        "Your weights move N = {N} times too far: the error is a mean over examples, so its slope is divided by N.",
        "-2 * (X.T @ (truth - prediction))",
        None,
    ),
    slopes(
        "the 2 of the weights is missing",
        "Your weights move half as far as they should: the square in the error brings down a factor 2.",
        "-1 / len(truth) * (X.T @ (truth - prediction))",
        None,
    ),
    slopes(
        "the 2 of the bias is missing",
        "Your bias moves half as far as it should: its slope has the factor 2 as well.",
        None,
        "-1 / len(truth) * np.sum(truth - prediction)",
    ),
    slopes(
        "summed, and without the 2",
        "Your slopes are N/2 times too large: the 2 is missing, and the division by N. They are −2/N * Σ ….",
        "-1 * (X.T @ (truth - prediction))",
        "-1 * np.sum(truth - prediction)",
    ),
    loop(
        "climbs instead of descending",
        "Weights and bias move along their slopes, uphill. Subtract the slopes, or check the sign of (truth − "
        "prediction).",
        MOVE,
        MOVE.replace("weights -", "weights +"),
        (BIAS_MOVE, BIAS_MOVE.replace("bias -", "bias +")),
    ),
    loop(
        "weights climb",
        "Your weights move along the slope, uphill, while the bias descends. Subtract the slope.",
        "weights - learning_rate",
        "weights + learning_rate",
    ),
    loop(
        "bias climbs",
        "Your bias moves along its slope, uphill. Subtract it.",
        "bias - learning_rate",
        "bias + learning_rate",
    ),
    loop(
        "learning rate left out",
        "Weights and bias take their whole slopes as steps: multiply them by the learning rate lr.",
        STEP,
        STEP.replace("learning_rate * ", ""),
        (BIAS_STEP, BIAS_STEP.replace("learning_rate * ", "")),
    ),
    *(
        loop(
            f"learning rate always {rate:g}",
            f"Your learning rate is {rate:g} whatever is given: use the argument lr.",
            STEP,
            STEP.replace("learning_rate", str(rate)),
            (BIAS_STEP, BIAS_STEP.replace("learning_rate", str(rate))),
        )
        for rate in (0.01, 0.1, 0.001, 0.05)
    ),
    loop(
        "no learning rate for the bias",
        "Your bias takes its whole slope as a step: multiply it by lr.",
        BIAS_STEP,
        BIAS_STEP.replace("learning_rate * ", ""),
    ),
    loop(
        "no learning rate for the weights",
        "Your weights take their whole slopes as steps: multiply them by lr.",
        STEP,
        STEP.replace("learning_rate * ", ""),
    ),
    loop(
        "divided by the learning rate",
        "You divide the slopes by the learning rate: multiply. A small rate means small steps.",
        STEP,
        "differentiate(prediction, truth, X) / learning_rate",
        (BIAS_STEP, "differentiate_bias(prediction, truth) / learning_rate"),
    ),
    loop(
        "one epoch too few",
        "It takes one epoch fewer than asked for: range(1, n) has n − 1 numbers.",
        "range(iterations)",
        "range(1, iterations)",
    ),
    loop(
        "one epoch too many",
        "It takes one epoch more than asked for: range(n + 1) has n + 1 numbers.",
        "range(iterations)",
        "range(iterations + 1)",
    ),
    loop(
        "returned after the first epoch",
        "It returns after the first epoch, and nothing (None) where no epoch is asked for: the return is inside "
        "the loop. Indent it less.",
        f"{BODY}    {RETURN}",
        f"{BODY}        {RETURN}\n    return None",
    ),
    loop(
        "one epoch only",
        "It takes one epoch, however many are asked for: use the argument epochs, and let the loop run to its end.",
        "range(iterations)",
        "range(min(iterations, 1))",
    ),
    loop(
        "always one epoch",
        "It takes one epoch, even where none is asked for: is the loop missing?",
        "range(iterations)",
        "range(1)",
    ),
    *(
        loop(
            f"always {count} epochs",
            f"It takes {count} epochs however many are asked for: use the argument epochs.",
            "range(iterations)",
            f"range({count})",
        )
        for count in (100, 10, 1000)
    ),
    loop(
        "one step for each example",
        "You move after every example (stochastic descent). Here all examples make one step together per epoch: predict all, average, move once.",
        BODY,
        "        for row, target in zip(X, truth):\n"
        "            error = target - (row @ weights + bias)\n"
        "            weights = weights + 2 * learning_rate * error * row\n"
        "            bias = bias + 2 * learning_rate * error\n",
    ),
    loop(
        "one step for each example, divided by N",
        "You move after every example. Here all examples make one step together per epoch: predict all, average, move once.",
        BODY,
        "        for row, target in zip(X, truth):\n"
        "            error = target - (row @ weights + bias)\n"
        "            weights = weights + 2 * learning_rate * error * row / len(truth)\n"
        "            bias = bias + 2 * learning_rate * error / len(truth)\n",
    ),
    loop(
        "weights updated with the bias already moved",
        "The weights take their step from a prediction with the new bias. Weights and bias belong to the same instant: compute both slopes "
        "first, then move both.",
        f"{MOVE}\n        {BIAS_MOVE}",
        f"{BIAS_MOVE}\n        weights = weights - learning_rate * differentiate(predict(X, weights, bias), truth, X)",
    ),
    loop(
        "weights updated one after the other",
        "Each weight's step uses a prediction with weights that already moved. All slopes of an epoch belong to the same old weights: predict "
        "once, then move all.",
        MOVE,
        "weights = weights.copy()\n"
        "        for place in range(len(weights)):\n"
        "            slope = differentiate(predict(X, weights, bias), truth, X)[place]\n"
        "            weights[place] = weights[place] - learning_rate * slope",
    ),
    loop(
        "prediction made once, before the loop",
        "Every epoch uses the prediction of the start. It changes with the weights: compute it again inside the loop.",
        f"for _ in range(iterations):\n        {PREDICT}",
        f"{PREDICT}\n    for _ in range(iterations):",
    ),
    loop(
        "the weights do not start at 0",
        "With zero epochs your weights are not 0, so they start elsewhere: at random numbers, for example. Start from np.zeros(d).",
        START,
        "np.random.default_rng(0).normal(0, 0.01, X.shape[1])",
    ),
    loop(
        "the bias does not start at 0",
        "With zero epochs your bias is not 0, so it starts elsewhere. Start from 0.",
        "bias = initial_bias",
        "bias = 0.012345",
    ),
    loop("the weights start at 1", "Your weights start at 1: start from 0.", START, "np.ones(X.shape[1])"),
    loop("the bias starts at 1", "Your bias starts at 1: start from 0.", "bias = initial_bias", "bias = 1.0"),
    loop(
        "weights and bias start at 1",
        "Weights and bias start at 1: start from 0.",
        START,
        "np.ones(X.shape[1])",
        ("bias = initial_bias", "bias = 1.0"),
    ),
    slopes(
        "divided by the number of features",
        "You divide the slopes by d = {d}, the columns of X. The mean is over the N = {N} examples.",
        "-2 / X.shape[1] * (X.T @ (truth - prediction))",
        None,
    ),
    Mistake(
        "both slopes divided by the number of features",
        "You divide both slopes by d = {d}, the columns of X. The mean is over the N = {N} examples: N, d = X.shape.",
        [
            Edit(WEIGHT_SLOPE, "-2 / X.shape[1] * (X.T @ (truth - prediction))", WEIGHTS),
            Edit(
                "differentiate_bias(prediction, truth)",
                "differentiate_bias(prediction, truth) * len(truth) / X.shape[1]",
                LOOP,
            ),
        ],
    ),
    loop(
        "the bias divided by the number of features",
        "You divide the bias's slope by d = {d}, the columns of X: the mean is over the N = {N} examples.",
        BIAS_STEP,
        f"{BIAS_STEP} * len(truth) / X.shape[1]",
    ),
    *(
        slopes(
            f"divided by N {sign} 1",
            f"You divide the slopes by N {sign} 1: they are means over the N = {{N}} examples.",
            f"-2 / (len(truth) {code} 1) * (X.T @ (truth - prediction))",
            f"-2 / (len(truth) {code} 1) * np.sum(truth - prediction)",
        )
        for sign, code in (("−", "-"), ("+", "+"))
    ),
    slopes(
        "the 2 of the slopes twice",
        "Your steps are twice as long as they should be: the slope has the factor 2 once.",
        "-4 / len(truth) * (X.T @ (truth - prediction))",
        "-4 / len(truth) * np.sum(truth - prediction)",
    ),
    slopes(
        "the bias's slope without its sign",
        "You take the bias's errors without their signs: leave out abs.",
        None,
        "-2 / len(truth) * np.sum(np.abs(truth - prediction))",
    ),
    slopes(
        "only the errors' signs",
        "You use only whether an error is above or below 0. The squared error's slope is proportional to the error itself.",
        "-2 / len(truth) * (X.T @ np.sign(truth - prediction))",
        "-2 / len(truth) * np.sum(np.sign(truth - prediction))",
    ),
    slopes(
        "slopes of the mean absolute error",
        "You use the slopes of the mean absolute error. Here the error is squared: the slope is proportional to it.",
        "-1 / len(truth) * (X.T @ np.sign(truth - prediction))",
        "-1 / len(truth) * np.sum(np.sign(truth - prediction))",
    ),
    slopes(
        "squared errors in the slopes",
        "You square the errors inside the slopes: the square's slope has the plain error in it.",
        "-2 / len(truth) * (X.T @ (truth - prediction) ** 2)",
        "-2 / len(truth) * np.sum((truth - prediction) ** 2)",
    ),
    slopes(
        "X left out of the slope",
        "The slope is the same for every weight: each error is multiplied by the weight's feature, X[:, j], before it is summed.",
        "-2 / len(truth) * (np.ones(X.shape).T @ (truth - prediction))",
        None,
    ),
    slopes(
        "the mean of X and of the errors multiplied",
        "You average features and errors separately and multiply the means. Multiply each error by its own "
        "feature first.",
        "-2 * X.mean(axis=0) * np.mean(truth - prediction)",
        None,
    ),
    slopes(
        "all features in every slope",
        "Every weight moves by the slopes of all features together. Sum over the examples only (axis 0).",
        "-2 / len(truth) * (X.T @ (truth - prediction)).sum() * np.ones(X.shape[1])",
        None,
    ),
    slopes(
        "averaged over the features, too",
        "np.mean without an axis averages over the features, too: every weight gets the same slope. Use axis=0.",
        "-2 / X.size * (X.T @ (truth - prediction)).sum() * np.ones(X.shape[1])",
        None,
    ),
    loop(
        "bias subtracted in the prediction",
        "You predict X @ w − b: the bias is added.",
        PREDICT,
        "prediction = predict(X, weights, -bias)",
    ),
    loop(
        "the bias moves by the weights' mean slope",
        "Your bias moves by the mean of the weights' slopes. It has a slope of its own, −2/N * Σ (truth − prediction).",
        BIAS_STEP,
        "learning_rate * differentiate(prediction, truth, X).mean()",
    ),
    loop(
        "the bias moves by the weights' slopes together",
        "Your bias moves by the sum of the weights' slopes. It has a slope of its own, −2/N * Σ (truth − prediction).",
        BIAS_STEP,
        "learning_rate * differentiate(prediction, truth, X).sum()",
    ),
    loop(
        "the bias is the last step",
        "Your bias is replaced by its step: the old bias is missing in front of the minus.",
        BIAS_MOVE,
        f"bias = -{BIAS_STEP}",
    ),
    loop(
        "weights and bias are the last step",
        "Weights and bias are replaced by their steps: the old values are missing in front of the minus.",
        MOVE,
        f"weights = -{STEP}",
        (BIAS_MOVE, f"bias = -{BIAS_STEP}"),
    ),
    loop(
        "a bias for every weight",
        "You return d = {d} biases. There is one bias for all features: one number.",
        RETURN,
        "return weights, np.full(X.shape[1], bias)",
    ),
    loop(
        "a bias for every example",
        "You return N = {N} biases. There is one bias for all examples: one number, from the mean of the errors.",
        RETURN,
        "return weights, np.full(len(truth), bias)",
    ),
    loop(
        "the bias as an array",
        "Your bias is an array with one number. The exercise asks for the number itself, b[0].",
        RETURN,
        "return weights, np.array([bias])",
    ),
    loop(
        "weights and bias in one array",
        "You return one array with the bias at its end. The exercise asks for a tuple: the weights, and the bias.",
        RETURN,
        "return np.append(weights, bias)",
    ),
    loop(
        "only the weights returned",
        "You return the weights alone. The exercise asks for a tuple: the weights, and the bias.",
        RETURN,
        "return weights",
    ),
    loop(
        "the prediction returned",
        "You return the prediction. The exercise asks for a tuple: the weights, and the bias.",
        RETURN,
        "return predict(X, weights, bias)",
    ),
    loop(
        "the weights as a column",
        "Your weights are a column of shape (d, 1). The exercise asks for the shape (d,).",
        RETURN,
        "return weights.reshape(-1, 1), bias",
    ),
    loop(
        "the bias cut to a whole number",
        "You cut the bias to a whole number: leave out int.",
        RETURN,
        "return weights, int(bias)",
    ),
    loop(
        "the error returned, too",
        "You return three things. The exercise asks for two: the weights, and the bias.",
        RETURN,
        "return weights, bias, measure_error(predict(X, weights, bias), truth)",
    ),
    loop(
        "the last weight never moves",
        "The last weight never moves: range(d) already ends before d: no − 1 is needed.",
        MOVE,
        f"weights = weights - {STEP} * (np.arange(len(weights)) < len(weights) - 1)",
    ),
    loop(
        "the first weight never moves",
        "The first weight never moves: range(d) begins at 0.",
        MOVE,
        f"weights = weights - {STEP} * (np.arange(len(weights)) > 0)",
    ),
    loop(
        "only the first weight moves",
        "Only the first weight moves: all of them have slopes.",
        MOVE,
        f"weights = weights - {STEP} * (np.arange(len(weights)) == 0)",
    ),
]


def list_variants() -> Iterator[Mistake]:
    """Yield mistakes that differ by a number alone."""
    for places in (5, 4, 3, 2):
        yield loop(
            f"rounded to {places} places inside the loop",
            f"You round weights and bias to {places} places in every epoch, and lose the small steps. Round only what you return.",
            MOVE,
            f"weights = np.round(weights - {STEP}, {places})",
            (BIAS_MOVE, f"bias = float(np.round(bias - {BIAS_STEP}, {places}))"),
        )
        yield loop(
            f"weights rounded to {places} places inside the loop",
            f"You round the weights to {places} places in every epoch, and lose the small steps. Round only what you return.",
            MOVE,
            f"weights = np.round(weights - {STEP}, {places})",
        )
    for places in (2, 3, 4, 1):
        yield loop(
            f"rounded to {places} place{'s' * (places > 1)}",
            f"The training is right, but you round the result to {places} place{'s' * (places > 1)}. Keep at "
            "least 5 decimal places.",
            RETURN,
            f"return np.round(weights, {places}), round(bias, {places})",
        )
    for small in (1e-4, 1e-5, 1e-6, 1e-3, 1e-8):
        says = f"It stops once the error changes by less than {small:g}, with epochs left over. Take exactly as many as are asked for."
        start = "before = np.inf\n    for _ in range(iterations):"
        test = f"error = measure_error(prediction, truth)\n        if abs(before - error) < {small}:\n            break\n        before = error"
        yield loop(
            f"stops once the error changes by less than {small:g}",
            says,
            f"for _ in range(iterations):\n        {PREDICT}\n",
            f"{start}\n        {PREDICT}\n        {test}\n",
        )
        yield loop(
            f"stops once the error changes by less than {small:g}, after the step",
            says,
            f"for _ in range(iterations):\n{BODY}",
            f"{start}\n{BODY}        {test}\n",
        )
    for small in (1e-3, 1e-4, 1e-5, 1e-6):
        yield loop(
            f"stops once the error is below {small:g}",
            f"It stops once the error is below {small:g}, with epochs left over. Take exactly as many as are asked for.",
            PREDICT,
            f"{PREDICT}\n        if measure_error(prediction, truth) < {small}:\n            break",
        )
    for small in (1e-3, 1e-4):
        yield loop(
            f"stops once the slopes are below {small:g}",
            f"It stops once the slopes are below {small:g}, with epochs left over. Take exactly as many as are asked for.",
            PREDICT,
            f"{PREDICT}\n        if np.linalg.norm(differentiate(prediction, truth, X)) < {small}:\n            break",
        )
    for share in (0.9, 0.5):
        yield loop(
            f"momentum of {share:g}",
            f"Your steps keep {share:g} of the steps before (momentum). Here a step is the learning rate times the slope alone.",
            f"for _ in range(iterations):\n{BODY}",
            "speed, bias_speed = 0.0, 0.0\n    for _ in range(iterations):\n"
            f"        {PREDICT}\n"
            f"        speed = {share} * speed + differentiate(prediction, truth, X)\n"
            f"        bias_speed = {share} * bias_speed + differentiate_bias(prediction, truth)\n"
            "        weights, bias = weights - learning_rate * speed, bias - learning_rate * bias_speed\n",
        )


MISTAKES = [*COMMON, *list_variants()]
