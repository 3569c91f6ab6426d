"""Mistakes that can be made with windows of tokens and of words alike, as edits of `groundup.steps.c5_words.batches`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

WINDOWS, STARTS = "take_windows", "draw_starts"
DRAW = "torch.randint(length - context_length, (batch_size,), generator=generator)"
INPUT = "data[start : start + context_length]"
TARGET = "data[start + 1 : start + context_length + 1]"
BOTH = "return inputs, targets"


def list_window_mistakes(token: str) -> list[Mistake]:
    """Return the mistakes, in the words of one exercise.

    Parameters
    ----------
    token : str
        What a window is made of: ``"token"`` or ``"word"``.
    """
    return [*list_layouts(token), *list_lengths(token), *list_bounds(token), *list_draws(token)]


def list_layouts(token: str) -> list[Mistake]:
    """Return how targets can lie wrong to inputs."""
    return [
        Mistake(
            "targets not shifted",
            f"Your targets are the inputs themselves. The target of a position is the {token} after it: cut the "
            "targets out one position further on, from start + 1 to start + T + 1.",
            [Edit(TARGET, INPUT, WINDOWS)],
        ),
        Mistake(
            f"targets one {token} before their inputs",
            f"Each target is the {token} before its input, where the one after it is asked for. Either the two results "
            "are returned in the wrong order (inputs come first), or the shift goes the wrong way.",
            [Edit(BOTH, "return targets, inputs", WINDOWS)],
        ),
        Mistake(
            "targets shifted back",
            f"Your targets begin at start − 1: they are the {token}s before, and at start 0 there is none. The "
            f"target of a position is the {token} after it: from start + 1 to start + T + 1.",
            [Edit(TARGET, "data[start - 1 : start + context_length - 1]", WINDOWS)],
        ),
        Mistake(
            "targets shifted by two",
            f"Your targets lie two {token}s ahead: the very next one is predicted. Shift by 1.",
            [
                Edit(TARGET, "data[start + 2 : start + context_length + 2]", WINDOWS),
                Edit("torch.randint(length - context_length,", "torch.randint(length - context_length - 1,", STARTS),
            ],
        ),
        Mistake(
            "targets shifted by two, beyond the end",
            f"Your targets lie two {token}s ahead, so that the last window has no full target. It is the very next "
            f"{token} that is guessed: shift by 1.",
            [Edit(TARGET, "data[start + 2 : start + context_length + 2]", WINDOWS)],
        ),
        Mistake(
            "targets are the next window",
            f"Your targets are the whole next window, T = {{T}} {token}s further on. Each position predicts the "
            f"very next {token}: the targets are the same window shifted by 1.",
            [
                Edit(TARGET, "data[start + context_length : start + 2 * context_length]", WINDOWS),
                Edit(
                    "torch.randint(length - context_length,",
                    "torch.randint(length - 2 * context_length + 1,",
                    STARTS,
                ),
            ],
        ),
        Mistake(
            "targets are the next window, cut at the end",
            f"Your targets are the next T = {{T}} {token}s after the window, as many as are left. Each position "
            f"predicts the very next {token}: the targets are the same window shifted by 1.",
            [Edit(TARGET, "data[start + context_length : start + 2 * context_length]", WINDOWS)],
        ),
        Mistake(
            "inputs and targets from different starts",
            "You draw starts for the inputs and others for the targets, so that a target does not follow its input. Draw the starts once, and cut both out there.",
            [
                Edit(
                    f"[{TARGET} for start in starts]",
                    f"[{TARGET} for start in torch.randint(len(data) - context_length, (len(starts),)).tolist()]",
                    WINDOWS,
                )
            ],
        ),
        Mistake(
            "inputs begin one position late",
            f"Your inputs begin one {token} late, at start + 1, so they are the same as the targets. The inputs go from "
            "start to start + T.",
            [Edit(INPUT, TARGET, WINDOWS)],
        ),
        Mistake(
            "only the last target",
            f"You give one target for each window, the {token} after it. Every position has one: a window of T "
            f"= {{T}} {token}s has {{T}} targets, the same window shifted by 1.",
            [Edit(TARGET, "data[start + context_length : start + context_length + 1]", WINDOWS)],
        ),
        Mistake(
            "only the last target, by itself",
            f"You give a single {token} as target for each window. Every position has one: a window of T = "
            f"{{T}} {token}s has {{T}} targets, the same window shifted by 1.",
            [Edit(TARGET, "data[start + context_length]", WINDOWS)],
        ),
    ]


def list_lengths(token: str) -> list[Mistake]:
    """Return how windows can have a wrong length, or a batch a wrong number of them."""
    return [
        Mistake(
            f"windows one {token} too short",
            f"Your windows have T − 1 {token}s. A slice leaves its end out: data[start : start + T] has T of them.",
            [
                Edit(INPUT, "data[start : start + context_length - 1]", WINDOWS),
                Edit(TARGET, "data[start + 1 : start + context_length]", WINDOWS),
            ],
        ),
        Mistake(
            f"targets one {token} too short",
            f"Your targets have T − 1 {token}s: the last one is missing. They end at start + T + 1, which the slice "
            "leaves out.",
            [Edit(TARGET, "data[start + 1 : start + context_length]", WINDOWS)],
        ),
        Mistake(
            f"targets one {token} too long",
            f"Your targets have T + 1 {token}s: they begin with the input's own first {token}. Begin at start + 1.",
            [Edit(TARGET, "data[start : start + context_length + 1]", WINDOWS)],
        ),
        Mistake(
            f"inputs one {token} too long",
            f"Your inputs have T + 1 {token}s: inputs and targets have T each. A slice leaves its end out: "
            "data[start : start + T].",
            [Edit(INPUT, "data[start : start + context_length + 1]", WINDOWS)],
        ),
        Mistake(
            "one window only",
            "You return a single window whatever batch_size says: draw batch_size starts, and cut out a window at each.",
            [Edit("(batch_size,), generator=generator)", "(1,), generator=generator)", STARTS)],
        ),
        Mistake(
            "one window too few",
            "Your batch has one window fewer than batch_size says. Draw exactly batch_size starts, and look at "
            "the loop over them: range(1, n) has n − 1 numbers.",
            [Edit("(batch_size,), generator=generator)", "(batch_size - 1,), generator=generator)", STARTS)],
        ),
        Mistake(
            "one window too many",
            "Your batch has one window more than batch_size says. Draw exactly batch_size starts, and look at "
            "the loop over them: range(n + 1) has n + 1 numbers.",
            [Edit("(batch_size,), generator=generator)", "(batch_size + 1,), generator=generator)", STARTS)],
        ),
        Mistake(
            "no start drawn twice",
            "You draw starts without putting them back (a permutation, or a sample), so a batch has never more "
            "windows than there are starts. Draw a new start for each window: a start may be drawn twice.",
            [Edit(DRAW, "torch.randperm(length - context_length, generator=generator)[:batch_size]", STARTS)],
        ),
    ]


def list_bounds(token: str) -> list[Mistake]:
    """Return how the bounds of the draw can be wrong."""
    bound, least = "torch.randint(length - context_length,", "return torch.randint(length - context_length,"
    last = (
        f"The last possible start is never drawn. With N {token}s and windows of T the starts are 0 … N − T − "
        "1. torch.randint leaves its upper bound out already, so the bound is N − T."
    )
    first = (
        "No window ever begins at the first position: starts are counted from 0, so the lower bound of the draw is 0."
    )
    return [
        Mistake(
            "the last window never comes",
            f"{last} With one possible start only, there is nothing left to draw.",
            [Edit(bound, "torch.randint(length - context_length - 1,", STARTS)],
        ),
        Mistake(
            "the last window never comes, unless it is the only one",
            last,
            [Edit(bound, "torch.randint(max(length - context_length - 1, 1),", STARTS)],
        ),
        Mistake(
            "the last two windows never come",
            f"The last two possible starts are never drawn. With N {token}s and windows of T the starts are 0 … "
            "N − T − 1, so the upper bound of torch.randint is N − T.",
            [Edit(bound, "torch.randint(length - context_length - 2,", STARTS)],
        ),
        Mistake(
            "the first window never comes",
            f"{first} With one possible start only, there is nothing left to draw.",
            [Edit(least, "return torch.randint(1, length - context_length,", STARTS)],
        ),
        Mistake(
            "the first window never comes, unless it is the only one",
            first,
            [Edit(least, "return torch.randint(int(length - context_length > 1), length - context_length,", STARTS)],
        ),
        Mistake(
            "windows beyond the end",
            f"A window may begin so late that its last target is missing: at start N − T there is no {token} left for it. "
            "The upper bound of the draw is N − T, which torch.randint leaves out. (Windows of unequal lengths cannot be "
            "stacked.)",
            [Edit(bound, "torch.randint(length - context_length + 1,", STARTS)],
        ),
        Mistake(
            "starts drawn below T",
            "Your starts are drawn below context_length. How many there are depends on the text: they are 0 … N − T − 1.",
            [Edit(bound, "torch.randint(context_length,", STARTS)],
        ),
    ]


def list_draws(token: str) -> list[Mistake]:
    """Return how starts can be drawn otherwise than each as likely as the others."""
    return [
        Mistake(
            "windows laid end to end",
            f"Your windows begin only at 0, T, 2T, …: a window may begin at any {token}, in the middle of another, too.",
            [
                Edit(
                    DRAW,
                    "torch.randint((length - 1) // context_length, (batch_size,), generator=generator) * context_length",
                    STARTS,
                )
            ],
        ),
        Mistake(
            "windows laid end to end, beyond the end",
            f"Your windows begin only at 0, T, 2T, …, and the last one may lack a target. A window may begin at any "
            f"{token} from 0 to N − T − 1, in the middle of another, too.",
            [
                Edit(
                    DRAW,
                    "torch.randint(length // context_length, (batch_size,), generator=generator) * context_length",
                    STARTS,
                )
            ],
        ),
        Mistake(
            "the same window for the whole batch",
            "All rows of a batch are the same window. Draw a start for each row. (Is one start drawn before the loop, is a "
            "seed set inside it, or is one row stored again and again?)",
            [Edit("(batch_size,), generator=generator)", "(1,), generator=generator).expand(batch_size)", STARTS)],
        ),
        Mistake(
            "windows always from the start",
            f"All your windows begin with the first {token}: draw each start at random, from 0 to N − T − 1.",
            [Edit(DRAW, "torch.zeros(batch_size, dtype=torch.int64)", STARTS)],
        ),
        Mistake(
            "starts in turn",
            "Your windows begin at one position after the other, in turn: draw their starts at random.",
            [Edit(DRAW, "torch.arange(batch_size) % (length - context_length)", STARTS)],
        ),
        Mistake(
            "each start equally often",
            "Every start is drawn exactly as often as the others: you shuffle a list of starts. Draw each start "
            "separately, so that one may be drawn more often than another by chance.",
            [Edit(DRAW, "torch.randperm(batch_size, generator=generator) % (length - context_length)", STARTS)],
        ),
        Mistake(
            "starts rounded",
            "The first and the last start are drawn half as often as the others: that is what rounding a random "
            "fraction does. Draw whole numbers with torch.randint, each as likely as the others.",
            [
                Edit(
                    DRAW,
                    "(torch.rand(batch_size, generator=generator) * (length - context_length - 1)).round().long()",
                    STARTS,
                )
            ],
        ),
        Mistake(
            "late starts moved to the last one",
            "The last start is drawn too often: you draw from all positions and move those that are too late to "
            "the last one. Draw below N − T from the beginning.",
            [
                Edit(
                    DRAW,
                    "torch.randint(length, (batch_size,), generator=generator).clamp(max=length - context_length - 1)",
                    STARTS,
                )
            ],
        ),
        Mistake(
            "late starts brought back by a remainder",
            "The first starts are drawn too often: you draw from all positions and take the remainder (%). Draw "
            "below N − T from the beginning.",
            [
                Edit(
                    DRAW,
                    "torch.randint(length, (batch_size,), generator=generator) % (length - context_length)",
                    STARTS,
                )
            ],
        ),
    ]
