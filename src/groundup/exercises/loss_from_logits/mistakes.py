"""What goes wrong in a cross-entropy from logits."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

LOSS, SHIFT, RETURN = "cross_entropy", "shifted = logits - largest.detach()", "(log_total - right).mean()"
TOTAL = "log_total = shifted.exp().sum(dim=-1).log()"
OWN = "logits.gather(-1, target[:, None].long())[:, 0]"

# −log of a sigmoid, as it stands and so that no size overflows.
UNSTABLE, STABLE = "-{0}.sigmoid().log()", "(-{0}).clamp(min=0) + (1 + (-{0}.abs()).exp()).log()"


def wrong(name: str, says: str, *pairs: tuple[str, str]) -> Mistake:
    """Return a mistake of what stands in the function and what stands there instead."""
    return Mistake(name, says, [Edit(old, new, LOSS) for old, new in pairs])


NO_GRADIENT = (
    "The values are right, but no gradient reaches the logits: with this loss no model learns. Look for item(), detach(), no_grad(), numpy(), or a "
    "new tensor made of old values, and compute with the logits themselves to the end."
)

MISTAKES = [
    Mistake(
        "softmax before it",
        "You squash the logits into probabilities first and then once more: the loss has the softmax inside. It then cannot "
        "fall below a floor, and its gradients are small.",
        [Edit(SHIFT, "shifted = logits.softmax(dim=-1)", LOSS)],
    ),
    Mistake(
        "sigmoid before it",
        "You squash each logit with a sigmoid first, and the loss squashes again: give it the logits as they are.",
        [Edit(SHIFT, "shifted = logits.sigmoid()", LOSS)],
    ),
    wrong(
        "classes counted from 1",
        "You take logit targets − 1, that of the class before the right one. Classes are counted from 0: take targets as they are.",
        ("target[:, None].long()", "((target - 1) % logits.shape[-1])[:, None].long()"),
    ),
    Mistake(
        "summed, not averaged",
        "Your loss is N = {N} times too large: it is the mean over the examples.",
        [Edit("(log_total - right).mean()", "(log_total - right).sum()", LOSS)],
    ),
    Mistake(
        "divided by the classes, too",
        "Your loss is C = {C} times too small: only over the examples is there a mean.",
        [Edit("(log_total - right).mean()", "(log_total - right).mean() / logits.shape[-1]", LOSS)],
    ),
    Mistake(
        "sign forgotten",
        "Your loss is negative: it is −log of the right class's probability.",
        [Edit("(log_total - right)", "(right - log_total)", LOSS)],
    ),
    Mistake(
        "largest logit not subtracted",
        "For large logits e to their power overflows to infinity. Subtract each row's largest logit first: the result is the same.",
        [Edit(SHIFT, "shifted = logits + 0 * largest", LOSS)],
    ),
    Mistake(
        "only the right logit",
        "You average the right classes' logits without log Σ exp: nothing then keeps the other logits down.",
        [Edit("(log_total - right)", "(-right - largest.squeeze(-1))", LOSS)],
    ),
    Mistake(
        "only the right logit, less the largest",
        "You average how far the right classes' logits lie below the largest, without log Σ exp: a row whose largest logit is the right "
        "one then costs nothing, however near the others are.",
        [Edit("(log_total - right)", "(-right)", LOSS)],
    ),
    Mistake(
        "the probability, not its logarithm",
        "You average 1 − p of the right class. The cross-entropy is −log p: being confidently wrong has no upper "
        "bound.",
        [Edit("(log_total - right).mean()", "(1 - (right - log_total).exp()).mean()", LOSS)],
    ),
    Mistake(
        "logarithm of a probability that is 0",
        "You take the softmax first and its logarithm after. Where the right class is very unlikely its probability is too small "
        "for a float and becomes 0, whose logarithm is −∞. Simplify on paper: −log softmax is log Σ exp(z) − z of the right class.",
        [Edit("(log_total - right).mean()", "-(right - log_total).exp().log().mean()", LOSS)],
    ),
    Mistake(
        "exponentials overflow in the softmax",
        "You divide exp(z) by Σ exp(z) as it is: for large logits they overflow, or a probability becomes 0, "
        "and the loss is NaN or infinity. Subtract each row's largest logit first, and never leave the logarithm: log Σ exp(z) − "
        "z of the right class.",
        [
            Edit(SHIFT, "shifted = logits + 0 * largest", LOSS),
            Edit("(log_total - right).mean()", "-(right.exp() / shifted.exp().sum(dim=-1)).log().mean()", LOSS),
        ],
    ),
    Mistake(
        "probabilities clipped",
        "You clip the probabilities at 1e-7, so the loss never exceeds 16.12, and a model that is confidently "
        "wrong gets no gradient that corrects it. Computed as log Σ exp(z) − z of the right class it needs no "
        "clipping.",
        [Edit("(log_total - right).mean()", "-(right - log_total).exp().clamp(1e-7, 1 - 1e-7).log().mean()", LOSS)],
    ),
    Mistake(
        "one largest logit for all rows",
        "You subtract the largest logit of the whole batch. In a row of much smaller ones every exp then becomes 0: take each row's "
        "own largest.",
        [Edit("logits.max(dim=-1, keepdim=True).values", "logits.max()", LOSS)],
    ),
    Mistake(
        "only the first example",
        "You look at the first example only: the loss is the mean over all N = {N}.",
        [Edit("(log_total - right).mean()", "(log_total - right)[0]", LOSS)],
    ),
    Mistake(
        "every example with every target",
        "p[:, targets] takes all N = {N} targets' columns in every row. Each row has a target of its own: index with both, "
        "p[arange(N), targets], or use gather.",
        [Edit("shifted.gather(-1, target[:, None].long())[:, 0]", "shifted[:, target.long()].mean(dim=-1)", LOSS)],
    ),
    Mistake(
        "the wrong classes counted, too",
        "You add log(1 − p) of the wrong classes, as for yes-or-no questions. Here exactly one class is right, "
        "and softmax already connects them: −log p of the right class is all.",
        [
            Edit(
                "return (log_total - right).mean()",
                "chance = (shifted - log_total[:, None]).exp()\n"
                "    chosen = (0 * shifted).scatter(-1, target[:, None].long(), 1.0)\n"
                "    return -(chosen * chance.log() + (1 - chosen) * (1 - chance).log()).sum(dim=-1).mean()",
                LOSS,
            )
        ],
    ),
    Mistake(
        "softmax over the examples",
        "Your probabilities add up to one down the columns, over the examples. They belong to the C = {C} classes of each example.",
        [
            Edit("logits.max(dim=-1, keepdim=True)", "logits.max(dim=0, keepdim=True)", LOSS),
            Edit(
                "log_total = shifted.exp().sum(dim=-1).log()",
                "log_total = shifted.exp().sum(dim=0).log()[target.long()]",
                LOSS,
            ),
        ],
    ),
    Mistake(
        "the class after the right one",
        "You look at the class after the right one: classes are counted from 0.",
        [Edit("target[:, None].long()", "(target[:, None].long() + 1) % logits.shape[-1]", LOSS)],
    ),
    Mistake(
        "base 2",
        "You take the logarithm to base 2, which gives bits: here it is the natural one.",
        [Edit("(log_total - right).mean()", "(log_total - right).mean() / 0.6931471805599453", LOSS)],
    ),
    Mistake(
        "largest loss instead of the mean",
        "You return the worst example's loss: it is the mean over all N = {N}.",
        [Edit("(log_total - right).mean()", "(log_total - right).max()", LOSS)],
    ),
    wrong(
        "largest logit not added back",
        "You subtract the largest logit before the exponentials, but only there: log Σ exp(z − m) is smaller by m than log Σ exp(z). Use z − m for "
        "the right class, too, or add m at the end.",
        (RETURN, f"(log_total - {OWN}).mean()"),
    ),
    wrong("no gradient", NO_GRADIENT, (RETURN, f"{RETURN}.detach()")),
    wrong(
        "no gradient through the rounding",
        "The loss is right, but rounded. Rounding is flat everywhere, so no gradient reaches the logits, and a model with this loss does not "
        "learn. Return the loss as it is; round what you print.",
        (RETURN, f"{RETURN}.round(decimals=4)"),
    ),
    *(
        wrong(
            f"loss rounded to {places} places",
            f"You round the loss to {places} places. That loses what small losses differ in, and no gradient goes through a rounding: return "
            "the loss as it is.",
            (RETURN, f"{RETURN}.round(decimals={places})"),
        )
        for places in (3, 2)
    ),
    wrong(
        "no gradient through the sum",
        "The values are right, but the gradient comes from the right class alone: log Σ exp is detached. The other logits are then never pushed "
        "down.",
        (RETURN, "(log_total.detach() - right).mean()"),
    ),
    wrong(
        "no gradient through the right logit",
        "The values are right, but the gradient comes from log Σ exp alone: the right class's logit is detached, and never pulled up.",
        (RETURN, "(log_total - right.detach()).mean()"),
    ),
    wrong(
        "logits changed in place",
        "You subtract the largest logit in place (-= or sub_): the caller's logits are changed after the call. "
        "Make a new tensor: z = logits − largest.",
        (SHIFT, "shifted = logits.sub_(largest.detach())"),
    ),
    *(
        wrong(
            f"sigmoid instead of softmax{more}",
            "You take a sigmoid of the right class's logit, −log σ(z), which asks a yes-or-no question of this class alone. The classes compete: "
            "−log softmax, which is log Σ exp(z) − z of the right class.",
            (RETURN, f"({formula.format(OWN)}).mean()"),
        )
        for more, formula in (("", UNSTABLE), (" (log-sigmoid)", STABLE))
    ),
    *(
        wrong(
            f"a yes-or-no question for each class{more}",
            "You take the binary cross-entropy of a sigmoid for each class. Exactly one class is right here, and they compete: −log softmax of that "
            "class.",
            (RETURN, f"(({STABLE.format('(-logits)')}).sum(dim=-1) - {OWN}).mean(){divided}"),
        )
        for more, divided in (("", ""), (", averaged", " / logits.shape[-1]"))
    ),
    wrong(
        "squared error of the probabilities",
        "You compare the probabilities with the one-hot truth by their squared error. The cross-entropy is −log p of the right class.",
        (
            RETURN,
            "((shifted - log_total[:, None]).exp() - (0 * shifted).scatter(-1, target[:, None].long(), 1.0)).square().mean()",
        ),
    ),
    wrong(
        "the mean inside the logarithm",
        "You take the mean of exp under the logarithm, and not the sum: your loss is log C too small, C = {C}.",
        (TOTAL, "log_total = shifted.exp().mean(dim=-1).log()"),
    ),
    wrong(
        "logarithm of the mean probability",
        "You average the right classes' probabilities first and take the logarithm after. Each example has its own −log p: the mean is over those.",
        (RETURN, "-(right - log_total).exp().mean().log()"),
    ),
    wrong(
        "epsilon added to the probability",
        "You add a small number to the probability before the logarithm, which changes the loss of confident "
        "answers and hides wrong ones. Computed as log Σ exp(z) − z of the right class it needs none.",
        (RETURN, "-((right - log_total).exp() + 1e-7).log().mean()"),
    ),
    wrong(
        "epsilon of 1e-9 added to the probability",
        "You add a small number to the probability before the logarithm, which hides wrong answers. Computed as log Σ exp(z) − z of the right class "
        "it needs none.",
        (RETURN, "-((right - log_total).exp() + 1e-9).log().mean()"),
    ),
    wrong(
        "probabilities clipped at 1e-9",
        "You clip the probabilities, so the loss has an upper bound, and a model that is confidently wrong gets "
        "no gradient that corrects it. Computed as log Σ exp(z) − z of the right class it needs no clipping.",
        (RETURN, "-(right - log_total).exp().clamp(min=1e-9).log().mean()"),
    ),
    wrong(
        "the probability alone",
        "You return the right class's probability, or its negative. The loss is −log of it.",
        (RETURN, "-(right - log_total).exp().mean()"),
    ),
    wrong(
        "the wrong classes left in the sum only",
        "Your Σ exp leaves the right class out. It runs over all C = {C} classes, the right one as well.",
        (
            TOTAL,
            "log_total = (shifted.exp().sum(dim=-1) - shifted.gather(-1, target[:, None].long())[:, 0].exp()).log()",
        ),
    ),
    wrong(
        "the highest logit's class taken for the right one",
        "You take the class with the highest logit, whatever the truth. The loss is that of the right class, which targets holds.",
        (RETURN, "(log_total - shifted.max(dim=-1).values).mean()"),
    ),
    wrong(
        "only the last example",
        "You look at the last example only: the loss is the mean over all N = {N}.",
        (RETURN, "(log_total - right)[-1]"),
    ),
    wrong(
        "one loss for each example",
        "You return a loss for each example: one number is asked for, their mean.",
        (RETURN, "(log_total - right)"),
    ),
    wrong(
        "a tensor of one number instead of a number",
        "You return a tensor of shape (1,): one number is asked for, of shape ().",
        (RETURN, "(log_total - right).mean()[None]"),
    ),
    wrong(
        "exponentials forgotten in the sum",
        "You take the logarithm of the sum of the logits. It is the sum of their exponentials: log Σ exp(z).",
        (TOTAL, "log_total = logits.sum(dim=-1).log()"),
    ),
    wrong(
        "logarithm forgotten",
        "You leave the logarithm out: it is log Σ exp(z) − z of the right class.",
        (TOTAL, "log_total = shifted.exp().sum(dim=-1)"),
    ),
    wrong(
        "labels smoothed",
        "You smooth the labels: a tenth of the truth goes to all classes. Here the right class gets all of it.",
        (RETURN, "(0.9 * (log_total - right) + 0.1 * (log_total - shifted.mean(dim=-1))).mean()"),
    ),
]
