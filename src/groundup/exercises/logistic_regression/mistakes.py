"""What goes wrong in logistic regression: in the probability, the loss, the slopes, the steps and the result."""

from __future__ import annotations

from collections.abc import Iterator

from groundup.judge.exercise import Edit, Mistake

SIGMOID, SCORE = "sigmoid(X @ weights + bias)", "X @ weights + bias"
LOSS = "-np.mean(np.log(np.where(truth == 1, probability, 1 - probability)))"
SLOPE, BIAS_SLOPE = "X.T @ (probability - truth) / len(truth)", "np.mean(probability - truth, axis=0)"
PREDICT = "probability = predict(X, weights, bias)"
STEP = "learning_rate * (differentiate(probability, truth, X) + penalty * weights)"
BIAS_STEP = "learning_rate * float(differentiate_bias(probability, truth))"
MOVE, BIAS_MOVE = f"weights = weights - {STEP}", f"bias = bias - {BIAS_STEP}"
BODY = f"        {PREDICT}\n        {MOVE}\n        {BIAS_MOVE}\n"
RETURN, START = "return weights, bias", "np.zeros(X.shape[1]), 0.0"


def predict(name: str, says: str, new: str) -> Mistake:
    """Return a mistake in the probability."""
    return Mistake(name, says, [Edit(SIGMOID, new, "predict")])


def loss(name: str, says: str, new: str) -> Mistake:
    """Return a mistake in the log loss."""
    return Mistake(name, says, [Edit(LOSS, new, "log_loss")])


def slopes(name: str, says: str, weights: str | None, bias: str | None) -> Mistake:
    """Return a mistake in the slope of the weights, of the bias, or of both."""
    edits = [Edit(SLOPE, weights, "differentiate")] if weights else []
    return Mistake(name, says, edits + ([Edit(BIAS_SLOPE, bias, "differentiate_bias")] if bias else []))


def train(name: str, says: str, old: str, new: str, *more: tuple[str, str]) -> Mistake:
    """Return a mistake in the loop."""
    return Mistake(name, says, [Edit(*edit, "train") for edit in ((old, new), *more)])


COMMON = [
    slopes(
        "slopes summed, not averaged",
        "Weights and bias move N = {N} times too far: the loss is a mean over the examples, so its slopes are divided by N.",
        "X.T @ (probability - truth)",
        "np.sum(probability - truth, axis=0)",
    ),
    slopes(
        "a factor 2 in the slopes",
        "Weights and bias move twice as far as they should. The factor 2 belongs to the squared error; the log loss has none.",
        "2 * X.T @ (probability - truth) / len(truth)",
        "2 * np.mean(probability - truth, axis=0)",
    ),
    predict(
        "the score's sign in the sigmoid",
        "You return the probability of class 0. The sigmoid has a minus in front of the score: 1 / (1 + e^(−z)).",
        f"sigmoid(-({SCORE}))",
    ),
    predict("no sigmoid", "You return the score. The sigmoid turns it into a probability: 1 / (1 + e^(−z)).", SCORE),
    loss(
        "loss summed, not averaged",
        "Your loss is N = {N} times too large: it is the mean over the examples.",
        LOSS.replace("mean", "sum"),
    ),
    loss(
        "the loss without its minus",
        "Your loss is negative. The logarithm of a probability is below 0; the minus makes a loss of it.",
        LOSS.removeprefix("-"),
    ),
    loss(
        "only class 1 counts in the loss",
        "Examples of class 0 add nothing to your loss. There the true class got the probability 1 − p: add (1 − y) * log(1 − p).",
        "-np.mean(truth * np.log(probability))",
    ),
    train(
        "bias updated with the weights already moved",
        "The bias takes its step from probabilities with the new weights. Compute both slopes first, then move both.",
        "differentiate_bias(probability, truth)",
        "differentiate_bias(predict(X, weights, bias), truth)",
    ),
    train(
        "climbs instead of descending",
        "Weights and bias move uphill. Subtract the slopes of p − y, or add those of y − p.",
        MOVE,
        MOVE.replace("weights -", "weights +"),
        (BIAS_MOVE, BIAS_MOVE.replace("bias -", "bias +")),
    ),
    train(
        "one epoch too few",
        "It takes one epoch fewer than asked for: range(1, n) has n − 1 numbers.",
        "range(iterations)",
        "range(1, iterations)",
    ),
    train(
        "nothing returned by train",
        "train returns nothing (None): print only shows values, return hands them back. Return weights and bias.",
        RETURN,
        "return None",
    ),
    train(
        "returned after the first epoch",
        "It returns after the first epoch, and nothing (None) where no epoch is asked for: the return is inside "
        "the loop. Indent it less.",
        f"{BODY}    {RETURN}",
        f"{BODY}        {RETURN}\n    return None",
    ),
    train(
        "bias first, weights second",
        "You return the bias first. The order is weights, then bias.",
        RETURN,
        "return bias, weights",
    ),
    train(
        "trained without a sigmoid",
        "You train with the score itself, as in linear regression. The slopes need the probability: the sigmoid of the score.",
        PREDICT,
        f"probability = {SCORE}",
    ),
    train(
        "slopes of the squared error",
        "You multiply the error by p (1 − p), the derivative of the sigmoid. That belongs to the squared error; for the log loss it "
        "cancels, and p − y remains.",
        PREDICT,
        f"{PREDICT}\n        probability = truth + (probability - truth) * probability * (1 - probability)",
    ),
    train(
        "slopes of the squared error, with their 2",
        "You use the slopes of the squared error, 2 (p − y) p (1 − p). For the log loss p (1 − p) cancels, and p − y remains.",
        PREDICT,
        f"{PREDICT}\n        probability = truth + 2 * (probability - truth) * probability * (1 - probability)",
    ),
]

PROBABILITY = [
    predict("bias left out", "You leave out the bias: the score is X @ w + b.", "sigmoid(X @ weights)"),
    predict("bias subtracted", "You subtract the bias: the score is X @ w + b.", "sigmoid(X @ weights - bias)"),
    predict(
        "bias added to the probability",
        "You add the bias after the sigmoid. It is a part of the score: add it before.",
        "sigmoid(X @ weights) + bias",
    ),
    predict(
        "bias added for every feature",
        "You add the bias d = {d} times, once per feature: add it once, to the sum.",
        "sigmoid(X @ weights + bias * X.shape[1])",
    ),
    predict(
        "NaN for a large score",
        "For a large score e^z is infinite, and infinity divided by infinity is no number. 1 / (1 + e^(−z)) is the same probability, "
        "and stays finite.",
        f"np.exp({SCORE}) / (1 + np.exp({SCORE}))",
    ),
    predict(
        "tanh instead of the sigmoid",
        "You use tanh, which goes from −1 to 1. The sigmoid goes from 0 to 1.",
        f"np.tanh({SCORE})",
    ),
    predict("sigmoid applied twice", "You apply the sigmoid twice: once is enough.", f"sigmoid(sigmoid({SCORE}))"),
    predict(
        "e to the score alone",
        "You return e^z. The probability is 1 / (1 + e^(−z)).",
        f"np.exp({SCORE})",
    ),
    predict(
        "score cut off at 0 and 1",
        "You cut the score off at 0 and 1. The sigmoid gets from one to the other smoothly.",
        f"np.clip({SCORE}, 0, 1)",
    ),
    predict(
        "score bounded below by 0", "You use a ReLU. The sigmoid gives the probability.", f"np.maximum(0, {SCORE})"
    ),
    predict(
        "the class instead of its probability",
        "You return the class, 0 or 1. Return the probability itself.",
        f"({SIGMOID} > 0.5) * 1.0",
    ),
    predict(
        "probabilities of all examples add up to 1",
        "You divide by a sum over all examples (a softmax). Each example has a probability of its own.",
        f"np.exp({SCORE} - np.max({SCORE})) / np.sum(np.exp({SCORE} - np.max({SCORE})))",
    ),
    predict(
        "probabilities as a column",
        "You return a column of shape (N, 1). The exercise asks for the shape (N,).",
        f"{SIGMOID}.reshape(-1, 1)",
    ),
]

LOSSES = [
    loss(
        "loss to base 2",
        "You use the logarithm to base 2. Use the natural one, np.log.",
        LOSS.replace("np.log(", "np.log2("),
    ),
    loss(
        "loss to base 10",
        "You use the logarithm to base 10. Use the natural one, np.log.",
        LOSS.replace("np.log(", "np.log10("),
    ),
    loss(
        "classes exchanged in the loss",
        "You give the true class the probability of the other one: it is p where y is 1, and 1 − p where y is 0.",
        LOSS.replace("== 1", "== 0"),
    ),
    loss(
        "only class 0 counts in the loss",
        "Examples of class 1 add nothing to your loss: add y * log(p).",
        "-np.mean((1 - truth) * np.log(1 - probability))",
    ),
    loss(
        "squared error as the loss",
        "You average the squared errors. The loss is −log of the true class's probability.",
        "np.mean((probability - truth) ** 2)",
    ),
    loss(
        "absolute error as the loss",
        "You average the absolute errors. The loss is −log of the true class's probability.",
        "np.mean(np.abs(probability - truth))",
    ),
    loss(
        "logarithm of the mean",
        "You average the probabilities first, then take the logarithm. Take the logarithm of each, then the mean.",
        "-np.log(np.mean(np.where(truth == 1, probability, 1 - probability)))",
    ),
    loss(
        "no logarithm in the loss",
        "The logarithm is missing: the loss of an example is −log of the true class's probability.",
        "-np.mean(np.where(truth == 1, probability, 1 - probability))",
    ),
    loss(
        "(1 − y) and (1 − p) added without a logarithm",
        "The logarithm is missing in the second term: (1 − y) * log(1 − p).",
        "-np.mean(truth * np.log(probability) + (1 - truth) * (1 - probability))",
    ),
    loss(
        "the terms of the loss subtracted",
        "You subtract the second term. Both are logarithms of probabilities: add them, then put one minus in front.",
        "-np.mean(truth * np.log(probability) - (1 - truth) * np.log(1 - probability))",
    ),
    Mistake(
        "one loss per example",
        "You return a number for every example: take the mean.",
        [Edit(f"float({LOSS})", "-np.log(np.where(truth == 1, probability, 1 - probability))", "log_loss")],
    ),
]

TRAINING = [
    slopes(
        "bias slope summed, not averaged",
        "Your bias moves N = {N} times too far: its slope is a mean over the examples, as the loss is.",
        None,
        "np.sum(probability - truth, axis=0)",
    ),
    slopes(
        "weight slopes summed, not averaged",
        "Your weights move N = {N} times too far: the loss is a mean over the examples, so its slope is divided by N.",
        "X.T @ (probability - truth)",
        None,
    ),
    slopes(
        "divided by the number of features",
        "You divide the weights' slopes by d = {d}, the columns of X. The mean is over the N = {N} examples.",
        "X.T @ (probability - truth) / X.shape[1]",
        None,
    ),
    slopes(
        "X left out of the slope",
        "The slope is the same for every weight: each error is multiplied by the weight's feature before it is summed.",
        "np.ones(X.shape).T @ (probability - truth) / len(truth)",
        None,
    ),
    train("bias not trained", "Your bias stays 0. Its slope is the mean of p − y.", BIAS_MOVE, "bias = bias - 0.0"),
    train(
        "weights updated with the bias already moved",
        "The weights take their step from probabilities with the new bias. Compute both slopes first, then move both.",
        f"{MOVE}\n        {BIAS_MOVE}",
        f"{BIAS_MOVE}\n        weights = weights - learning_rate * differentiate(predict(X, weights, bias), truth, X)",
    ),
    train(
        "bias left out in training",
        "You train with X @ w alone: the score has the bias in it.",
        PREDICT,
        "probability = predict(X, weights, 0.0)",
    ),
    train(
        "the class instead of the probability in the slopes",
        "You train with classes, 0 or 1, so right examples no longer count. The slopes use the probability.",
        PREDICT,
        "probability = 1.0 * (predict(X, weights, bias) > 0.5)",
    ),
    train(
        "weights climb",
        "Your weights move along the slope, uphill. Subtract it.",
        "weights - learning_rate",
        "weights + learning_rate",
    ),
    train(
        "bias climbs",
        "Your bias moves along its slope, uphill. Subtract it.",
        "bias - learning_rate",
        "bias + learning_rate",
    ),
    train(
        "learning rate left out",
        "Weights and bias take their whole slopes as steps: multiply them by the learning rate lr.",
        STEP,
        STEP.replace("learning_rate * ", ""),
        (BIAS_STEP, BIAS_STEP.replace("learning_rate * ", "")),
    ),
    *(
        train(
            f"learning rate always {rate:g}",
            f"Your learning rate is {rate:g} whatever is given: use the argument lr.",
            STEP,
            STEP.replace("learning_rate", str(rate)),
            (BIAS_STEP, BIAS_STEP.replace("learning_rate", str(rate))),
        )
        for rate in (0.01, 0.1)
    ),
    train(
        "one epoch too many",
        "It takes one epoch more than asked for: range(n + 1) has n + 1 numbers.",
        "range(iterations)",
        "range(iterations + 1)",
    ),
    train(
        "one epoch only",
        "It takes one epoch, however many are asked for: let the loop run to its end.",
        "range(iterations)",
        "range(min(iterations, 1))",
    ),
    train(
        "probabilities computed once, before the loop",
        "Every epoch uses the probabilities of the start. They change with the weights: compute them inside the loop.",
        f"for _ in range(iterations):\n        {PREDICT}",
        f"{PREDICT}\n    for _ in range(iterations):",
    ),
    train(
        "one step for each example",
        "You move after every example. Here all examples make one step together per epoch: predict all, average, move once.",
        BODY,
        "        for row, target in zip(X, truth):\n"
        "            error = sigmoid(row @ weights + bias) - target\n"
        "            weights = weights - learning_rate * error * row\n"
        "            bias = bias - learning_rate * error\n",
    ),
    train(
        "the weights do not start at 0",
        "With zero epochs your weights are not 0, so they start elsewhere: at random numbers, for example. Start from np.zeros(d).",
        START,
        "np.random.default_rng(0).normal(0, 0.01, X.shape[1]), 0.0",
    ),
    train("the weights start at 1", "Your weights start at 1: start from 0.", START, "np.ones(X.shape[1]), 0.0"),
    train("the bias starts at 1", "Your bias starts at 1: start from 0.", START, "np.zeros(X.shape[1]), 1.0"),
    train(
        "only the weights returned",
        "You return the weights alone. The exercise asks for a tuple: the weights, and the bias.",
        RETURN,
        "return weights",
    ),
    train(
        "the probabilities returned",
        "You return probabilities. The exercise asks for a tuple: the weights, and the bias.",
        RETURN,
        "return predict(X, weights, bias)",
    ),
    train(
        "weights and bias in one array",
        "You return one array with the bias at its end. The exercise asks for a tuple: the weights, and the bias.",
        RETURN,
        "return np.append(weights, bias)",
    ),
]


def list_variants() -> Iterator[Mistake]:
    """Yield mistakes that differ by a number alone."""
    for places in (4, 3, 2, 5):
        yield train(
            f"rounded to {places} places inside the loop",
            f"You round weights and bias to {places} places in every epoch, and lose the small steps. Round only what you return.",
            MOVE,
            f"weights = np.round(weights - {STEP}, {places})",
            (BIAS_MOVE, f"bias = float(np.round(bias - {BIAS_STEP}, {places}))"),
        )
    for places in (4, 3, 2):
        yield predict(
            f"probabilities rounded to {places} places",
            f"You round the probabilities to {places} places. Keep at least 5.",
            f"{SIGMOID}.round({places})",
        )
        yield train(
            f"rounded to {places} places",
            f"The training is right, but you round the result to {places} places. Keep at least 5.",
            RETURN,
            f"return np.round(weights, {places}), round(bias, {places})",
        )


MISTAKES = [*COMMON, *PROBABILITY, *LOSSES, *TRAINING, *list_variants()]
