"""Cross-entropy from logits: the loss of every classifier and every language model."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.strategies import tensors
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {"cross_entropy": step.cross_entropy}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw logits and the right classes."""
    import torch

    rows, classes = draw(st.integers(1, 4)), draw(st.integers(2, 5))
    targets = draw(st.lists(st.integers(0, classes - 1), min_size=rows, max_size=rows))
    return draw(tensors(rows, classes)), torch.tensor(targets)


def case_of(rows: list[list[float]], targets: list[int]) -> Case:
    """Return logits and targets as tensors."""
    import torch

    return torch.tensor(rows), torch.tensor(targets)


def sizes(logits: Any, targets: Any) -> dict[str, int]:
    """Return the number of examples and of classes."""
    return {"N": logits.shape[0], "C": logits.shape[1]}


def large() -> tuple[str, None, Case]:
    """Return 5,000 examples of 500 classes."""
    import torch

    draw = torch.Generator().manual_seed(0)
    return "cross_entropy", None, (torch.randn(5000, 500, generator=draw), torch.randint(500, (5000,), generator=draw))


LOSS, SHIFT = "cross_entropy", "shifted = logits - largest.detach()"

exercise = Exercise(
    name="loss-from-logits",
    title="Cross-entropy from logits",
    room="pytorch",
    folder=Path(__file__).parent,
    modules=["groundup.steps.loss"],
    reference=reference,
    entries={LOSS: [LOSS]},
    tolerance=1e-4,
    rounding=4,
    forbidden=[
        "torch.nn.functional.cross_entropy",
        "torch.nn.CrossEntropyLoss",
        "torch.nn.functional.nll_loss",
        "torch.nn.NLLLoss",
    ],
    libraries=("numpy", "torch"),
    sizes=sizes,
    large=large,
    part="loss",
    after=["cross-entropy"],
    checks=[
        Check(
            "logits of ordinary size",
            LOSS,
            cases(),
            edges=[
                case_of([[1.0, 2.0, 3.0]], [2]),
                case_of([[0.0, 0.0]], [0]),
                case_of([[2.0, -1.0], [0.5, 0.5]], [1, 0]),
            ],
        ),
        Check(
            "logits of a thousand",
            LOSS,
            cases().map(lambda case: (300 * case[0], case[1])),
            edges=[case_of([[1000.0, 0.0]], [0]), case_of([[1000.0, 0.0]], [1]), case_of([[-1000.0, -1000.0]], [1])],
            examples=10,
        ),
    ],
    mistakes=[
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
            "You average 1 − p of the right class. The cross-entropy is −log p: being surely wrong has no upper bound.",
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
            "You divide exp(z) by Σ exp(z) as it stands: for large logits both are infinite, and infinity by infinity is no number. "
            "Subtract each row's largest logit first, and never leave the logarithm: log Σ exp(z) − z of the right class.",
            [
                Edit(SHIFT, "shifted = logits + 0 * largest", LOSS),
                Edit("(log_total - right).mean()", "-(right.exp() / shifted.exp().sum(dim=-1)).log().mean()", LOSS),
            ],
        ),
        Mistake(
            "probabilities clipped",
            "You clip the probabilities at 1e-7, so the loss never exceeds 16.12, and a model that is surely wrong gets no slope to "
            "mend it. Computed as log Σ exp(z) − z of the right class it needs no clipping.",
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
            "You add log(1 − p) of the wrong classes, as for yes-or-no questions. Here exactly one class is right, and the softmax ties them "
            "together already: −log p of the right class is all.",
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
    ],
)
