"""What goes wrong in a linear layer."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

LINEAR, FORMULA = "linear", "x @ weight.T + bias"
RESULT = f"return {FORMULA}"
PRODUCT = "x @ weight.T"


def wrong(name: str, says: str, *pairs: tuple[str, str]) -> Mistake:
    """Return a mistake of what stands in the function and what stands there instead."""
    return Mistake(name, says, [Edit(old, new, LINEAR) for old, new in pairs])


def activated(name: str, new: str) -> Mistake:
    """Return the mistake of a function on the outputs."""
    says = f"You put {name} on the outputs. That is the activation's work, in a layer of its own: return x @ weight.T + bias as it is."
    return wrong(f"{name} inside", says, (RESULT, f"z = {FORMULA}\n    return {new}"))


CUT_OFF = "The values are right, but no gradient reaches {what}: a model with this layer inside does not learn. Look for no_grad(), detach(), .data, numpy(), item(), or a new tensor made of old values; compute with the arguments themselves."
IN_PLACE = "You transpose the weight that you are given in place (t_() or .data =). The next call with it finds it the wrong way round: weight.T gives a view and changes nothing."

MISTAKES = [
    wrong("bias left out", "The bias is missing: every node adds a number of its own to its sum.", (" + bias", "")),
    wrong(
        "weight not transposed",
        "You multiply by the weight without transposing it. Its rows are the nodes ({nodes}), its columns the "
        "features ({features}): to bring features against features, transpose it.",
        ("weight.T", "weight"),
    ),
    wrong(
        "averaged over the features",
        "Your sums are divided by the number of features ({features}): a node adds the products up.",
        (PRODUCT, f"{PRODUCT} / weight.shape[1]"),
    ),
    wrong(
        "weight and x exchanged in the product",
        "You compute weight @ x.T, whose rows are the nodes: the result is transposed, and the bias does not fit it. Write x @ weight.T.",
        (PRODUCT, "weight @ x.T"),
    ),
    activated("a ReLU", "z.clamp(min=0)"),
    wrong(
        "dimensions of 1 lost",
        "You squeeze the result, so that dimensions of size 1 disappear. It has x's shape, with nodes instead of "
        "features in the last dimension.",
        (RESULT, f"return ({FORMULA}).squeeze()"),
    ),
    wrong(
        "dimensions of 1 lost before the bias",
        "You squeeze the sums before the bias is added, so that dimensions of size 1 disappear. The result has "
        "x's shape, with nodes instead of features in the last dimension.",
        (PRODUCT, "(x @ weight.T).squeeze()"),
    ),
    wrong("bias subtracted", "You subtract the bias. A node adds it.", ("+ bias", "- bias")),
    wrong("bias multiplied", "You multiply by the bias. A node adds it.", ("+ bias", "* bias")),
    wrong(
        "no gradient",
        CUT_OFF.format(what="x, weight and bias"),
        (RESULT, f"return ({FORMULA}).detach()"),
    ),
    wrong("no gradient along the weight", CUT_OFF.format(what="the weight"), ("weight.T", "weight.detach().T")),
    wrong(
        "no gradient along x",
        CUT_OFF.format(what="x, and through it the layers before"),
        (PRODUCT, "x.detach() @ weight.T"),
    ),
    wrong("no gradient along the bias", CUT_OFF.format(what="the bias"), ("+ bias", "+ bias.detach()")),
    wrong(
        "no gradient along weight and bias",
        CUT_OFF.format(what="weight and bias"),
        (FORMULA, "x @ weight.detach().T + bias.detach()"),
    ),
    wrong("weight transposed in place", IN_PLACE, (RESULT, "weight.t_()\n    return x @ weight + bias")),
    wrong(
        "bias added in place of the sum",
        "You add the sums into the bias or into x that you are given (+=). A second call starts from changed numbers: make a new tensor.",
        (
            RESULT,
            f"result = {FORMULA}\n    bias += 1 * (result - bias).reshape(-1, len(bias))[0].detach()\n    return result",
        ),
    ),
    wrong(
        "bias once for each feature",
        "You add the bias inside the loop over the features, so once for each of the {features}. It is added once, to the finished sum.",
        ("+ bias", "+ bias * weight.shape[1]"),
    ),
    wrong(
        "bias added twice",
        "You add the bias twice. Add it once, to the finished sum: z = x @ w + b.",
        ("+ bias", "+ 2 * bias"),
    ),
    wrong(
        "biases summed",
        "Every node gets the sum of all biases: there is one for each of the {nodes} nodes.",
        ("+ bias", "+ bias.sum()"),
    ),
    wrong(
        "biases averaged",
        "Every node gets the mean of all biases: there is one for each of the {nodes} nodes.",
        ("+ bias", "+ bias.mean()"),
    ),
    wrong(
        "one bias for all nodes",
        "Every node gets the first node's bias: there is one for each of the {nodes} nodes.",
        ("+ bias", "+ bias[0]"),
    ),
    wrong(
        "bias along the examples",
        "You add the bias as a column, along the examples. It belongs along the nodes, the last dimension: x @ "
        "weight.T + bias.",
        ("+ bias", "+ bias[:, None]"),
    ),
    wrong(
        "bias weighted, too",
        "You add the bias to the inputs before they are weighted. Add it after the sum.",
        (FORMULA, "(x + bias[:1]) @ weight.T"),
    ),
    wrong(
        "all biases weighted, too",
        "You add the bias to the inputs before they are weighted. Add it after the sum.",
        (FORMULA, "(x + bias) @ weight.T"),
    ),
    wrong(
        "the weight reshaped, not transposed",
        "You reshape the weight to (features, nodes), which keeps the reading order and mixes the nodes. Transpose it: weight.T.",
        ("weight.T", "weight.reshape(weight.shape[1], weight.shape[0])"),
    ),
    wrong(
        "leading dimensions joined",
        "You flatten the leading dimensions and do not restore them. The result has x's shape, with nodes "
        "instead of features in the last dimension: (…, M).",
        (RESULT, f"x = x.reshape(-1, x.shape[-1])\n    return {FORMULA}"),
    ),
    wrong(
        "one example becomes a table",
        "For one example of shape (d,) you return a table of one row: shape (M,) is asked for.",
        (RESULT, f"x = x[None] if x.ndim == 1 else x\n    return {FORMULA}"),
    ),
    wrong(
        "tables only",
        "It takes tables (two dimensions) only. x may have any number of leading dimensions, even none: the operator @ takes them all, "
        "torch.mm does not.",
        (PRODUCT, "torch.mm(x, weight.T)"),
    ),
    wrong(
        "tables only, row by row",
        "Your loop takes the entries of x for its examples, which they are in a table of two dimensions alone. x may have any number of "
        "leading dimensions, even none: x @ weight.T takes them all.",
        (RESULT, "return torch.stack([torch.stack([(row * w).sum() + b for w, b in zip(weight, bias)]) for row in x])"),
    ),
    wrong(
        "examples and nodes exchanged",
        "Your result is transposed: the nodes belong in the last dimension.",
        (RESULT, f"z = {FORMULA}\n    return z.transpose(0, -1)"),
    ),
    wrong(
        "product of each pair only",
        "You multiply without adding up: a node adds the products of all {features} features.",
        (PRODUCT, "x[..., None, :] * weight"),
        ("+ bias", "+ bias[:, None]"),
    ),
    wrong(
        "last feature left out",
        "The last of the {features} features is left out of the sums.",
        (PRODUCT, "x[..., :-1] @ weight[:, :-1].T"),
    ),
    wrong(
        "first feature left out",
        "The first of the {features} features is left out of the sums.",
        (PRODUCT, "x[..., 1:] @ weight[:, 1:].T"),
    ),
    wrong(
        "last node left out",
        "The last of the {nodes} nodes is missing from the result, or 0.",
        (FORMULA, "x @ weight[:-1].T + bias[:-1]"),
    ),
    wrong(
        "divided by the root of the features",
        "Your sums are divided by √{features}, as attention scales its scores. A node adds the products up.",
        (PRODUCT, f"{PRODUCT} / weight.shape[1] ** 0.5"),
    ),
    wrong(
        "outputs added up",
        "You add the nodes' outputs up to one number: each of the {nodes} nodes has its own.",
        (RESULT, f"return ({FORMULA}).sum(dim=-1)"),
    ),
    activated("a sigmoid", "torch.sigmoid(z)"),
    activated("tanh", "torch.tanh(z)"),
    activated("a softmax", "torch.softmax(z, dim=-1)"),
    activated("the absolute value", "z.abs()"),
    wrong(
        "cut to whole numbers",
        "Your outputs are cut to whole numbers: the tensor that you fill holds whole numbers only (dtype int).",
        (RESULT, f"return ({FORMULA}).long()"),
    ),
    wrong(
        "rounded",
        "You round the outputs (to 4 decimal places, say). Rounding has no gradient, so nothing before it "
        "learns: return them as they are.",
        (RESULT, f"return torch.round({FORMULA}, decimals=4)"),
    ),
]
