"""What goes wrong in measuring a classifier's accuracy."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

ACCURACY = "accuracy"
SCORES, CHOSEN = "model(inputs)", "model(inputs).argmax(dim=1)"
SHARE, EVALUATE, RESTORE = ".float().mean()", "model.eval()", "model.train(was_training)"
RIGHT = "(model(inputs).argmax(dim=1) == targets).float().mean().item()"
WITHOUT = "with torch.inference_mode():"


def wrong(name: str, says: str, *pairs: tuple[str, str]) -> Mistake:
    """Return a mistake of what stands in the function and what stands there instead."""
    return Mistake(name, says, [Edit(old, new, ACCURACY) for old, new in pairs])


def in_batches(size: int) -> Mistake:
    """Return the mistake of a mean over batches of so many examples, the last one smaller."""
    means = f"[(model(x).argmax(dim=1) == y).float().mean().item() for x, y in zip(inputs.split({size}), targets.split({size}))]"
    return wrong(
        f"mean over batches of {size}",
        f"You average the accuracies of batches of {size}. The last batch may be smaller, and its examples then weigh more: count the right answers of "
        "all batches, and divide by N.",
        (RIGHT, f"sum(means := {means}) / len(means)"),
    )


def without_rest(size: int) -> Mistake:
    """Return the mistake of looking at full batches alone."""
    return wrong(
        f"only full batches of {size}",
        f"You look at full batches of {size} only: the examples of the last, smaller one are not asked, and count as wrong.",
        (
            RIGHT,
            f"(model(inputs).argmax(dim=1) == targets)[: len(targets) // {size} * {size}].float().sum().item() / len(targets)",
        ),
    )


def flatten(name: str, says: str) -> Mistake:
    """Return the mistake of laying examples out in rows."""
    return wrong(name, says, (SCORES, "model(inputs.reshape(len(inputs), -1))"))


MODE = [
    wrong(
        "left in evaluation mode",
        "You leave the model in evaluation mode although it was in training: if training continues, it continues "
        "without dropout. Keep model.training at the start, and set it again at the end.",
        (RESTORE, "model.eval()"),
    ),
    wrong(
        "always put into training mode at the end",
        "You put the model into training mode at the end even if it was in evaluation mode. Keep model.training at the start, and set that again: "
        "model.train(was_training).",
        (RESTORE, "model.train()"),
    ),
    wrong(
        "left in the other mode",
        "You leave the model in the mode it was not in. Keep model.training before you call eval(), and set that again.",
        (RESTORE, "model.train(not was_training)"),
    ),
    wrong(
        "not switched to evaluation mode",
        "You call the model in the mode in which it is; in training mode its dropout is on. Call model.eval() "
        "first, with the brackets: without them nothing happens.",
        (EVALUATE, "model.eval"),
    ),
    wrong(
        "asked in training mode",
        "You call the model in training mode, where dropout is on: call model.eval() first.",
        (EVALUATE, "model.train()"),
    ),
    wrong(
        "switched to evaluation mode and left there, too late",
        "You call model.eval() after the model was asked: call it before.",
        (EVALUATE, "model.eval"),
        (RESTORE, "model.eval()"),
    ),
    wrong(
        "put into training mode, and left there",
        "You put the model into training mode, ask it there and leave it there. Call model.eval() first, and set its own mode again at the end.",
        (EVALUATE, "model.train()"),
        (RESTORE, "model.train()"),
    ),
    wrong(
        "gradients kept",
        "You let PyTorch keep what gradients would need. eval() does not switch that off: torch.inference_mode() or no_grad() does.",
        (WITHOUT, "with torch.enable_grad():"),
    ),
    wrong(
        "gradients kept, and left in evaluation mode",
        "You let PyTorch keep what gradients would need, which torch.inference_mode() or no_grad() switches off, and leave the model in evaluation "
        "mode although it was in training.",
        (WITHOUT, "with torch.enable_grad():"),
        (RESTORE, "model.eval()"),
    ),
]

COUNTING = [
    wrong(
        "counted, not averaged",
        "You return how many are right: divide by the N = {N} examples.",
        (SHARE, ".float().sum()"),
    ),
    wrong("in percent", "You return percent: a share lies between 0 and 1.", (SHARE, ".float().mean().mul(100)")),
    wrong(
        "the share of wrong answers",
        ("You return the share of wrong answers. Compare with ==, not with !=, or return one minus it."),
        ("== targets", "!= targets"),
    ),
    wrong(
        "whole-number division",
        "Every accuracy below 1 becomes 0: you divide with //, which rounds down, or ask whether all answers are right. Divide with /.",
        (RIGHT, f"{RIGHT} // 1"),
    ),
    wrong(
        "arg-max over the examples",
        "You look for the best example of each class. For each example, it is the best of the C = {C} classes: dimension 1.",
        ("argmax(dim=1)", "argmax(dim=0)"),
    ),
    wrong(
        "arg-max over the examples, compared pair by pair",
        "You look for the best example of each class. For each example, it is the best of the C = {C} classes: dimension 1.",
        (
            RIGHT,
            "sum(int(a == b) for a, b in zip(model(inputs).argmax(dim=0), targets)) / len(targets)",
        ),
    ),
    wrong(
        "right or wrong for each example",
        "You return right or wrong for each example. One number is asked for: their mean, the share of right answers.",
        (RIGHT, "(model(inputs).argmax(dim=1) == targets)"),
    ),
    wrong(
        "one arg-max for all",
        "You look for the largest of all scores together. Each of the N = {N} examples has a class of its own: argmax(dim=1).",
        ("argmax(dim=1)", "argmax()"),
    ),
    wrong(
        "the highest score compared, not its position",
        "You compare the highest scores themselves with the labels. max(dim=1) returns values and indices: the "
        "indices are the classes, as argmax returns them.",
        (CHOSEN, "model(inputs).max(dim=1).values"),
    ),
    wrong(
        "every answer compared with every label",
        "Your predictions keep a dimension of 1, shape (N, 1), so that each is compared with every label. Leave keepdim out: shape (N,).",
        (CHOSEN, "model(inputs).argmax(dim=1, keepdim=True)"),
    ),
    wrong(
        "the lowest score chosen",
        "You take the class of the lowest score: the highest one is the answer.",
        ("argmax(dim=1)", "argmin(dim=1)"),
    ),
    wrong(
        "the largest score by size chosen",
        "You take the class whose score is largest by size, sign aside: the highest one is the answer, and scores may be negative.",
        ("argmax(dim=1)", "abs().argmax(dim=1)"),
    ),
    wrong(
        "classes counted from 1",
        "You count the classes from 1: arg-max counts from 0, as the labels do.",
        ("argmax(dim=1) ==", "argmax(dim=1) + 1 =="),
    ),
    wrong(
        "only the first example",
        ("You look at the first example only. Leave out the index [0]: the average is over all examples."),
        ("== targets)", "== targets)[:1]"),
    ),
    wrong(
        "only the last example",
        ("You look at the last example only. Leave out the index [-1]: the average is over all examples."),
        ("== targets)", "== targets)[-1:]"),
    ),
    wrong(
        "one right answer is enough",
        "You return 1 as soon as one answer is right. The exercise asks for the share of right ones.",
        (RIGHT, "float((model(inputs).argmax(dim=1) == targets).any())"),
    ),
    wrong(
        "divided by the classes",
        "You divide the number of right answers by C = {C}, the number of classes. There are N = {N} examples.",
        (SHARE, ".float().sum().div(model(inputs).shape[1])"),
    ),
    wrong(
        "divided by all scores",
        "You divide the number of right answers by N * C, the number of scores. There are N = {N} examples.",
        (SHARE, ".float().sum().div(model(inputs).numel())"),
    ),
    wrong(
        "the best two count",
        "You count an answer as right if the right class is among the best two. Only the highest score counts.",
        (
            "(model(inputs).argmax(dim=1) == targets)",
            "(model(inputs).topk(2, dim=1).indices == targets[:, None]).any(dim=1)",
        ),
    ),
    wrong(
        "yes-or-no answers",
        "You round the scores as if they were probabilities of yes. Each example has C = {C} scores: its class "
        "is the index of the highest.",
        (CHOSEN, "(model(inputs)[:, -1] > 0.5).long()"),
    ),
    wrong(
        "the right class's score averaged",
        "You average the scores, or probabilities, of the right classes. An answer is right or wrong: it is right where arg-max is the label.",
        (RIGHT, "model(inputs).softmax(dim=1).gather(1, targets[:, None].long()).mean().item()"),
    ),
    wrong(
        "the mean over the classes",
        "You take the accuracy of each class and average those, so that rare classes weigh more. Each of the N = {N} examples weighs the same.",
        (
            RIGHT,
            "torch.stack([(model(inputs).argmax(dim=1) == targets)[targets == c].float().mean() for c in targets.unique()]).mean().item()",
        ),
    ),
    wrong(
        "rounded to a whole number",
        "You round the accuracy to 0 or 1. Return the mean itself, and divide with / (// cuts the fraction off).",
        (RIGHT, f"float(round({RIGHT}))"),
    ),
    in_batches(32),
    in_batches(64),
    in_batches(16),
    in_batches(10),
    in_batches(128),
    without_rest(16),
    without_rest(32),
    without_rest(64),
    wrong(
        "only the first batch",
        "You look at the first 32 or 64 examples only: call the model on all N = {N}.",
        ("== targets)", "== targets)[:64]"),
    ),
    flatten(
        "inputs laid out in rows",
        "You flatten each example before you call the model. The model expects its own shape: pictures, for "
        "example, if it begins with a convolution. Pass the inputs on as they are.",
    ),
]

MISTAKES = [*MODE[:2], *COUNTING, *MODE[2:]]
