"""What goes wrong in backpropagation through one neuron."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

FUNCTION = "differentiate_neuron"
PREDICTION = 'neuron(x, w, b, "sigmoid")'
SLOPE = "(prediction - truth) * prediction * (1 - prediction)"
BOTH = "return dz * x, dz"
SUM = "float(w @ x + b)"


def wrong(name: str, says: str, *pairs: tuple[str, str]) -> Mistake:
    """Return a mistake of what stands in the function and what stands there instead."""
    return Mistake(name, says, [Edit(old, new, FUNCTION) for old, new in pairs])


CHAIN = [
    wrong(
        "sign of the error",
        "Your gradients have the wrong sign: the loss ½ (ŷ − y)² has the gradient ŷ − y along ŷ, prediction "
        "minus truth.",
        ("(prediction - truth)", "(truth - prediction)"),
    ),
    wrong(
        "the error forgotten",
        "You leave out the derivative of the loss along ŷ. The chain rule multiplies by ŷ − y, too.",
        ("(prediction - truth) * prediction", "prediction"),
    ),
    wrong(
        "the sigmoid's derivative forgotten",
        "You leave out the derivative of the activation. The chain rule multiplies by σ'(z) = ŷ (1 − ŷ).",
        (" * prediction * (1 - prediction)", ""),
    ),
    wrong(
        "sigmoid's derivative of the prediction",
        "You apply the sigmoid once more to find its derivative. ŷ is σ(z) already: σ'(z) = ŷ (1 − ŷ).",
        (
            "prediction * (1 - prediction)",
            "sigmoid(np.asarray(prediction)) * (1 - sigmoid(np.asarray(prediction)))",
        ),
    ),
    wrong(
        "sigmoid's derivative computed from z",
        "You compute the sigmoid's derivative as z (1 − z), from the sum. The formula uses the sigmoid's value "
        "instead: ŷ (1 − ŷ).",
        ("prediction * (1 - prediction)", f"{SUM} * (1 - {SUM})"),
    ),
    wrong(
        "half of the sigmoid's derivative",
        "You multiply by ŷ but not by 1 − ŷ: σ'(z) = ŷ (1 − ŷ).",
        (" * (1 - prediction)", ""),
    ),
    wrong(
        "the other half of the sigmoid's derivative",
        "You multiply by 1 − ŷ but not by ŷ: σ'(z) = ŷ (1 − ŷ).",
        ("prediction * (1 - prediction)", "(1 - prediction)"),
    ),
    wrong(
        "plus in the sigmoid's derivative",
        "You multiply by ŷ (1 + ŷ). The sigmoid's derivative is ŷ (1 − ŷ), with a minus.",
        ("(1 - prediction)", "(1 + prediction)"),
    ),
    wrong(
        "tanh's derivative",
        "You multiply by 1 − ŷ², the derivative of tanh. The sigmoid's derivative is ŷ (1 − ŷ).",
        ("prediction * (1 - prediction)", "(1 - prediction ** 2)"),
    ),
    wrong(
        "sigmoid's derivative twice",
        "You multiply by the sigmoid's derivative ŷ (1 − ŷ) two times: it occurs once in the chain.",
        (SLOPE, "(prediction - truth) * (prediction * (1 - prediction)) ** 2"),
    ),
    wrong(
        "sigmoid's derivative divided by",
        "You divide by the sigmoid's derivative ŷ (1 − ŷ). The chain rule multiplies the gradients.",
        ("prediction * (1 - prediction)", "1 / (prediction * (1 - prediction))"),
    ),
    wrong(
        "factor 2",
        "Your gradients are twice what they should be: the loss here is ½ (ŷ − y)², and the ½ cancels the 2.",
        ("(prediction - truth)", "2 * (prediction - truth)"),
    ),
    wrong(
        "factor ½ kept",
        "Your gradients are half of what they should be: the 2 of the square and the ½ cancel.",
        ("(prediction - truth)", "0.5 * (prediction - truth)"),
    ),
    wrong(
        "absolute error",
        "You differentiate |ŷ − y|, whose derivative is the same however large the error is. The loss here is "
        "the squared error.",
        ("(prediction - truth)", "np.sign(prediction - truth)"),
    ),
    wrong(
        "size of the error without its sign",
        "You take the error's absolute value, so all gradients point the same way. Its sign tells the direction: "
        "ŷ − y.",
        ("(prediction - truth)", "abs(prediction - truth)"),
    ),
    wrong(
        "the loss instead of its derivative",
        "You multiply by the loss ½ (ŷ − y)² itself. The chain starts with its gradient along ŷ, which is ŷ − y.",
        ("(prediction - truth)", "0.5 * (prediction - truth) ** 2"),
    ),
    wrong(
        "the squared error instead of its derivative",
        "You multiply by (ŷ − y)². The chain starts with the loss's gradient along ŷ, which is ŷ − y.",
        ("(prediction - truth)", "(prediction - truth) ** 2"),
    ),
    wrong(
        "the truth left out",
        "Your gradients do not depend on the truth: the first factor of the chain is ŷ − y.",
        ("(prediction - truth)", "prediction"),
    ),
    wrong(
        "prediction rounded to 0 or 1",
        "You round the prediction to 0 or 1 before you compare. The loss measures how far the number itself is off.",
        ("(prediction - truth)", "(round(prediction) - truth)"),
    ),
]

FORWARD = [
    wrong(
        "bias left out of the prediction",
        "You predict without the bias. The prediction uses z = x @ w + b.",
        ("neuron(x, w, b,", "neuron(x, w, 0.0,"),
    ),
    wrong(
        "bias subtracted in the prediction",
        "You subtract the bias in the prediction: z = x @ w + b.",
        ("neuron(x, w, b,", "neuron(x, w, -b,"),
    ),
    wrong(
        "bias added for every input",
        "You add the bias once for every input, inside the sum. It is added once: z = x @ w + b.",
        ("neuron(x, w, b,", "neuron(x, w, b * len(x),"),
    ),
    wrong(
        "no sigmoid in the prediction",
        "Your prediction is the sum z itself: apply the sigmoid to it, ŷ = 1 / (1 + e⁻ᶻ).",
        (PREDICTION, SUM),
    ),
    wrong(
        "a neuron without activation",
        "You differentiate a neuron without activation: ŷ = σ(z), and the chain has σ'(z) = ŷ (1 − ŷ) in it.",
        (PREDICTION, SUM),
        (" * prediction * (1 - prediction)", ""),
    ),
    wrong(
        "a neuron with ReLU",
        "You differentiate a neuron with ReLU. Here the activation is the sigmoid, with the derivative ŷ (1 − ŷ).",
        (PREDICTION, 'neuron(x, w, b, "relu")'),
        ("prediction * (1 - prediction)", "float(prediction > 0)"),
    ),
    wrong(
        "a neuron with tanh",
        "You differentiate a neuron with tanh. Here the activation is the sigmoid, with the derivative ŷ (1 − ŷ).",
        (PREDICTION, f"float(np.tanh({SUM}))"),
        ("prediction * (1 - prediction)", "(1 - prediction ** 2)"),
    ),
    wrong(
        "sign in the sigmoid",
        "Your sigmoid falls where it should rise: it is 1 / (1 + e⁻ᶻ), with a minus in the exponent.",
        ("neuron(x, w, b,", "neuron(-x, w, -b,"),
    ),
    wrong(
        "sums multiplied",
        "You multiply the sum of the inputs by the sum of the weights. Multiply each input by its own weight, "
        "then add: x @ w.",
        (PREDICTION, "float(sigmoid(np.asarray(x.sum() * w.sum() + b)))"),
    ),
    wrong(
        "weights and inputs added",
        "You add weights and inputs in the prediction. Multiply each input by its own weight, then add the products.",
        (PREDICTION, "float(sigmoid(np.asarray((x + w).sum() + b)))"),
    ),
    wrong(
        "products averaged in the prediction",
        "You average the products in the prediction. A neuron adds them up: z = x @ w + b.",
        (PREDICTION, "float(sigmoid(np.asarray((w * x).mean() + b)))"),
    ),
    wrong(
        "inputs overwritten by the products",
        "You multiply x by w in place, so that later x holds the products, and the gradients along the weights "
        "are wrong. Make a new array: x * w.",
        ("dz * x,", "dz * (x * w),"),
    ),
]

RESULTS = [
    wrong(
        "weights instead of inputs",
        "You multiply by the weights. The gradient along a weight is what that weight multiplies: its input.",
        ("dz * x,", "dz * w,"),
    ),
    wrong(
        "inputs left out",
        "All your weights have the same gradient: multiply by each weight's own input.",
        ("dz * x,", "dz * np.ones_like(x),"),
    ),
    wrong(
        "inputs squared",
        "You multiply by the squared inputs. The gradient along a weight is the gradient along z times its input.",
        ("dz * x,", "dz * x * x,"),
    ),
    wrong(
        "divided by the inputs",
        "You divide by the inputs. The gradient along a weight is the gradient along z times its input.",
        ("dz * x,", "dz / x,"),
    ),
    wrong(
        "the prediction as input",
        "You multiply by the prediction. The gradient along a weight is the gradient along z times its input.",
        ("dz * x,", "dz * prediction * np.ones_like(x),"),
    ),
    wrong(
        "every weight with the first input",
        "You multiply all weights' gradients by the first input: each weight has its own.",
        ("dz * x,", "dz * x[0] * np.ones_like(x),"),
    ),
    wrong(
        "bias' gradient times the inputs",
        "You multiply the bias' gradient by the inputs' sum. The bias is a weight whose input is always 1.",
        (BOTH, "return dz * x, dz * x.sum()"),
    ),
    wrong(
        "bias' gradient times the inputs' mean",
        "You average the weights' gradients to get the bias' one. The bias is a weight whose input is always 1: "
        "its gradient is that along z.",
        (BOTH, "return dz * x, dz * x.mean()"),
    ),
    wrong(
        "bias' gradient times the bias",
        "You multiply the bias' gradient by the bias. The bias is a weight whose input is always 1: its gradient "
        "is that along z.",
        (BOTH, "return dz * x, dz * b"),
    ),
    wrong(
        "bias' gradient for every input",
        "Your bias' gradient is an array with a number for each input. There is one bias: one number, the "
        "gradient along z.",
        (BOTH, "return dz * x, dz * np.ones_like(x)"),
    ),
    wrong(
        "bias' gradient is 1",
        "You return 1 for the bias. That is z's derivative along b; multiply by the gradient of the loss along z.",
        (BOTH, "return dz * x, 1.0"),
    ),
    wrong(
        "bias' gradient without the sigmoid's",
        "Your bias' gradient is only ŷ − y. It has the sigmoid's derivative ŷ (1 − ŷ) in it, as the weights' "
        "gradients have.",
        (BOTH, "return dz * x, prediction - truth"),
    ),
    wrong(
        "weights' gradients without the sigmoid's",
        "Your weights' gradients are only (ŷ − y) x. They have the sigmoid's derivative ŷ (1 − ŷ) in them, as "
        "the bias' has.",
        (BOTH, "return (prediction - truth) * x, dz"),
    ),
    wrong(
        "bias' gradient with the wrong sign",
        "Only the bias' gradient has the wrong sign: it is ŷ − y times the sigmoid's derivative, as for the weights.",
        (BOTH, "return dz * x, -dz"),
    ),
    wrong(
        "weights' gradients with the wrong sign",
        "Only the weights' gradients have the wrong sign: they are the gradient along z, which you return for "
        "the bias, times the inputs.",
        (BOTH, "return -dz * x, dz"),
    ),
    wrong(
        "averaged over the inputs",
        "You divide by the number of inputs. There is one example here and nothing to average: each weight has "
        "its own gradient.",
        (BOTH, "return dz * x / len(x), dz"),
    ),
    wrong(
        "everything averaged over the inputs",
        "You divide all gradients by the number of inputs. There is one example here and nothing to average.",
        (BOTH, "return dz * x / len(x), dz / len(x)"),
    ),
    wrong(
        "weights' gradients added up",
        "You add the weights' gradients up to one number: return one for each weight, an array of shape (d,).",
        (BOTH, "return float((dz * x).sum()), dz"),
    ),
    wrong(
        "written for two inputs",
        "It works for two inputs only. Use x @ w and dz * x, which work for any number of inputs.",
        ("neuron(x, w, b,", "neuron(x[[0, 1]], w[[0, 1]], b,"),
        ("dz * x,", "dz * x[[0, 1]],"),
    ),
    wrong(
        "the two results exchanged",
        "You return the bias' gradient first. The weights' gradients come first, the bias' second.",
        (BOTH, "return dz, dz * x"),
    ),
    wrong(
        "the weights' gradients alone",
        "You return the weights' gradients alone: the bias' gradient belongs to them, as a tuple of two.",
        (BOTH, "return dz * x"),
    ),
    wrong(
        "all gradients in one array",
        "You put the bias' gradient into the same array as the weights'. Return a tuple of two: the weights' "
        "gradients, the bias' gradient.",
        (BOTH, "return np.append(dz * x, dz)"),
    ),
    wrong(
        "weights' gradients as a column",
        "Your weights' gradients are a column of shape (d, 1): return shape (d,), as w has.",
        (BOTH, "return (dz * x)[:, None], dz"),
    ),
    wrong(
        "weights' gradients as a row",
        "Your weights' gradients are a table of one row, shape (1, d): return shape (d,), as w has.",
        (BOTH, "return (dz * x)[None, :], dz"),
    ),
    wrong(
        "new weights returned",
        "You return the weights and the bias after a step. The gradients themselves are asked for.",
        (BOTH, "return w - dz * x, b - dz"),
    ),
    wrong(
        "cut to whole numbers",
        "Where x holds whole numbers, your gradients are cut to whole numbers, too: the array that you fill "
        "(zeros_like(x), for instance) has x's type. Give it dtype=float.",
        (BOTH, "return (dz * x).astype(np.asarray(x).dtype), dz"),
    ),
]

MISTAKES = [*CHAIN, *FORWARD, *RESULTS]
