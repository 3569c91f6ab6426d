"""The known mistakes in gradient descent and Adam, as edits of `groundup.steps.c4_training.optimisers`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

DESCENT, ADAM = "sgd_step", "adam_step"
FIRST = "first_moment = betas[0] * first_moment + (1 - betas[0]) * gradient"
SECOND = "second_moment = betas[1] * second_moment + (1 - betas[1]) * gradient**2"
MEAN, SQUARE = "mean = first_moment / (1 - betas[0] ** step)", "square = second_moment / (1 - betas[1] ** step)"
MOVE = "weights - learning_rate * mean / (square**0.5 + epsilon)"
HANDED_ON = "epsilon), first_moment, second_moment"
DESCEND = "return weights - learning_rate * gradient"


def edit(old: str, new: str) -> Edit:
    """Return an edit of Adam."""
    return Edit(old, new, ADAM)


def fix(betas: str, epsilon: str = "1e-8") -> list[Edit]:
    """Return the edits that give Adam other betas, or another epsilon."""
    return [
        edit("betas: tuple[float, float] = (0.9, 0.999)", f"betas: tuple[float, float] = {betas}"),
        edit("epsilon: float = 1e-8", f"epsilon: float = {epsilon}"),
    ]


IN_DESCENT = [
    Mistake(
        "descent climbs",
        "Your sgd_step goes along the gradient, uphill. Subtract it.",
        [Edit("weights - learning_rate", "weights + learning_rate", DESCENT)],
    ),
    Mistake(
        "learning rate ignored in descent",
        "Your sgd_step subtracts the whole gradient: multiply it by the learning rate.",
        [Edit("learning_rate * gradient", "gradient", DESCENT)],
    ),
    Mistake(
        "divided by the learning rate in descent",
        "Your sgd_step divides the gradient by the learning rate: multiply by it.",
        [Edit("learning_rate * gradient", "gradient / learning_rate", DESCENT)],
    ),
    Mistake(
        "descent the wrong way round",
        "Your sgd_step subtracts the weights from the step: the new weights are weights − learning rate * gradient.",
        [Edit(DESCEND, "return learning_rate * gradient - weights", DESCENT)],
    ),
    Mistake(
        "only the step of descent",
        "Your sgd_step returns the step alone: subtract it from the weights.",
        [Edit(DESCEND, "return learning_rate * gradient", DESCENT)],
    ),
    Mistake(
        "the negative step of descent alone",
        "Your sgd_step returns −learning rate * gradient alone: add it to the weights.",
        [Edit(DESCEND, "return -learning_rate * gradient", DESCENT)],
    ),
    Mistake(
        "the gradient's sign only",
        "Your sgd_step uses only whether the gradient is above or below 0: its size counts, too.",
        [Edit("* gradient", "* (gradient / (abs(gradient) + (gradient == 0)))", DESCENT)],
    ),
    Mistake(
        "gradient brought to length 1",
        "Your sgd_step divides the gradient by its length. Plain descent takes it as it is.",
        [Edit("* gradient", "* gradient / (gradient**2).sum() ** 0.5", DESCENT)],
    ),
    Mistake(
        "step divided by the number of weights",
        "Your sgd_step divides by the number of weights: the gradient is a mean already.",
        [Edit("* gradient", "* gradient / len(gradient)", DESCENT)],
    ),
    Mistake(
        "weights shrunk in descent",
        "Your sgd_step also shrinks the weights (weight decay): plain descent only subtracts learning rate * gradient.",
        [Edit("weights - learning_rate", "weights * (1 - learning_rate) - learning_rate", DESCENT)],
    ),
    Mistake(
        "gradient squared in descent",
        "Your sgd_step squares the gradient, so that its sign is lost: subtract learning rate * gradient.",
        [Edit("* gradient", "* gradient**2", DESCENT)],
    ),
]

OLD = {"m": (FIRST, MEAN), "v": (SECOND, SQUARE)}


def keep_old(*kept: str) -> list[Edit]:
    """Return the edits that make a step of m and v as they were before it."""
    found = []
    for name in kept:
        update, use = OLD[name]
        moment = update.partition(" = ")[0]
        found += [edit(update, f"old_{name} = {moment}\n    {update}"), edit(use, use.replace(moment, f"old_{name}"))]
    return found


CORRECTION = [
    *(
        Mistake(
            f"the step made with {words} of the step before",
            f"The weights move by {words} as the last step left it: take the new gradient into it first, then move the weights.",
            keep_old(*kept),
        )
        for words, kept in (("m", ("m",)), ("v", ("v",)), ("each running mean", ("m", "v")))
    ),
    Mistake(
        "no bias correction",
        "You use m and v as they are. They begin at zero, so early ones are far too small: divide them by "
        "1 − β₁ᵗ and 1 − β₂ᵗ.",
        [edit(" / (1 - betas[0] ** step)", ""), edit(" / (1 - betas[1] ** step)", "")],
    ),
    Mistake(
        "m not corrected",
        "Only your v is corrected for starting at zero: divide m by 1 − β₁ᵗ.",
        [edit(" / (1 - betas[0] ** step)", "")],
    ),
    Mistake(
        "v not corrected",
        "Only your m is corrected for starting at zero: divide v by 1 − β₂ᵗ.",
        [edit(" / (1 - betas[1] ** step)", "")],
    ),
    Mistake(
        "corrected without the power of t",
        "You divide by 1 − β at every step. The correction fades: divide by 1 − βᵗ, β to the power of the step's number.",
        [edit("(1 - betas[0] ** step)", "(1 - betas[0])"), edit("(1 - betas[1] ** step)", "(1 - betas[1])")],
    ),
    Mistake(
        "β times the step instead of its power",
        "You multiply β by the step's number. The correction is 1 − βᵗ: take the power, β ** step.",
        [edit("betas[0] ** step", "betas[0] * step"), edit("betas[1] ** step", "betas[1] * step")],
    ),
    Mistake(
        "multiplied by the correction",
        "You multiply by 1 − βᵗ. m and v are too small at first: divide by it.",
        [
            edit(" / (1 - betas[0] ** step)", " * (1 - betas[0] ** step)"),
            edit(" / (1 - betas[1] ** step)", " * (1 - betas[1] ** step)"),
        ],
    ),
    Mistake(
        "divided by βᵗ",
        "You divide by βᵗ: m and v have come to the share 1 − βᵗ of their means, so divide by that.",
        [edit("(1 - betas[0] ** step)", "betas[0] ** step"), edit("(1 - betas[1] ** step)", "betas[1] ** step")],
    ),
    Mistake(
        "corrected by (1 − β)ᵗ",
        "You divide by (1 − β)ᵗ: the power belongs to β alone, 1 − βᵗ.",
        [
            edit("(1 - betas[0] ** step)", "(1 - betas[0]) ** step"),
            edit("(1 - betas[1] ** step)", "(1 - betas[1]) ** step"),
        ],
    ),
    Mistake(
        "corrected by 1 + βᵗ",
        "You divide by 1 + βᵗ: it is 1 − βᵗ.",
        [
            edit("(1 - betas[0] ** step)", "(1 + betas[0] ** step)"),
            edit("(1 - betas[1] ** step)", "(1 + betas[1] ** step)"),
        ],
    ),
    Mistake(
        "corrections exchanged",
        "You correct m by β₂ and v by β₁: each has its own.",
        [
            edit("(1 - betas[0] ** step)", "(1 - betas[1] ** step)"),
            edit("square = second_moment / (1 - betas[1] ** step)", "square = second_moment / (1 - betas[0] ** step)"),
        ],
    ),
    Mistake(
        "both corrected by β₁",
        "You correct both m and v by β₁: v is divided by 1 − β₂ᵗ, with β₂ = 0.999.",
        [edit(SQUARE, "square = second_moment / (1 - betas[0] ** step)")],
    ),
    Mistake(
        "both corrected by β₂",
        "You correct both m and v by β₂: m is divided by 1 − β₁ᵗ, with β₁ = 0.9.",
        [edit(MEAN, "mean = first_moment / (1 - betas[1] ** step)")],
    ),
    Mistake(
        "step counted from 0",
        "Your correction is that of the step before: the first step has the number 1, and 1 − β is what its "
        "m and v are divided by.",
        [
            edit("betas[0] ** step", "betas[0] ** max(step - 1, 1e-12)"),
            edit("betas[1] ** step", "betas[1] ** max(step - 1, 1e-12)"),
        ],
    ),
    Mistake(
        "corrected with t − 1",
        "Your correction takes step − 1, which divides by 0 in the first step: the first step has the number 1, so take step as it is.",
        [edit("betas[0] ** step", "betas[0] ** (step - 1)"), edit("betas[1] ** step", "betas[1] ** (step - 1)")],
    ),
    Mistake(
        "corrected with t + 1",
        "Your correction takes step + 1, as if steps were counted from 0: they are counted from 1, so take step as it is.",
        [edit("betas[0] ** step", "betas[0] ** (step + 1)"), edit("betas[1] ** step", "betas[1] ** (step + 1)")],
    ),
    Mistake(
        "corrected m and v returned",
        "You return the corrected m and v, and they are corrected again in the next step. Keep the running means as "
        "they are; correct copies.",
        [edit(HANDED_ON, "epsilon), mean, square")],
    ),
    Mistake(
        "second correction outside the root",
        "You divide the root of v by 1 − β₂ᵗ: correct v first, then take the root.",
        [edit(SQUARE, "square = second_moment / (1 - betas[1] ** step) ** 2")],
    ),
]

MOMENTS = [
    Mistake(
        "gradient not squared",
        "Your v accumulates the gradient itself: it is the running mean of its square.",
        [edit("gradient**2", "gradient")],
    ),
    Mistake(
        "the gradient's size instead of its square",
        "Your v accumulates |gradient|: it is the running mean of the gradient's square.",
        [edit("gradient**2", "abs(gradient)")],
    ),
    Mistake(
        "squared length of the whole gradient",
        "Your v accumulates one number for all weights, the gradient's squared length: each weight has its own square.",
        [edit("gradient**2", "(gradient**2).sum()")],
    ),
    Mistake(
        "mean square of the whole gradient",
        "Your v accumulates one number for all weights, the mean of the squares: each weight has its own square.",
        [edit("gradient**2", "(gradient**2).mean()")],
    ),
    Mistake(
        "the square of m in v",
        "Your v accumulates the square of m: it is the running mean of the gradient's square.",
        [edit("gradient**2", "first_moment**2")],
    ),
    Mistake(
        "variance instead of mean square",
        "Your v accumulates (gradient − m)²: it is the running mean of the gradient's square itself.",
        [edit("gradient**2", "(gradient - first_moment) ** 2")],
    ),
    Mistake(
        "betas exchanged",
        "Your m uses 0.999 and your v uses 0.9: it is the other way round.",
        fix("(0.999, 0.9)"),
    ),
    Mistake(
        "β₁ in v",
        "Both your m and your v use 0.9: β of v is 0.999.",
        fix("(0.9, 0.9)"),
    ),
    Mistake(
        "β₂ in m",
        "Both your m and your v use 0.999: β of m is 0.9.",
        fix("(0.999, 0.999)"),
    ),
    Mistake("β₂ of 0.99", "Your v uses 0.99: β₂ is 0.999.", fix("(0.9, 0.99)")),
    Mistake("β₁ of 0.99", "Your m uses 0.99: β₁ is 0.9.", fix("(0.99, 0.999)")),
    Mistake("β₁ of 0.95", "Your m uses 0.95: β₁ is 0.9.", fix("(0.95, 0.999)")),
    Mistake("β₂ of 0.95", "Your v uses 0.95: β₂ is 0.999.", fix("(0.9, 0.95)")),
    Mistake(
        "old and new share exchanged",
        "Your m and v keep 1 − β of what they were and take β of the new: it is the other way round.",
        [
            edit(FIRST, "first_moment = (1 - betas[0]) * first_moment + betas[0] * gradient"),
            edit(SECOND, "second_moment = (1 - betas[1]) * second_moment + betas[1] * gradient**2"),
        ],
    ),
    Mistake(
        "old and new share of m exchanged",
        "Your m keeps 1 − β₁ of what it was and takes β₁ of the new: it is the other way round.",
        [edit(FIRST, "first_moment = (1 - betas[0]) * first_moment + betas[0] * gradient")],
    ),
    Mistake(
        "old and new share of v exchanged",
        "Your v keeps 1 − β₂ of what it was and takes β₂ of the new: it is the other way round.",
        [edit(SECOND, "second_moment = (1 - betas[1]) * second_moment + betas[1] * gradient**2")],
    ),
    Mistake(
        "gradient not weighed by 1 − β₁",
        "Your m adds the whole gradient. A running mean keeps β₁ of what it was and takes 1 − β₁ of the "
        "new: the shares add up to one.",
        [edit("(1 - betas[0]) * gradient", "gradient")],
    ),
    Mistake(
        "square not weighed by 1 − β₂",
        "Your v adds the whole square. A running mean keeps β₂ of what it was and takes 1 − β₂ of the new.",
        [edit("(1 - betas[1]) * gradient**2", "gradient**2")],
    ),
    Mistake(
        "neither new share weighed",
        "Your m and v add the whole gradient and its whole square. A running mean keeps β of what it was and takes 1 − β of "
        "the new.",
        [edit("(1 - betas[0]) * gradient", "gradient"), edit("(1 - betas[1]) * gradient**2", "gradient**2")],
    ),
    Mistake(
        "m forgets the past",
        "Your m takes 1 − β₁ of the new gradient only: add β₁ times what it was.",
        [edit("betas[0] * first_moment + ", "")],
    ),
    Mistake(
        "v forgets the past",
        "Your v takes 1 − β₂ of the new square only: add β₂ times what it was.",
        [edit("betas[1] * second_moment + ", "")],
    ),
    Mistake(
        "m and v forget the past",
        "Your m and v take a share of the new gradient only: add β times what they were.",
        [edit("betas[0] * first_moment + ", ""), edit("betas[1] * second_moment + ", "")],
    ),
    Mistake(
        "m kept whole",
        "Your m keeps all of what it was: keep β₁ of it.",
        [edit("betas[0] * first_moment", "first_moment")],
    ),
    Mistake(
        "v kept whole",
        "Your v keeps all of what it was: keep β₂ of it.",
        [edit("betas[1] * second_moment", "second_moment")],
    ),
    Mistake(
        "1 − β squared as well",
        "You square 1 − β₂ together with the gradient: only the gradient is squared.",
        [edit("(1 - betas[1]) * gradient**2", "((1 - betas[1]) * gradient) ** 2")],
    ),
]

STEP = [
    Mistake(
        "root forgotten",
        "You divide by v, not by its root. Without the root the step depends on the gradient's size "
        "the wrong way round.",
        [edit("square**0.5", "square")],
    ),
    Mistake(
        "epsilon inside the root",
        "Your ε is under the root, where it has the effect of √ε = 10⁻⁴: it is added after the root.",
        [edit("(square**0.5 + epsilon)", "(square + epsilon) ** 0.5")],
    ),
    Mistake(
        "epsilon on both sides of the root",
        "You add ε under the root and after it: only after it.",
        [edit("(square**0.5 + epsilon)", "((square + epsilon) ** 0.5 + epsilon)")],
    ),
    Mistake(
        "epsilon forgotten",
        "You divide by the bare root, which is 0/0 where the gradient was always zero: add ε = 10⁻⁸.",
        [edit(" + epsilon", "")],
    ),
    Mistake(
        "epsilon corrected, too",
        "You add ε before the correction, so that it is corrected with v: add it at the end, to the root of the "
        "corrected v.",
        [edit("(square**0.5 + epsilon)", "((second_moment**0.5 + epsilon) / (1 - betas[1] ** step) ** 0.5)")],
    ),
    Mistake(
        "epsilon added to v",
        "You add ε to v, and hand it on: it is added once, to the root, when you divide.",
        [edit("gradient**2", "gradient**2 + epsilon")],
    ),
    Mistake("ε of 10⁻⁷", "Your ε is 10⁻⁷: it is 10⁻⁸.", fix("(0.9, 0.999)", "1e-7")),
    Mistake("ε of 10⁻⁶", "Your ε is 10⁻⁶: it is 10⁻⁸.", fix("(0.9, 0.999)", "1e-6")),
    Mistake("ε of 10⁻⁵", "Your ε is 10⁻⁵: it is 10⁻⁸.", fix("(0.9, 0.999)", "1e-5")),
    Mistake("ε of 10⁻¹⁰", "Your ε is 10⁻¹⁰: it is 10⁻⁸.", fix("(0.9, 0.999)", "1e-10")),
    Mistake(
        "Adam climbs",
        "Your Adam goes uphill: subtract the step.",
        [edit("weights - learning_rate", "weights + learning_rate")],
    ),
    Mistake(
        "Adam forgets m",
        "You divide the gradient itself by the root: it is the running mean of gradients that sets the direction.",
        [edit("mean / (square", "gradient / (square")],
    ),
    Mistake(
        "Adam forgets the learning rate",
        "Your Adam does not multiply by the learning rate. The weights move by learning rate * m̂ / (√v̂ + ε), "
        "with the corrected m̂ and v̂.",
        [edit("learning_rate * mean", "mean")],
    ),
    Mistake(
        "multiplied by the root",
        "You multiply by the root of v: divide by it.",
        [edit("mean / (square**0.5 + epsilon)", "mean * (square**0.5 + epsilon)")],
    ),
    Mistake(
        "not divided by the root",
        "You move by m alone, as momentum does: divide it by the root of v.",
        [edit(" / (square**0.5 + epsilon)", "")],
    ),
    Mistake(
        "only Adam's step",
        "Your adam_step returns the step alone: subtract it from the weights.",
        [edit(MOVE, MOVE.removeprefix("weights - "))],
    ),
    Mistake(
        "weights shrunk in Adam",
        "Your adam_step also shrinks the weights by 0.01 * learning rate, as AdamW does: plain Adam does not.",
        [edit("return weights -", "return weights * (1 - learning_rate * 0.01) -")],
    ),
    Mistake(
        "m and v returned in the other order",
        "You return v before m: the new weights come first, then m, then v.",
        [edit(HANDED_ON, "epsilon), second_moment, first_moment")],
    ),
    Mistake(
        "old m and v returned",
        "You return the m and v that you were given: return the new ones, so that the next step can go on from them.",
        [
            edit("first_moment = betas", "before = first_moment, second_moment\n    first_moment = betas"),
            edit(HANDED_ON, "epsilon), *before"),
        ],
    ),
    Mistake(
        "m and v updated after the step",
        "You move by the old m and v, and only then take in the new gradient: update m and v first.",
        [
            edit("first_moment = betas", "before = first_moment, second_moment\n    first_moment = betas"),
            edit(MEAN, "mean = before[0] / (1 - betas[0] ** step)"),
            edit(SQUARE, "square = before[1] / (1 - betas[1] ** step)"),
        ],
    ),
    Mistake(
        "m and v not returned",
        "You return the new weights alone: return a tuple of weights, m and v, or the next step knows nothing of this one.",
        [edit(MOVE + ", first_moment, second_moment", MOVE)],
    ),
    Mistake(
        "arrays of one dimension only",
        "Your adam_step works on arrays of one dimension alone: math.sqrt takes one number. np.sqrt takes arrays of any shape.",
        [
            edit(
                "square**0.5",
                "__import__('numpy').array([__import__('math').sqrt(number) for number in square])",
            )
        ],
    ),
]

MISTAKES = [*IN_DESCENT, *CORRECTION, *MOMENTS, *STEP]
