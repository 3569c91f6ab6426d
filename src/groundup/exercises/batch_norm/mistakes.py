"""The known mistakes in batch normalisation, as edits of `groundup.steps.c6_gpt.normalisation`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

NORM = "batch_norm"
MEAN, VARIANCE = "mean = x.mean(dim=0)", "variance = (x - mean).square().mean(dim=0)"
ROOT = "torch.sqrt(variance + epsilon)"
RESULT = f"gamma * (x - mean) / {ROOT} + beta"
NEW_MEAN = "(1 - momentum) * running_mean + momentum * mean.detach()"
NEW_VARIANCE = "(1 - momentum) * running_var + momentum * variance.detach()"
FROM_RUNNING = "mean, variance = running_mean, running_var"
FROM_BATCH = "mean, variance = x.mean(dim=0), x.var(dim=0, unbiased=False)"
RETURN = "return out, running_mean, running_var"
OUT = f"out = {RESULT}"
BESSEL = "len(x) / (len(x) - 1)"


def edit(old: str, new: str) -> Edit:
    """Return an edit of the function."""
    return Edit(old, new, NORM)


def fix_epsilon(value: str, words: str) -> Mistake:
    """Return the mistake of an epsilon of one's own."""
    return Mistake(
        f"ε fixed at {words}",
        f"You always take {words}, whatever eps is asked for: use the argument.",
        [edit("variance + epsilon", f"variance + {value}")],
    )


OVER_WHAT = [
    Mistake(
        "normalized over the features",
        "You average over the features of each example: that is layer normalization. Batch normalization "
        "averages each feature over the N = {N} examples.",
        [
            edit(MEAN, "mean = x.mean(dim=1, keepdim=True)"),
            edit(VARIANCE, "variance = (x - mean).square().mean(dim=1, keepdim=True)"),
            edit("momentum * mean.detach()", "momentum * x.mean(dim=0)"),
            edit("momentum * variance.detach()", "momentum * x.var(dim=0, unbiased=False)"),
        ],
    ),
    Mistake(
        "normalized over the features, running averages, too",
        "You average over the features of each example (dimension 1), in the running averages as well. Batch "
        "normalization averages each feature over the N = {N} examples: dimension 0.",
        [
            edit(MEAN, "mean = x.mean(dim=1, keepdim=True)"),
            edit(VARIANCE, "variance = (x - mean).square().mean(dim=1, keepdim=True)"),
        ],
    ),
    Mistake(
        "averages over dimension 1",
        "You average over dimension 1, the features: batch normalization averages over dimension 0, the N = {N} "
        "examples.",
        [edit(MEAN, "mean = x.mean(dim=1)"), edit(VARIANCE, "variance = (x - mean).square().mean(dim=1)")],
    ),
    Mistake(
        "variances over dimension 1",
        "You average over dimension 1, the features: batch normalization averages over dimension 0, the N = {N} "
        "examples.",
        [edit(MEAN, "mean = x.mean(dim=1)"), edit(VARIANCE, "variance = x.var(dim=1, unbiased=False)")],
    ),
    Mistake(
        "one mean and variance for all features",
        "You take one mean and one variance of the whole batch. Each feature has its own: average over dimension 0 alone.",
        [edit(MEAN, "mean = x.mean()"), edit(VARIANCE, "variance = (x - mean).square().mean()")],
    ),
    Mistake(
        "one variance for all features",
        "Your mean is taken feature by feature, but your variance over the whole batch: average its squares over dimension 0 "
        "alone.",
        [edit(VARIANCE, "variance = (x - mean).square().mean()")],
    ),
    Mistake(
        "one variance for all features, around one mean",
        "Your mean is taken feature by feature, but your variance over the whole batch: take it over dimension 0 alone.",
        [edit(VARIANCE, "variance = x.var(unbiased=False)")],
    ),
    Mistake(
        "divided by N − 1",
        "Your batch variance has N − 1 in the denominator. The course takes the plain mean of the squares: "
        "divide by N = {N}. (PyTorch itself uses N − 1, but for the running variance only.)",
        [edit(VARIANCE, "variance = (x - mean).square().sum(dim=0) / (len(x) - 1)")],
    ),
    Mistake(
        "divided by N − 1 in the running variance",
        "Your running variance takes the batch's variance with N − 1 in the denominator, as PyTorch does. The "
        "course takes N in both places.",
        [edit("momentum * variance.detach()", f"momentum * variance.detach() * ({BESSEL})")],
    ),
    Mistake(
        "divided by N − 1 in the running variance, by 1 where N is 1",
        "Your running variance takes the batch's variance with N − 1 in the denominator, as PyTorch does. The "
        "course takes N in both places.",
        [edit("momentum * variance.detach()", "momentum * variance.detach() * (len(x) / max(len(x) - 1, 1))")],
    ),
    Mistake(
        "divided by N − 1, but by 1 where N is 1",
        "Your batch variance has N − 1 in the denominator. The course takes the plain mean of the squares: "
        "divide by N = {N}.",
        [edit(VARIANCE, "variance = (x - mean).square().sum(dim=0) / max(len(x) - 1, 1)")],
    ),
    Mistake(
        "divided by N − 1 in the result only",
        "You normalize by the variance with N − 1 in the denominator: divide by N = {N}, as in the running variance.",
        [edit("    out = gamma", f"    variance = variance * ({BESSEL}) if training else variance\n    out = gamma")],
    ),
    Mistake(
        "squares summed, not averaged",
        "You add the squares up: divide their sum by N = {N}.",
        [edit(VARIANCE, "variance = (x - mean).square().sum(dim=0)")],
    ),
    Mistake(
        "variance around zero",
        "Your variance is the mean of x² itself: subtract the mean before squaring.",
        [edit(VARIANCE, "variance = x.square().mean(dim=0)")],
    ),
    Mistake(
        "sum instead of the mean",
        "You subtract the sum of each feature: divide it by N = {N} first.",
        [edit(MEAN, "mean = x.sum(dim=0)")],
    ),
    Mistake(
        "divided by the number of features",
        "You divide sums over the examples by d = {d}, the number of features: divide by N = {N}.",
        [
            edit(MEAN, "mean = x.sum(dim=0) / x.shape[1]"),
            edit(VARIANCE, "variance = (x - mean).square().sum(dim=0) / x.shape[1]"),
        ],
    ),
]

MODES = [
    Mistake(
        "the batch's own averages in evaluation",
        "In evaluation you still normalize by the batch, so an example's result depends on its neighbors. Use "
        "the running averages there.",
        [edit(FROM_RUNNING, FROM_BATCH)],
    ),
    Mistake(
        "training ignored",
        "You do the same in both modes. In evaluation normalize by the running averages, and return them unchanged.",
        [edit("if training:", "if True:")],
    ),
    Mistake(
        "modes exchanged",
        "You use the batch in evaluation and the running averages in training: it is the other way round.",
        [edit("if training:", "if not training:")],
    ),
    Mistake(
        "running averages used in training",
        "In training you normalize by the running averages. They are for evaluation; in training the batch "
        "itself counts.",
        [edit("    out = gamma", f"    if training:\n        {FROM_RUNNING}\n    out = gamma")],
    ),
    Mistake(
        "old running averages used in training",
        "In training you normalize by the running averages that came in. In training the batch itself counts.",
        [
            edit(MEAN, f"before = running_mean, running_var\n        {MEAN}"),
            edit("    out = gamma", "    if training:\n        mean, variance = before\n    out = gamma"),
        ],
    ),
    Mistake(
        "running averages moved in evaluation, too",
        "You move the running averages in evaluation as well: there they are used, and returned unchanged.",
        [
            edit(
                FROM_RUNNING,
                f"{FROM_RUNNING}\n"
                "        running_mean = (1 - momentum) * running_mean + momentum * x.mean(dim=0)\n"
                "        running_var = (1 - momentum) * running_var + momentum * x.var(dim=0, unbiased=False)",
            )
        ],
    ),
    Mistake(
        "moved and then used in evaluation",
        "In evaluation you move the running averages first and then normalize by them: use them as they came in, "
        "and return them unchanged.",
        [
            edit(
                FROM_RUNNING,
                "running_mean = (1 - momentum) * running_mean + momentum * x.mean(dim=0)\n"
                "        running_var = (1 - momentum) * running_var + momentum * x.var(dim=0, unbiased=False)\n"
                f"        {FROM_RUNNING}",
            )
        ],
    ),
    Mistake(
        "x returned in evaluation",
        "In evaluation you return x itself: there, too, it is normalized, by the running averages.",
        [edit(OUT, f"{OUT} if training else x")],
    ),
    Mistake(
        "scale and shift left out in evaluation",
        "In evaluation γ and β are missing: they belong to both modes.",
        [edit(OUT, f"{OUT} if training else (x - mean) / {ROOT}")],
    ),
    Mistake(
        "scale left out in evaluation",
        "In evaluation γ is missing: it belongs to both modes.",
        [edit(OUT, f"{OUT} if training else (x - mean) / {ROOT} + beta")],
    ),
    Mistake(
        "shift left out in evaluation",
        "In evaluation β is missing: it belongs to both modes.",
        [edit(OUT, f"{OUT} if training else gamma * (x - mean) / {ROOT}")],
    ),
    Mistake(
        "scale and shift left out in training",
        "In training γ and β are missing: they belong to both modes.",
        [edit(OUT, f"{OUT} if not training else (x - mean) / {ROOT}")],
    ),
    Mistake(
        "running variance taken for a standard deviation",
        "In evaluation you divide by the running variance as if it were a standard deviation: take the root of running_var + eps.",
        [edit(FROM_RUNNING, "mean, variance = running_mean, (running_var + epsilon) ** 2 - epsilon")],
    ),
    Mistake(
        "no epsilon in evaluation",
        "In evaluation you leave ε out: it is added under the root in both modes.",
        [edit(FROM_RUNNING, "mean, variance = running_mean, running_var - epsilon")],
    ),
    Mistake(
        "the mean of the batch in evaluation",
        "In evaluation you subtract the batch's mean: subtract the running mean.",
        [edit(FROM_RUNNING, "mean, variance = x.mean(dim=0), running_var")],
    ),
    Mistake(
        "the variance of the batch in evaluation",
        "In evaluation you divide by the batch's standard deviation: use the running variance.",
        [edit(FROM_RUNNING, "mean, variance = running_mean, x.var(dim=0, unbiased=False)")],
    ),
]

RUNNING = [
    Mistake(
        "momentum the wrong way round",
        "Your running averages keep the momentum's share of the old and take the rest of the new. Here momentum "
        "is the share of the new batch: new = (1 − momentum) * old + momentum * batch.",
        [
            edit("(1 - momentum) * running_mean + momentum *", "momentum * running_mean + (1 - momentum) *"),
            edit("(1 - momentum) * running_var + momentum *", "momentum * running_var + (1 - momentum) *"),
        ],
    ),
    Mistake(
        "momentum the wrong way round in the variance",
        "Your running variance keeps the momentum's share of the old: momentum is the share of the new batch, as in your mean.",
        [edit("(1 - momentum) * running_var + momentum *", "momentum * running_var + (1 - momentum) *")],
    ),
    Mistake(
        "momentum the wrong way round in the mean",
        "Your running mean keeps the momentum's share of the old: momentum is the share of the new batch, as in your variance.",
        [edit("(1 - momentum) * running_mean + momentum *", "momentum * running_mean + (1 - momentum) *")],
    ),
    Mistake(
        "running averages not updated",
        "You return the running averages unchanged: each training batch moves them a little.",
        [edit(NEW_MEAN, "running_mean"), edit(NEW_VARIANCE, "running_var")],
    ),
    Mistake(
        "running averages replaced",
        "You return the batch's own averages as the running ones. The running ones move only by the share "
        "momentum towards them.",
        [edit(NEW_MEAN, "mean.detach()"), edit(NEW_VARIANCE, "variance.detach()")],
    ),
    Mistake(
        "only the mean moves",
        "You update the running mean but not the running variance. The variance needs the same line: running_var "
        "= (1 − momentum) * running_var + momentum * variance.",
        [edit(NEW_VARIANCE, "running_var")],
    ),
    Mistake(
        "only the variance moves",
        "You update the running variance but not the running mean. The mean needs the same line: running_mean = "
        "(1 − momentum) * running_mean + momentum * mean.",
        [edit(NEW_MEAN, "running_mean")],
    ),
    Mistake(
        "running standard deviation instead of variance",
        "You accumulate the standard deviation in running_var: it holds variances.",
        [edit("momentum * variance.detach()", "momentum * variance.detach().sqrt()")],
    ),
    Mistake(
        "ε gathered in the running variance",
        "You accumulate variance + ε in running_var: ε is added only when you divide.",
        [edit("momentum * variance.detach()", "momentum * (variance.detach() + epsilon)")],
    ),
    Mistake(
        "the batch's share added to all of the old",
        "You add momentum * batch to all of the old averages: keep 1 − momentum of them.",
        [
            edit("(1 - momentum) * running_mean + momentum *", "running_mean + momentum *"),
            edit("(1 - momentum) * running_var + momentum *", "running_var + momentum *"),
        ],
    ),
    Mistake(
        "all of the batch added",
        "You add all of the batch's averages to 1 − momentum of the old ones: take the momentum's share of them.",
        [
            edit("+ momentum * mean.detach()", "+ mean.detach()"),
            edit("+ momentum * variance.detach()", "+ variance.detach()"),
        ],
    ),
    Mistake(
        "momentum fixed at 0.1",
        "You always take a momentum of 0.1, whatever is asked for: use the argument.",
        [
            edit(NEW_MEAN, "0.9 * running_mean + 0.1 * mean.detach()"),
            edit(NEW_VARIANCE, "0.9 * running_var + 0.1 * variance.detach()"),
        ],
    ),
    Mistake(
        "momentum fixed at 0.9",
        "You always keep a tenth of the old averages, whatever momentum is asked for: use the argument.",
        [
            edit(NEW_MEAN, "0.1 * running_mean + 0.9 * mean.detach()"),
            edit(NEW_VARIANCE, "0.1 * running_var + 0.9 * variance.detach()"),
        ],
    ),
]

RESULTS = [
    Mistake(
        "running averages returned in the other order",
        "You return the running variance before the running mean: the mean comes first.",
        [edit(RETURN, "return out, running_var, running_mean")],
    ),
    Mistake(
        "the result alone",
        "You return the result alone: return a tuple of it, the new running mean and the new running variance.",
        [edit(RETURN, "return [out]")],
    ),
    Mistake(
        "divided by the variance",
        "You divide by the variance, not by its root. Only the root, the standard deviation, has the same unit "
        "as x: divide by np.sqrt(variance + eps).",
        [edit(ROOT, "(variance + epsilon)")],
    ),
    Mistake(
        "multiplied by the standard deviation",
        "You multiply by the standard deviation: divide by it.",
        [edit(f"(x - mean) / {ROOT}", f"(x - mean) * {ROOT}")],
    ),
    Mistake(
        "not divided",
        "You subtract the mean but do not divide by the standard deviation. Divide by √(variance + ε) before you "
        "multiply by γ.",
        [edit(f" / {ROOT}", "")],
    ),
    Mistake(
        "mean not subtracted",
        "You divide by the standard deviation without subtracting the mean first. The numerator is x − mean.",
        [edit("gamma * (x - mean)", "gamma * x")],
    ),
    Mistake(
        "the wrong way round",
        "You subtract x from the mean: every sign is turned. It is x − mean.",
        [edit("gamma * (x - mean)", "gamma * (mean - x)")],
    ),
    Mistake(
        "epsilon outside the root",
        "You add ε after the root. Add it under the root.",
        [edit(ROOT, "(torch.sqrt(variance) + epsilon)")],
    ),
    Mistake(
        "epsilon forgotten",
        "Without ε a feature that is the same in all examples is divided by zero: add it under the root.",
        [edit(" + epsilon", "")],
    ),
    fix_epsilon("1e-5", "10⁻⁵"),
    fix_epsilon("1e-8", "10⁻⁸"),
    fix_epsilon("1e-3", "10⁻³"),
    Mistake(
        "scale left out",
        "γ is missing: each feature is multiplied by its own learned scale.",
        [edit("gamma * (x", "(x")],
    ),
    Mistake(
        "shift left out",
        "β is missing: each feature gets its own learned shift at the end.",
        [edit(" + beta", "")],
    ),
    Mistake(
        "scale and shift left out",
        "γ and β are missing: each feature has its own scale and shift.",
        [edit("gamma * (x", "(x"), edit(" + beta", "")],
    ),
    Mistake(
        "scale and shift exchanged",
        "You multiply by β and add γ. γ scales, β shifts.",
        [edit("gamma * (x", "beta * (x"), edit("+ beta", "+ gamma")],
    ),
    Mistake(
        "shifted before it is scaled",
        "You add β before multiplying by γ, so the shift is scaled as well: first γ, then β.",
        [edit(RESULT, f"gamma * ((x - mean) / {ROOT} + beta)")],
    ),
    Mistake(
        "shift subtracted",
        "You subtract β: add it.",
        [edit("+ beta", "- beta")],
    ),
    Mistake(
        "rounded to 2 places",
        "You round the result to 2 decimal places. Keep at least 4 decimal places, or do not round.",
        [edit(RETURN, "return out.round(decimals=2), running_mean.round(decimals=2), running_var.round(decimals=2)")],
    ),
    Mistake(
        "rounded to 3 places",
        "You round the result to 3 decimal places. Keep at least 4 decimal places, or do not round.",
        [edit(RETURN, "return out.round(decimals=3), running_mean.round(decimals=3), running_var.round(decimals=3)")],
    ),
    Mistake(
        "x changed in place",
        "You change the batch that is passed in (with -=, /= or x[i] = …): code that uses it afterwards gets "
        "your result instead of x. Compute a new array.",
        [edit(RETURN, "return x.copy_(out), running_mean, running_var")],
    ),
]

MISTAKES = [*OVER_WHAT, *MODES, *RUNNING, *RESULTS]
