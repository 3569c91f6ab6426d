"""What goes wrong in backpropagation through two layers."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

FUNCTION = "forward_and_backward"
LOSS = "np.mean((truth - prediction) ** 2)"
ERROR = "2 * (prediction - truth) / len(truth)"
FIRST, SECOND, HIDDEN = "W1 @ x + b1", "W2 @ h + b2", "h = relu(z1)"
MASK = "np.where(z1 > 0, dh, 0)"
DW1, DW2 = "np.outer(dz1, x)", "np.outer(d_prediction, h)"
BIASES1, BIASES2 = "np.outer(dz1, x), dz1", "np.outer(d_prediction, h), d_prediction"
BACK = "W2.T @ d_prediction"


def wrong(name: str, says: str, *pairs: tuple[str, str]) -> Mistake:
    """Return a mistake of what stands in the function and what stands there instead."""
    return Mistake(name, says, [Edit(old, new, FUNCTION) for old, new in pairs])


FORWARD = [
    wrong(
        "no ReLU at all",
        "There is no ReLU, neither in the forward pass nor in the backward pass: both layers together are only "
        "one linear layer. h = relu(z₁), and nothing flows back where z₁ is not positive.",
        (HIDDEN, "h = z1"),
        (MASK, "dh"),
    ),
    wrong(
        "ReLU forgotten on the way forward",
        "Your hidden layer has no ReLU: both layers together are only one linear layer.",
        (HIDDEN, "h = z1"),
    ),
    wrong(
        "sigmoid instead of ReLU",
        "Your hidden layer goes through a sigmoid, and its derivative h (1 − h) is used in the backward pass. "
        "ReLU is asked for: max(0, z₁), derivative 1 or 0.",
        (HIDDEN, "h = 1 / (1 + np.exp(-z1))"),
        (MASK, "dh * h * (1 - h)"),
    ),
    wrong(
        "tanh instead of ReLU",
        "Your hidden layer goes through tanh. ReLU is asked for: max(0, z₁), derivative 1 or 0.",
        (HIDDEN, "h = np.tanh(z1)"),
        (MASK, "dh * (1 - h**2)"),
    ),
    wrong(
        "first bias left out",
        "The first layer's bias is missing in the forward pass: z₁ = W₁ @ x + b₁.",
        (FIRST, "W1 @ x"),
    ),
    wrong(
        "second bias left out",
        "The second layer's bias is missing in the forward pass: the prediction is W₂ @ h + b₂.",
        (SECOND, "W2 @ h"),
    ),
    wrong(
        "both biases left out",
        "Neither layer adds its bias in the forward pass: z₁ = W₁ @ x + b₁, and the prediction is W₂ @ h + b₂.",
        (FIRST, "W1 @ x"),
        (SECOND, "W2 @ h"),
    ),
    wrong(
        "first bias added after the ReLU",
        "You add the first bias after the ReLU. It belongs in the sum that goes through it: relu(W₁ @ x + b₁).",
        (FIRST, "W1 @ x"),
        (HIDDEN, "h = relu(z1) + b1"),
    ),
    wrong(
        "first weights transposed",
        "You multiply by W₁ transposed (x @ W₁). W₁ has a row for each hidden node: z₁ = W₁ @ x + b₁.",
        (FIRST, "x @ W1 + b1"),
    ),
    wrong(
        "second weights transposed",
        "You multiply by W₂ transposed (h @ W₂) in the forward pass. W₂ has a row for each output: W₂ @ h + b₂.",
        (SECOND, "h @ W2 + b2"),
    ),
    wrong(
        "ReLU on the output, too",
        "You put a ReLU on the prediction. There is one after the hidden layer only: a prediction may be negative.",
        (SECOND, f"relu({SECOND})"),
    ),
    wrong(
        "ReLU on the output, too, and its derivative",
        "You put a ReLU on the prediction and its derivative in the backward pass. There is one after the hidden "
        "layer only: a prediction may be negative.",
        (SECOND, f"relu({SECOND})"),
        (ERROR, f"{ERROR} * (prediction > 0)"),
    ),
    wrong(
        "sigmoid on the output",
        "You put a sigmoid on the prediction. The second layer has no activation: the prediction is W₂ @ h + b₂.",
        (SECOND, f"1 / (1 + np.exp(-({SECOND})))"),
    ),
    wrong(
        "sigmoid on the output, and its derivative",
        "You put a sigmoid on the prediction, and its derivative in the backward pass. The second layer has no "
        "activation: the prediction is W₂ @ h + b₂.",
        (SECOND, f"1 / (1 + np.exp(-({SECOND})))"),
        (ERROR, f"{ERROR} * prediction * (1 - prediction)"),
    ),
]

LOSSES = [
    wrong(
        "the loss of the sum of squares",
        "Loss and gradients are C = {C} times too large: you take the sum of the squared errors. It is their "
        "mean over the C outputs.",
        (LOSS, "np.sum((truth - prediction) ** 2)"),
        (" / len(truth)", ""),
    ),
    wrong(
        "the loss with a factor ½",
        "Loss and gradients are half of what they should be: your loss is ½ times the mean of the squares. Here "
        "there is no ½, so the 2 of the square's derivative stays.",
        (LOSS, f"0.5 * {LOSS}"),
        ("2 * (prediction", "(prediction"),
    ),
    wrong(
        "half the sum of squares",
        "Your loss is ½ Σ (ŷ − y)², with the gradient ŷ − y. Here it is the mean of the squares, without a ½: "
        "its gradient is 2/C * (ŷ − y), C = {C}.",
        (LOSS, "0.5 * np.sum((truth - prediction) ** 2)"),
        (ERROR, "prediction - truth"),
    ),
    wrong(
        "loss summed",
        "Your loss is C = {C} times too large: it is the mean over the outputs.",
        (LOSS, LOSS.replace("mean", "sum")),
    ),
    wrong(
        "loss halved",
        "Your loss is half of what it should be: here it is the plain mean of the squares, without a ½.",
        (LOSS, f"0.5 * {LOSS}"),
    ),
    wrong(
        "half the sum as the loss",
        "Your loss is ½ Σ (ŷ − y)². Here it is the mean of the squares over the C = {C} outputs, without a ½. "
        "(Your gradients are right.)",
        (LOSS, "0.5 * np.sum((truth - prediction) ** 2)"),
    ),
    wrong(
        "root of the loss",
        "You take the root of the loss: the mean squared error has none.",
        (LOSS, f"np.sqrt({LOSS})"),
    ),
    wrong(
        "absolute errors in the loss",
        "Your loss averages the absolute errors: square them.",
        (LOSS, "np.mean(np.abs(truth - prediction))"),
    ),
    wrong(
        "loss of the mean error",
        "You average the errors first and square then, so that errors of opposite sign cancel. Square each, then average.",
        (LOSS, "np.mean(truth - prediction) ** 2"),
    ),
    wrong(
        "loss of the first output only",
        "Your loss looks at the first output only: it is the mean over all C = {C}.",
        (LOSS, "((truth - prediction) ** 2)[0]"),
    ),
    wrong(
        "the error's gradient without 2 / C",
        "Your gradients start from ŷ − y. The loss is 1/C * Σ (ŷ − y)²: its gradient along the prediction is 2/C "
        "* (ŷ − y), with C = {C}.",
        (ERROR, "prediction - truth"),
    ),
    wrong(
        "not averaged over the outputs",
        "Your gradients are C = {C} times too large: the loss is the mean over the C outputs, so its gradient is "
        "divided by C.",
        (" / len(truth)", ""),
    ),
    wrong(
        "the 2 is missing",
        "Your gradients are half of what they should be: the square brings down a 2.",
        ("2 * (prediction", "(prediction"),
    ),
    wrong(
        "sign of the error",
        "Your gradients have the wrong sign: along the prediction it is prediction minus truth.",
        ("(prediction - truth)", "(truth - prediction)"),
    ),
    wrong(
        "sign of the error, and no 2",
        "Your gradients are −½ of what they should be: along the prediction it is 2/C * (ŷ − y), prediction "
        "minus truth.",
        (ERROR, "(truth - prediction) / len(truth)"),
    ),
    wrong(
        "divided by the hidden nodes",
        "You divide the gradient along the prediction by the number of hidden nodes, M = {M}. The mean is over "
        "the C = {C} outputs.",
        ("/ len(truth)", "/ len(h)"),
    ),
    wrong(
        "divided by the features",
        "You divide the gradient along the prediction by the number of features, d = {d}. The mean is over the C "
        "= {C} outputs.",
        ("/ len(truth)", "/ len(x)"),
    ),
    wrong(
        "errors summed over the outputs",
        "You add up the errors of all outputs before you go back. Each output sends its own gradient back: 2/C * "
        "(ŷ − y), a vector of C = {C}.",
        (ERROR, "np.full(len(truth), np.sum(prediction - truth) * 2 / len(truth))"),
    ),
    wrong(
        "the loss itself sent back",
        "You start the backward pass from the loss. It starts from the loss's gradient along the prediction: 2/C "
        "* (ŷ − y).",
        (ERROR, "np.full(len(truth), loss)"),
    ),
]

GATE = [
    wrong(
        "ReLU's derivative forgotten",
        "Gradients reach hidden nodes that were off. Where z₁ was not positive, ReLU's derivative is 0, and "
        "nothing flows back.",
        (MASK, "dh"),
    ),
    wrong(
        "a node at exactly 0 counts as on",
        "You let the gradient through where z₁ is exactly 0. There ReLU's derivative is taken as 0: z₁ > 0, not "
        "z₁ ≥ 0.",
        ("z1 > 0", "z1 >= 0"),
    ),
    wrong(
        "a leaky ReLU's derivative",
        "Where the node was off you let a hundredth of the gradient through, as for a leaky ReLU. ReLU's "
        "derivative there is 0.",
        (MASK, "np.where(z1 > 0, dh, 0.01 * dh)"),
    ),
    wrong(
        "ReLU's derivative the wrong way round",
        "You let gradients through where the node was off, and stop them where it was on.",
        ("z1 > 0, dh, 0", "z1 > 0, 0, dh"),
    ),
    wrong(
        "multiplied by h instead of ReLU's derivative",
        "You multiply the gradient along h by h itself (or by z₁ where it is positive). ReLU's derivative there "
        "is 1, whatever the size of z₁: multiply by z₁ > 0.",
        (MASK, "dh * h"),
    ),
    wrong(
        "multiplied by z₁ instead of ReLU's derivative",
        "You multiply the gradient along h by z₁. ReLU's derivative is 1 where z₁ is positive and 0 elsewhere: "
        "multiply by z₁ > 0.",
        (MASK, "dh * z1"),
    ),
    wrong(
        "ReLU applied to the gradient",
        "You cut the gradient along h off at 0, as if it went through the ReLU itself. Whether it passes depends "
        "on z₁: it is kept, negative or not, where z₁ > 0.",
        (MASK, "relu(dh)"),
    ),
    wrong(
        "gradient stopped by its own sign, too",
        "You pass only positive gradients on, where the node was on. The gradient's own sign does not matter: "
        "keep it where z₁ > 0.",
        (MASK, "np.where((z1 > 0) & (dh > 0), dh, 0)"),
    ),
    wrong(
        "sigmoid's derivative in the backward pass",
        "You multiply by h (1 − h), the derivative of a sigmoid. ReLU's derivative is 1 where z₁ is positive and "
        "0 elsewhere.",
        (MASK, "dh * h * (1 - h)"),
    ),
    wrong(
        "tanh's derivative in the backward pass",
        "You multiply by 1 − h², the derivative of tanh. ReLU's derivative is 1 where z₁ is positive and 0 elsewhere.",
        (MASK, "dh * (1 - h**2)"),
    ),
    wrong(
        "one node off stops all",
        "Where one hidden node is off you stop the gradients of all. Test for each node separately whether its "
        "z₁ is positive.",
        (MASK, "dh * bool((z1 > 0).all())"),
    ),
    wrong(
        "one node on lets all through",
        "Where one hidden node is on you let the gradients of all through. Test for each node separately whether "
        "its z₁ is positive.",
        (MASK, "dh * bool((z1 > 0).any())"),
    ),
    wrong(
        "ReLU's derivative taken before the bias",
        "You ask whether W₁ @ x is positive. What goes through the ReLU is z₁ = W₁ @ x + b₁, with the bias.",
        ("z1 > 0", "W1 @ x > 0"),
    ),
    wrong(
        "the derivative of ReLU instead of the gradient along z₁",
        "You pass back ReLU's derivative alone, 0 or 1. The chain rule multiplies it by the gradient that comes "
        "from the layer after it: the gradient along h.",
        (MASK, "(z1 > 0).astype(float)"),
    ),
    wrong(
        "ReLU's derivative missing from dW1",
        "dW1 misses the ReLU's slope: it is made of the slope along z₁, as db1 is.",
        (DW1, "np.outer(dh, x)"),
    ),
    wrong(
        "ReLU's derivative missing from db1",
        "db1 misses the ReLU's slope: it is the slope along z₁, as for the weights.",
        (BIASES1, "np.outer(dz1, x), dh"),
    ),
]

BACKWARD = [
    wrong(
        "gradient stops at the second layer",
        "Nothing flows back into the first layer: multiply the outputs' gradients by W2, transposed.",
        (BACK, f"0 * ({BACK})"),
    ),
    wrong(
        "W2 not transposed in the backward pass",
        "You multiply by W₂ without transposing it in the backward pass. The gradient along h is W₂ᵀ @ dŷ: each "
        "hidden node adds up the outputs' gradients times its own column of W₂.",
        (BACK, "W2 @ d_prediction"),
    ),
    wrong(
        "W2 left out in the backward pass",
        "You pass the outputs' gradients to every hidden node unchanged. Each hidden node multiplies them by its "
        "own column of W₂: the gradient along h is W₂ᵀ @ dŷ.",
        (BACK, "np.full(len(h), d_prediction.sum())"),
    ),
    *(
        wrong(
            f"{words} of g for all outputs",
            f"You multiply the weights of all outputs by {words} of g. Each output has its own: dh[j] = Σ W2[k, j] * g[k], which is W2ᵀ @ g.",
            (BACK, f"W2.sum(axis=0) * d_prediction.{method}()"),
        )
        for words, method in (("the mean", "mean"), ("the sum", "sum"))
    ),
    wrong(
        "only W2 passed back",
        "You pass W₂'s columns back without the outputs' gradients: the gradient along h is W₂ᵀ @ dŷ.",
        (BACK, "W2.sum(axis=0)"),
    ),
    wrong(
        "the error sent back without 2 / C",
        "The second layer's gradients are right, but into the first you send ŷ − y back. It is the same gradient "
        "along the prediction, with 2/C (C = {C}).",
        (BACK, "W2.T @ (prediction - truth)"),
    ),
    wrong(
        "first layer's sign",
        "The first layer's gradients have the wrong sign: the gradient along h is W₂ᵀ @ dŷ, with the same dŷ as "
        "in the second layer.",
        (BACK, f"-({BACK})"),
    ),
    wrong(
        "W2 moved before it was used",
        "You take a step with W₂ first, so that the first layer's gradients come from a changed W₂. Find all "
        "gradients with the same weights; nothing is moved here.",
        (BACK, "(W2 - 0.1 * dW2).T @ d_prediction"),
    ),
    wrong(
        "W2 moved before it was used (rate 0.01)",
        "You take a step with W₂ first, so that the first layer's gradients come from a changed W₂. Find all "
        "gradients with the same weights; nothing is moved here.",
        (BACK, "(W2 - 0.01 * dW2).T @ d_prediction"),
    ),
    wrong(
        "the second layer's gradient used for W2",
        "In the backward pass you multiply by dW2 instead of W₂: the gradient along h is W₂ᵀ @ dŷ.",
        (BACK, "dW2.T @ d_prediction"),
    ),
    wrong(
        "second layer's inputs confused",
        "dW2 is made of z₁, before the ReLU. What the second layer's weights multiply is h, after it.",
        (DW2, "np.outer(d_prediction, z1)"),
    ),
    wrong(
        "dW2 made of x",
        "dW2 is made of x. What the second layer's weights multiply is h, the hidden layer's output.",
        (DW2, "np.outer(d_prediction, x)"),
    ),
    wrong(
        "dW1 made of h",
        "dW1 is made of h. What the first layer's weights multiply is x, the example.",
        (DW1, "np.outer(dz1, h)"),
    ),
    wrong(
        "dW1 without x",
        "dW1 has the node's slope in every column: multiply it by the input x that each weight stands for.",
        (DW1, "np.outer(dz1, np.ones(len(x)))"),
    ),
    wrong(
        "dW2 without h",
        "dW2 has the output's slope in every column: multiply it by the hidden node h that each weight stands for.",
        (DW2, "np.outer(d_prediction, np.ones(len(h)))"),
    ),
    wrong(
        "dW1 and dW2 transposed",
        "dW1 and dW2 lie the wrong way round: each has the shape of its weights, a row for each node. The outer product is slope ⊗ input.",
        (DW1, "np.outer(x, dz1)"),
        (DW2, "np.outer(h, d_prediction)"),
    ),
    wrong(
        "dW1 transposed",
        "dW1 lies the wrong way round: it has W1's own shape, (hidden, features).",
        (DW1, "np.outer(x, dz1)"),
    ),
    wrong(
        "dW2 transposed",
        "dW2 lies the wrong way round: it has W2's own shape, (outputs, hidden).",
        (DW2, "np.outer(h, d_prediction)"),
    ),
    wrong(
        "both biases' gradients summed",
        "You add db1 and db2 up to one number each. Every node has a bias and a gradient of its own: db1 is the "
        "gradient along z₁, db2 that along the prediction.",
        (BIASES1, "np.outer(dz1, x), dz1.sum()"),
        (BIASES2, "np.outer(d_prediction, h), d_prediction.sum()"),
    ),
    wrong(
        "db2 summed",
        "You add db2 up to one number. Every output has a bias of its own: db2 is the gradient along the "
        "prediction, C = {C} numbers.",
        (BIASES2, "np.outer(d_prediction, h), d_prediction.sum()"),
    ),
    wrong(
        "db1 summed",
        "You add db1 up to one number. Every hidden node has a bias of its own: db1 is the gradient along z₁, M "
        "= {M} numbers.",
        (BIASES1, "np.outer(dz1, x), dz1.sum()"),
    ),
    wrong(
        "db1 multiplied by the bias",
        "You multiply db1 by b₁. The gradient of a sum along its bias is 1: db1 is the gradient along z₁.",
        (BIASES1, "np.outer(dz1, x), dz1 * b1"),
    ),
    wrong(
        "db2 multiplied by the bias",
        "You multiply db2 by b₂. The gradient of a sum along its bias is 1: db2 is the gradient along the prediction.",
        (BIASES2, "np.outer(d_prediction, h), d_prediction * b2"),
    ),
    wrong(
        "db2 without 2 / C",
        "db2 is ŷ − y. It is the same slope along the prediction as for the weights: 2/C · (ŷ − y), with C = {C}.",
        (BIASES2, "np.outer(d_prediction, h), prediction - truth"),
    ),
    wrong(
        "dW1 and db1 of the second layer's gradient",
        "dW1 is right but db1 is W₂'s slope along h without the way back through the node: db1 is the slope along z₁.",
        (BIASES1, "np.outer(dz1, x), W2.sum(axis=0)"),
    ),
    wrong(
        "gradients of the layers exchanged",
        "Your dW1 holds the gradient of the second layer, and your dW2 that of the first. Exchange them.",
        ('"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2', '"dW1": dW2, "db1": db2, "dW2": dW1, "db2": db1'),
    ),
    wrong(
        "weights moved instead of gradients returned",
        "You return weights after a step. The exercise asks for the gradients themselves.",
        (
            '"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2',
            '"dW1": W1 - 0.01 * dW1, "db1": b1 - 0.01 * db1, "dW2": W2 - 0.01 * dW2, "db2": b2 - 0.01 * db2',
        ),
    ),
]

# Two mistakes at once are looked for among the first ones.
COMMON = (
    "the 2 is missing",
    "ReLU's derivative forgotten",
    "sign of the error",
    "not averaged over the outputs",
    "loss summed",
    "ReLU on the output, too",
    "dW1 transposed",
)
MISTAKES = sorted([*LOSSES, *FORWARD, *GATE, *BACKWARD], key=lambda one: one.name not in COMMON)
