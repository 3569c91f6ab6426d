"""What goes wrong on the way forward through a network."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

FORWARD, LAST = "forward", "return x @ weights[-1] + biases[-1]"
SUM, STEP, LOOP = "x @ W + b", "x = relu(x @ W + b)", "weights[:-1], biases[:-1]"
OUTPUT = "x @ weights[-1] + biases[-1]"


def wrong(name: str, says: str, *pairs: tuple[str, str]) -> Mistake:
    """Return a mistake of what stands in the function and what stands there instead."""
    return Mistake(name, says, [Edit(old, new, FORWARD) for old, new in pairs])


def other_activation(name: str, new: str) -> Mistake:
    """Return the mistake of another function in the place of ReLU."""
    says = f"You put {name} between the layers: ReLU is asked for, max(0, z) for every number."
    return wrong(f"{name} instead of ReLU", says, (STEP, f"z = {SUM}\n        x = {new}"))


def at_the_end(name: str, new: str) -> Mistake:
    """Return the mistake of a function on the outputs."""
    says = f"You put {name} on the outputs. Nothing follows the last layer: return x @ W + b as it is."
    return wrong(f"{name} on the outputs", says, (LAST, f"z = {OUTPUT}\n    return {new}"))


SOFTMAX = "np.exp(z - z.max()) / np.exp(z - z.max()).sum()"
SIGMOID = "1 / (1 + np.exp(-z))"

MISTAKES = [
    wrong(
        "ReLU after the last layer, too",
        "You cut the outputs off at 0. The last layer has no ReLU: its outputs may be negative.",
        (LAST, f"return relu({OUTPUT})"),
    ),
    wrong(
        "no ReLU at all",
        "There is no ReLU between your layers, so that all of them together are one linear layer.",
        (f"relu({SUM})", SUM),
    ),
    wrong(
        "every hidden layer fed with x",
        "Each of your hidden layers gets the example x itself. A layer gets what the layer before it returned.",
        (
            f"for W, b in zip({LOOP}, strict=True):\n        {STEP}",
            f"first = x\n    for W, b in zip({LOOP}, strict=True):\n        x = relu(first @ W + b)",
        ),
    ),
    wrong(
        "last bias left out",
        "The last layer's bias is missing. A layer is x @ W + b, the last one, too.",
        (" + biases[-1]", ""),
    ),
    wrong(
        "hidden biases left out",
        ("The hidden layers' biases are missing. A layer is x @ W + b, with one b for each W."),
        (SUM, "x @ W"),
    ),
    wrong(
        "no biases at all",
        "The biases are missing in every layer. A layer is x @ W + b, with one b for each W.",
        (SUM, "x @ W"),
        (" + biases[-1]", ""),
    ),
    other_activation("a leaky ReLU", "np.where(z > 0, z, 0.01 * z)"),
    wrong(
        "ReLU before the bias",
        "You add the bias after the ReLU: it belongs in the sum.",
        (f"relu({SUM})", "relu(x @ W) + b"),
    ),
    wrong(
        "biases subtracted",
        "You subtract the biases: a layer is x @ W + b.",
        (SUM, "x @ W - b"),
        ("+ biases[-1]", "- biases[-1]"),
    ),
    wrong(
        "weights transposed",
        "You multiply from the wrong side: here a weight has a row for each input and a column for each node, x @ W.",
        (SUM, "W @ x + b"),
        ("x @ weights[-1]", "weights[-1] @ x"),
    ),
    wrong(
        "hidden weights transposed",
        "You multiply from the wrong side in the hidden layers: a weight has a row for each input and a column for each node, x @ W.",
        (SUM, "W @ x + b"),
    ),
    wrong(
        "last weights transposed",
        "You multiply from the wrong side in the last layer: a weight has a row for each input and a column for each node, x @ W.",
        ("x @ weights[-1]", "weights[-1] @ x"),
    ),
    wrong(
        "the last layer left out",
        (
            "You stop before the last layer. Look at the bounds of the loop: "
            "`weights[:-1]` leaves the last layer out, and so does range(len(weights) − "
            "1). Apply the last layer, too, without a ReLU."
        ),
        (LAST, "return x"),
    ),
    wrong(
        "the last layer left out, and no ReLU before it",
        "You stop before the last layer, and what you return has not gone through its ReLU.",
        (f"relu({SUM})", f"relu({SUM}) if b is not biases[-2] else {SUM}"),
        (LAST, "return x"),
    ),
    wrong(
        "the first layer left out",
        "You start with the second layer. Look at the bounds of the loop: `weights[1:]` and range(1, …) leave "
        "the first layer out.",
        (LOOP, "weights[1:-1], biases[1:-1]"),
    ),
    wrong(
        "only the first and the last layer",
        "You go through the first and the last layer only: go through every layer between them, too.",
        (LOOP, "weights[:-1][:1], biases[:-1][:1]"),
    ),
    wrong(
        "every layer reads the first input",
        "Every layer of yours reads the first input again. A layer's input is the output of the layer before: x "
        "= relu(x @ W + b).",
        (STEP, f"relu({SUM})"),
    ),
    wrong(
        "the first bias in every layer",
        "You add the first layer's bias in every layer: each has its own, biases[i].",
        (SUM, "x @ W + biases[0]"),
        ("biases[-1]", "biases[0]"),
    ),
    wrong(
        "the last bias in every layer",
        "You add the last layer's bias in every layer: each has its own, biases[i].",
        (SUM, "x @ W + biases[-1]"),
    ),
    wrong(
        "the first weights in every layer",
        "You multiply by the first layer's weights in every layer: each has its own, weights[i].",
        (SUM, "x @ weights[0] + b"),
        ("x @ weights[-1]", "x @ weights[0]"),
    ),
    wrong(
        "layers from the last to the first",
        "You go through the layers from the last to the first. Apply the first layer first: leave out reversed "
        "or [::-1].",
        (LOOP, "weights[:0:-1], biases[:0:-1]"),
        (OUTPUT, "x @ weights[0] + biases[0]"),
    ),
    wrong(
        "ReLU after the first layer only",
        "Only the first layer of yours has a ReLU. There is one after every layer but the last.",
        (STEP, f"x = relu({SUM}) if b is biases[0] else {SUM}"),
    ),
    wrong(
        "ReLU after the first layer only, and always there",
        "Only the first layer of yours has a ReLU, even where it is the only one. There is one after every layer "
        "but the last.",
        (STEP, f"x = relu({SUM}) if b is biases[0] else {SUM}"),
        (LAST, f"z = {OUTPUT}\n    return relu(z) if len(weights) == 1 else z"),
    ),
    wrong(
        "no ReLU after the first layer",
        "The first layer of yours has no ReLU. There is one after every layer but the last.",
        (STEP, f"x = {SUM} if b is biases[0] else relu({SUM})"),
    ),
    wrong(
        "no ReLU before the last layer",
        "The last hidden layer of yours has no ReLU: the last layer of all is the only one without.",
        (STEP, f"x = {SUM} if b is biases[-2] else relu({SUM})"),
    ),
    wrong(
        "ReLU on the input, too",
        "You cut the example itself off at 0: there is a ReLU after every layer but the last, and none before "
        "the first.",
        ("for W, b in", "x = relu(x)\n    for W, b in"),
    ),
    wrong(
        "the last layer told by its width",
        "You take a layer for the last one where it has as many nodes as the last. Hidden layers of that width "
        "then get no ReLU: use the layer's index.",
        (STEP, f"x = {SUM} if len(b) == len(biases[-1]) else relu({SUM})"),
    ),
    other_activation("ELU", "np.where(z > 0, z, np.exp(z) - 1)"),
    wrong(
        "ReLU before the bias in every layer",
        "You add the biases after a ReLU, in the last layer, too. A bias belongs in the sum, and the last layer "
        "has no ReLU.",
        (f"relu({SUM})", "relu(x @ W) + b"),
        (OUTPUT, "relu(x @ weights[-1]) + biases[-1]"),
    ),
    wrong(
        "ReLU after the last layer of several",
        "Where there are several layers you cut the outputs off at 0. The last layer has no ReLU: its outputs may be negative.",
        (LAST, f"z = {OUTPUT}\n    return relu(z) if len(weights) > 1 else z"),
    ),
    other_activation("a sigmoid", SIGMOID),
    other_activation("tanh", "np.tanh(z)"),
    other_activation("a leaky ReLU (0.1)", "np.where(z > 0, z, 0.1 * z)"),
    other_activation("the absolute value", "np.abs(z)"),
    other_activation("a softmax", SOFTMAX),
    other_activation("softplus", "np.log1p(np.exp(z))"),
    other_activation("0 or 1", "(z > 0).astype(float)"),
    other_activation("the negative part", "np.minimum(z, 0)"),
    other_activation("ReLU up to 1", "np.clip(z, 0, 1)"),
    other_activation("ReLU up to 6", "np.clip(z, 0, 6)"),
    at_the_end("a softmax", SOFTMAX),
    at_the_end("a sigmoid", SIGMOID),
    at_the_end("tanh", "np.tanh(z)"),
    at_the_end("a leaky ReLU", "np.where(z > 0, z, 0.01 * z)"),
    wrong(
        "the outputs added up",
        "You add the outputs up to one number: each node of the last layer has its own.",
        (LAST, f"return ({OUTPUT}).sum()"),
    ),
    wrong(
        "a dimension of 1 lost",
        "Where the last layer has one node you return a bare number: shape (1,) is asked for. Leave out squeeze() or float().",
        (LAST, f"return np.squeeze({OUTPUT})"),
    ),
    wrong(
        "a row instead of a vector",
        "You return a table of one row, shape (1, nodes): shape (nodes,) is asked for.",
        (LAST, f"return ({OUTPUT})[None]"),
    ),
    wrong(
        "only the first output",
        "You return the first output only: there is one for each node of the last layer.",
        (LAST, f"return ({OUTPUT})[0]"),
    ),
    wrong(
        "added into the biases",
        "You add the sums into the biases that you are given (b += …). A second call starts from changed biases: make a new array, x @ W + b.",
        (STEP, "b += x @ W\n        x = relu(b)"),
        (LAST, "biases[-1][...] += x @ weights[-1]\n    return biases[-1] + 0"),
    ),
    wrong(
        "hidden sums added into the biases",
        "You add the sums into the biases that you are given (b += …). A second call starts from changed biases: make a new array, x @ W + b.",
        (STEP, "b += x @ W\n        x = relu(b)"),
    ),
    wrong(
        "biases added twice",
        "You add each bias twice: a layer is x @ W + b.",
        (SUM, "x @ W + 2 * b"),
        ("+ biases[-1]", "+ 2 * biases[-1]"),
    ),
    wrong(
        "biases multiplied",
        "You multiply by the biases: a layer is x @ W + b.",
        (SUM, "x @ W * b"),
        ("+ biases[-1]", "* biases[-1]"),
    ),
    wrong(
        "residuals added",
        "You add each layer's input to its output: that is another kind of network.",
        (STEP, f"{STEP} + (x if W.shape[0] == W.shape[1] else 0)"),
    ),
    wrong(
        "rounded to 2 places in every layer",
        "You round in every layer, and the errors grow from layer to layer. Round only the result.",
        (STEP, f"x = np.round(relu({SUM}), 2)"),
        (LAST, f"return np.round({OUTPUT}, 2)"),
    ),
]
