"""The known mistakes in dropout, as edits of `groundup.steps.c4_training.dropout`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

DROP = "dropout"
LAST = "x * keep_mask(x, p) * (1 / (1 - p))"
SCALE = " * (1 / (1 - p))"
EVALUATION = "if not training or p == 0:\n        return x\n"
RETURN = f"return {LAST}"


def edit_result(new: str) -> Edit:
    """Return the edit that computes something else in training."""
    return Edit(RETURN, f"return {new}", DROP)


def edit_evaluation(new: str) -> Edit:
    """Return the edit that computes something else in evaluation, and still nothing special at p = 0."""
    return Edit(EVALUATION, f"if not training:\n        return {new}\n", DROP)


def edit_mask(new: str) -> Edit:
    """Return the edit that chooses otherwise what stays on."""
    return Edit("keep_mask(x, p)", new, DROP)


SCALING = [
    Mistake(
        "not rescaled",
        "The values that stay on stay as they are, so on average the layer shrinks by 1 − p in training. Divide them by "
        "1 − p; then evaluation needs no change.",
        [Edit(SCALE, "", DROP)],
    ),
    Mistake(
        "rescaled in evaluation instead of training",
        "You multiply by 1 − p in evaluation and leave training as it is. That was the first form of dropout; here training "
        "divides by 1 − p, so evaluation returns x as it is.",
        [edit_evaluation("x * (1 - p)"), Edit(SCALE, "", DROP)],
    ),
    Mistake(
        "rescaled in evaluation",
        "You multiply by 1 − p in evaluation, although training divides by it already: evaluation returns x as it is.",
        [edit_evaluation("x * (1 - p)")],
    ),
    Mistake(
        "divided by 1 − p in evaluation, too",
        "You divide by 1 − p in evaluation as well. Nothing is off there, so nothing has to be compensated: return x.",
        [edit_evaluation("x / (1 - p)")],
    ),
    Mistake(
        "divided by 1 − p in evaluation only",
        "You divide by 1 − p in evaluation, where nothing is off, and not in training. It belongs in training.",
        [edit_evaluation("x / (1 - p)"), Edit(SCALE, "", DROP)],
    ),
    Mistake(
        "multiplied by p in evaluation",
        "You multiply by p in evaluation: there x is returned as it is, since training rescales.",
        [edit_evaluation("x * p")],
    ),
    Mistake(
        "multiplied by p in evaluation, not rescaled in training",
        "You multiply by p in evaluation and do not rescale in training. Here training divides by 1 − p, and evaluation "
        "returns x as it is.",
        [edit_evaluation("x * p"), Edit(SCALE, "", DROP)],
    ),
    Mistake(
        "rescaled by p",
        "You divide what stays on by p, the share that is off. What is left is 1 − p: divide by that.",
        [Edit("1 / (1 - p)", "1 / p", DROP)],
    ),
    Mistake(
        "multiplied by 1 − p",
        "You multiply what stays on by 1 − p: it has to grow, so divide.",
        [Edit("(1 / (1 - p))", "(1 - p)", DROP)],
    ),
    Mistake(
        "multiplied by p",
        "You multiply what stays on by p: it has to grow, so divide by 1 − p.",
        [Edit("(1 / (1 - p))", "p", DROP)],
    ),
    Mistake(
        "multiplied by 1 + p",
        "You multiply what stays on by 1 + p. That is only near to 1 / (1 − p), and only for a small p: divide by 1 − p.",
        [Edit("(1 / (1 - p))", "(1 + p)", DROP)],
    ),
    Mistake(
        "divided by the root of 1 − p",
        "You divide by √(1 − p). It is the mean that should stay what it was: divide by 1 − p itself.",
        [Edit("(1 / (1 - p))", "(1 - p) ** -0.5", DROP)],
    ),
    Mistake(
        "rescaled twice",
        "You divide by 1 − p twice: once is enough.",
        [Edit("(1 / (1 - p))", "(1 - p) ** -2", DROP)],
    ),
    Mistake(
        "1 − p rounded to a whole number",
        "You divide by a whole number, 0 or 1: use /, and do not round 1 − p.",
        [Edit("(1 / (1 - p))", "(1 / round(1 - p))", DROP)],
    ),
    Mistake(
        "rescaled by what happened to stay on",
        "You divide by the share that happened to stay on in this pass. Divide by 1 − p, the same number in every pass.",
        [edit_result("x * (mask := keep_mask(x, p)) / mask.double().mean().clamp(min=1e-9)")],
    ),
]

WHICH = [
    Mistake(
        "p is taken for the share that stays on",
        "You keep a share of p and drop the rest: p is the probability that a node is off.",
        [edit_result("x * keep_mask(x, 1 - p) * (1 / p)")],
    ),
    Mistake(
        "a share of p kept, rescaled by 1 − p",
        "You keep a share of p but rescale by 1 − p: p is the probability of being off, in both places.",
        [edit_mask("keep_mask(x, 1 - p)")],
    ),
    Mistake(
        "whole rows dropped",
        "You drop whole rows: each node of each example is off independently of the others. Draw as many random "
        "numbers as x has values.",
        [edit_mask("keep_mask(x[..., :1], p)")],
    ),
    Mistake(
        "whole examples dropped",
        "You draw one number for each entry of the first dimension, so that whole examples are off. Draw as many random "
        "numbers as x has values.",
        [edit_mask("keep_mask(x.reshape(len(x), -1)[:, :1], p).reshape([len(x)] + [1] * (x.ndim - 1))")],
    ),
    Mistake(
        "the same nodes in every row",
        "You drop the same nodes in every row: draw as many random numbers as x has values, not only one for each column.",
        [edit_mask("keep_mask(x.reshape(-1, x.shape[-1])[0], p)")],
    ),
    Mistake(
        "the same nodes in every example",
        "You drop the same nodes in every example of the batch: draw as many random numbers as x has values.",
        [edit_mask("(keep_mask(x[:1], p) if x.ndim > 1 else keep_mask(x, p))")],
    ),
    Mistake(
        "one random number for all",
        "You draw a single random number: everything is off, or nothing. Draw one for each value, with torch.rand(x.shape).",
        [edit_mask("keep_mask(x.reshape(-1)[:1], p)")],
    ),
    Mistake(
        "always the same number off",
        "You turn off exactly the share p, as a permutation does. Each node is off independently of the others: "
        "how many are off is chance.",
        [
            edit_mask(
                "(torch.randperm(x.numel()) >= int(p * x.numel())).reshape(x.shape)",
            )
        ],
    ),
    Mistake(
        "normal random numbers compared with p",
        "You compare normal random numbers with p. torch.randn also gives numbers below 0 and above 1; torch.rand gives each "
        "number from 0 to 1 alike, so that a share of p is below p.",
        [edit_mask("(torch.randn(x.shape) > p)")],
    ),
    Mistake(
        "normal random numbers below p kept",
        "You keep the values whose normal random number is below p. Use torch.rand, which is below p with "
        "probability p, and keep the other values.",
        [edit_mask("(torch.randn(x.shape) < p)")],
    ),
    Mistake(
        "values compared with p",
        "You compare the values themselves with p. Which nodes are off is chance: compare torch.rand(x.shape) with p.",
        [edit_mask("(x > p)")],
    ),
    Mistake(
        "values' sizes compared with p",
        "You compare the values' sizes with p. Which nodes are off is chance: compare torch.rand(x.shape) with p.",
        [edit_mask("(x.abs() > p)")],
    ),
    Mistake(
        "half of the nodes off, whatever p",
        "You turn off half of the nodes, whatever p is: the probability of being off is p.",
        [edit_mask("keep_mask(x, 0.5)")],
    ),
    Mistake(
        "the first nodes off",
        "You always turn off the first nodes. Draw at random which nodes are off: torch.rand(x.shape) < p.",
        [edit_mask("(torch.arange(x.numel()) >= int(p * x.numel())).reshape(x.shape)")],
    ),
    Mistake(
        "noise instead of zeros",
        "You multiply by random numbers between 0 and 1. A node is either off or on: compare the random numbers with p.",
        [Edit("x * keep_mask(x, p) *", "x * torch.rand_like(x) *", DROP)],
    ),
    Mistake(
        "never dropped",
        "Nothing is ever off: in training each node is off with probability p.",
        [edit_result("x")],
    ),
    Mistake(
        "rescaled but never dropped",
        "You divide by 1 − p in training, but nothing is off: each node is off with probability p.",
        [Edit("x * keep_mask(x, p) *", "x *", DROP)],
    ),
    Mistake(
        "dropped twice",
        "You draw twice, so that a node stays on with probability (1 − p)² only: draw once.",
        [edit_mask("keep_mask(x, p) * keep_mask(x, p)")],
    ),
]

MODES = [
    Mistake(
        "active in evaluation",
        "You drop in evaluation as well: then the layer returns x as it is.",
        [Edit("if not training or p == 0:", "if p == 0:", DROP)],
    ),
    Mistake(
        "active in evaluation, not rescaled",
        "You ignore training, and do not rescale. In evaluation return x as it is; in training divide what stays on by 1 − p.",
        [Edit("if not training or p == 0:", "if p == 0:", DROP), Edit(SCALE, "", DROP)],
    ),
    Mistake(
        "off in training, on in evaluation",
        "You drop in evaluation and not in training: it is the other way round.",
        [Edit("if not training", "if training", DROP)],
    ),
    Mistake(
        "zeros in evaluation",
        "In evaluation you return zeros: there x is returned as it is.",
        [edit_evaluation("x * 0")],
    ),
]

TECHNIQUE = [
    Mistake(
        "seed fixed inside",
        "You set the seed inside the function, so the same nodes are off at every step: that is no dropout.",
        [edit_result(f"torch.manual_seed(0) and {LAST}")],
    ),
    Mistake(
        "no gradient",
        "The values are right, but no gradient comes back to x: no layer before the dropout would learn. Look "
        "for detach(), numpy(), item(), torch.no_grad() or a new tensor made of old values.",
        [edit_result("x.detach() * keep_mask(x, p) * (1 / (1 - p))")],
    ),
    Mistake(
        "no gradient in either mode",
        "The values are right, but no gradient comes back to x: no layer before the dropout would learn. Look "
        "for detach(), numpy(), item(), torch.no_grad() or a new tensor made of old values.",
        [
            edit_result("x.detach() * keep_mask(x, p) * (1 / (1 - p))"),
            edit_evaluation("x.detach().clone()"),
        ],
    ),
    Mistake(
        "x changed in place",
        "You change the values that are passed in (with *=, a function whose name ends in _, or x[mask] = 0). "
        "Code that uses x afterwards, a residual connection for example, then gets the changed values. Make a "
        "new tensor.",
        [edit_result("x.mul_(keep_mask(x, p) * (1 / (1 - p)))")],
    ),
    Mistake(
        "zeros written into x",
        "You set nodes to 0 in the values that are passed in (x[mask] = 0): code that uses x afterwards, a residual "
        "connection for example, then gets the changed values. Make a new tensor, as x * mask does.",
        [edit_result("(x.detach().mul_(keep_mask(x, p)), x * (1 / (1 - p)))[1]")],
    ),
    Mistake(
        "rounded",
        "You round the values. Nothing is rounded here: rounding also stops every gradient.",
        [edit_result(f"({LAST}).round(decimals=4)")],
    ),
]

MISTAKES = [*SCALING, *WHICH, *MODES, *TECHNIQUE]
