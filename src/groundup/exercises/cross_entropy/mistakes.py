"""What goes wrong in cross-entropy, of two classes and of several."""

from __future__ import annotations

from collections.abc import Iterator

from groundup.judge.exercise import Edit, Mistake

BINARY, CATEGORICAL = "binary_cross_entropy", "categorical_cross_entropy"
WHERE = {BINARY: "two classes", CATEGORICAL: "several classes"}
CLIP = "np.clip(y_pred, clip, 1 - clip)"
TERMS = {BINARY: "y_true * np.log(p) + (1 - y_true) * np.log(1 - p)", CATEGORICAL: "np.sum(y_true * np.log(p), axis=1)"}
ALL = {entry: f"-np.mean({terms})" for entry, terms in TERMS.items()}


def one(entry: str, name: str, says: str, old: str, new: str, *more: tuple[str, str]) -> Mistake:
    """Return a mistake in one of the two functions, with that in its name."""
    return Mistake(f"{name} ({WHERE[entry]})", says, [Edit(*edit, entry) for edit in ((old, new), *more)])


def both(name: str, says: str, old: str, new: str) -> Iterator[Mistake]:
    """Yield the same mistake in either function. In the texts ALL and TERMS stand for what the function has there."""
    for entry in WHERE:
        before, after = (text.replace("ALL", ALL[entry]).replace("TERMS", TERMS[entry]) for text in (old, new))
        loss = "binary loss" if entry == BINARY else "categorical loss"
        yield one(entry, name, says.replace("LOSS", loss), before, after)


def binary(name: str, says: str, new: str, old: str = TERMS[BINARY]) -> Mistake:
    """Return a mistake in the binary loss: by default, what is averaged instead."""
    return Mistake(name, says, [Edit(old, new, BINARY)])


def categorical(name: str, says: str, new: str, old: str = TERMS[CATEGORICAL]) -> Mistake:
    """Return a mistake in the categorical loss: by default, what is averaged instead."""
    return Mistake(name, says, [Edit(old, new, CATEGORICAL)])


def list_both() -> Iterator[Mistake]:
    """Yield what may go wrong in either function."""
    yield from both(
        "sign forgotten",
        "Your LOSS is negative. Logarithms of probabilities are negative, so there is a minus in front.",
        "ALL",
        "np.mean(TERMS)",
    )
    yield from both(
        "summed over the examples",
        "Your LOSS is N = {N} times too large: it is a mean over the examples.",
        "np.mean(TERMS)",
        "np.sum(TERMS)",
    )
    yield one(
        BINARY,
        "not clipped",
        "A probability of exactly 0 or 1 gives log(0): clip the predictions to 10⁻⁷ … 1 − 10⁻⁷ first.",
        CLIP,
        "y_pred",
    )
    yield one(
        CATEGORICAL,
        "not clipped",
        "A probability of exactly 0 gives log(0), which is infinite: clip the predictions to 10⁻⁷ first.",
        CLIP,
        "y_pred",
    )
    yield one(
        CATEGORICAL,
        "not clipped, the right class looked up",
        "Where the right class has a probability of exactly 0 you take log(0), which is infinite: clip the predictions to 10⁻⁷ first.",
        TERMS[CATEGORICAL],
        "np.log(y_pred[np.arange(len(y_pred)), np.argmax(y_true, axis=1)])",
    )
    yield one(
        BINARY,
        "not clipped, one term per example",
        "Where what happened has a probability of exactly 0 you take log(0), which is infinite: clip the predictions to 10⁻⁷ … 1 − 10⁻⁷ first.",
        TERMS[BINARY],
        "np.log(np.where(y_true == 1, y_pred, 1 - y_pred))",
    )
    for base, words in ((2, "2, which gives bits"), (10, "10")):
        yield one(
            BINARY,
            f"base {base}",
            f"You take logarithms to base {words}. Here it is the natural logarithm, np.log.",
            TERMS[BINARY],
            TERMS[BINARY].replace("np.log", f"np.log{base}"),
        )
        yield one(
            CATEGORICAL,
            f"base {base}",
            f"You take logarithms to base {words}, in the categorical loss. Here it is the natural logarithm, np.log.",
            "np.log",
            f"np.log{base}",
        )
    for places in (2, 3, 1):
        yield from both(
            f"rounded to {places} place{'s' * (places > 1)}",
            f"Your LOSS is right, but rounded to {places} place{'s' * (places > 1)}. Keep at least 4 decimal places.",
            "ALL",
            f"np.round(ALL, {places})",
        )
    yield from both(
        "rounded before the mean",
        "You round the examples' losses, or their logarithms, in your LOSS before you average. Round once, at the end.",
        "TERMS",
        "np.round(TERMS, 4)",
    )
    yield from both(
        "no mean at all",
        "Your LOSS returns a number for every example. The exercise asks for one number: their mean.",
        "float(ALL)",
        "-(TERMS)",
    )
    yield from both(
        "only the first example",
        "Your LOSS is that of the first example alone: a return inside the loop ends it. Indent it less, so that "
        "it comes after the loop.",
        "np.mean(TERMS)",
        "np.mean((TERMS)[:1])",
    )
    yield from both(
        "the first example of N",
        "Your LOSS is that of the first example alone, divided by N = {N}: a return inside the loop ends it. Indent it less.",
        "np.mean(TERMS)",
        "((TERMS)[0] / len(y_true))",
    )
    yield from both(
        "only the last example",
        "Your LOSS is that of the last example alone: add up with `+=`, not `=`.",
        "np.mean(TERMS)",
        "np.mean((TERMS)[-1:])",
    )
    yield from both(
        "the last example of N",
        "Your LOSS is that of the last example alone, divided by N = {N}: add up with `+=`, not `=`.",
        "np.mean(TERMS)",
        "((TERMS)[-1] / len(y_true))",
    )
    for cut, words in (("[1:]", "first"), ("[:-1]", "last")):
        yield from both(
            f"the {words} example left out",
            f"Your LOSS leaves out the {words} example. range(N) runs from 0 to N − 1: nothing has to be added or subtracted.",
            "np.mean(TERMS)",
            f"(np.sum((TERMS){cut}) / len(y_true))",
        )
    yield from both(
        "the first example left out, and not counted",
        "Your LOSS leaves out the first example. range(N) runs from 0 to N − 1: nothing has to be added or subtracted.",
        "np.mean(TERMS)",
        "(np.sum((TERMS)[1:]) / (len(y_true) - 1))",
    )
    for what, code in (
        ("N − 1", "(len(y_true) - 1)"),
        ("N + 1", "(len(y_true) + 1)"),
        ("2N", "len(y_true) / 2"),
        ("N²", "len(y_true) ** 2"),
    ):
        yield from both(
            f"divided by {what}",
            f"You divide the sum in your LOSS by {what}: it is the mean over the N = {{N}} examples.",
            "np.mean(TERMS)",
            f"(np.sum(TERMS) / {code})",
        )
    yield from both(
        "twice the loss",
        "Your LOSS is twice what it should be: each example counts once. Look for a factor 2, or for a term that "
        "is added twice.",
        "ALL",
        "2 * ALL",
    )
    yield from both(
        "the loss of all examples together",
        "You average the probabilities first and take the logarithm of that mean, in your LOSS. Take each example's logarithm, then the mean.",
        "np.mean(TERMS)",
        "np.log(np.mean(np.exp(TERMS)))",
    )
    yield from both(
        "the exponential of the loss",
        "Your LOSS is e to the power of what is asked for (the perplexity): leave out the last exp.",
        "ALL",
        "np.exp(ALL)",
    )
    yield from both(
        "the largest loss",
        "You return the largest loss of an example in your LOSS: the exercise asks for the mean.",
        "np.mean(TERMS)",
        "np.min(TERMS)",
    )
    yield from both(
        "the median loss",
        "You return the median of the examples' losses in your LOSS: the exercise asks for the mean.",
        "np.mean(TERMS)",
        "np.median(TERMS)",
    )
    yield from both(
        "squared errors instead of logarithms",
        "You average squared differences in your LOSS. Cross-entropy is −log of the probability given to what happened.",
        "ALL",
        "np.mean(np.sum(((y_true - y_pred) ** 2).reshape(len(y_true), -1), axis=1))",
    )
    yield from both(
        "the sizes of the differences",
        "You average the sizes of the differences in your LOSS. Cross-entropy is −log of the probability given to what happened.",
        "ALL",
        "np.mean(np.abs(y_true - y_pred))",
    )
    yield from both(
        "the truth clipped instead of the prediction",
        "You clip the truth, in your LOSS: it is the prediction whose logarithm needs it.",
        "p = " + CLIP,
        "p, y_true = y_pred, np.clip(y_true, clip, 1 - clip)",
    )


def list_bounds() -> Iterator[Mistake]:
    """Yield other borders than 10⁻⁷, clipped to or added."""
    for power in (15, 12, 10, 9, 8, 6, 5, 4, 3, 2):
        small = f"1e-{power}"
        border = f"Your LOSS keeps probabilities 10^−{power} away from 0. Here it is 10⁻⁷, which gives 16.118 for a probability of 0."
        yield from both(f"a border of 10^−{power}", border, CLIP, f"np.clip(y_pred, {small}, 1 - {small})")
        added = f"You add 10^−{power} to the predictions. Here they are clipped to 10⁻⁷ … 1 − 10⁻⁷: a probability of 0 costs 16.118."
        yield binary(f"10^−{power} added (two classes)", added, f"(y_pred + {small})", CLIP)
        if power in (15, 5, 4, 3, 2):
            yield binary(
                f"10^−{power} added in both logarithms",
                added,
                f"y_true * np.log(y_pred + {small}) + (1 - y_true) * np.log(1 - y_pred + {small})",
            )
        if power <= 6:
            yield categorical(f"10^−{power} added (several classes)", added, f"(y_pred + {small})", CLIP)
    yield from both(
        "ε is e⁻⁷",
        "You take e⁻⁷ = 0.0009 for 10⁻⁷ in your LOSS: it is written 1e-7, or 10**-7.",
        CLIP,
        "(y_pred + np.exp(-7))",
    )
    yield from both(
        "clipped at e⁻⁷",
        "You take e⁻⁷ = 0.0009 for 10⁻⁷ in your LOSS: it is written 1e-7, or 10**-7.",
        CLIP,
        "np.clip(y_pred, np.exp(-7), 1 - np.exp(-7))",
    )
    yield from both(
        "ε is the computer's",
        "You use np.finfo(float).eps, which is 2.2 · 10⁻¹⁶, in your LOSS. The border of this exercise is 10⁻⁷.",
        CLIP,
        "np.clip(y_pred, np.finfo(float).eps, 1 - np.finfo(float).eps)",
    )


BINARY_ALONE = [
    binary(
        "the zeros left out",
        "Examples of class 0 cost nothing in your binary loss: they cost −log(1 − p).",
        "y_true * np.log(p)",
    ),
    binary(
        "the ones left out",
        "Examples of class 1 cost nothing in your binary loss: they cost −log p.",
        "(1 - y_true) * np.log(1 - p)",
    ),
    binary(
        "minus between the two terms",
        "The term of the examples of class 0 has the wrong sign. The minus belongs before both terms, −(y * log "
        "p + (1 − y) * log(1 − p)): without brackets it reaches only the first, and y − 1 is not 1 − y.",
        "y_true * np.log(p) - (1 - y_true) * np.log(1 - p)",
    ),
    binary(
        "the two classes exchanged (two classes)",
        "You take log p where y is 0 and log(1 − p) where y is 1. p is the probability of 1: it is y * log p + "
        "(1 − y) * log(1 − p).",
        "(1 - y_true) * np.log(p) + y_true * np.log(1 - p)",
    ),
    binary(
        "log p for both classes",
        "You take log p for both classes. An example of class 0 costs −log(1 − p).",
        "y_true * np.log(p) + (1 - y_true) * np.log(p)",
    ),
    binary(
        "log(1 − p) for both classes",
        "You take log(1 − p) for both classes. An example of class 1 costs −log p.",
        "y_true * np.log(1 - p) + (1 - y_true) * np.log(1 - p)",
    ),
    binary(
        "1 − y missing in front of the second logarithm",
        "In your loss every example costs −log(1 − p), also those of class 1: multiply that logarithm by (1 − y).",
        "y_true * np.log(p) + np.log(1 - p)",
    ),
    binary(
        "y missing in front of the first logarithm",
        "In your loss every example costs −log p, also those of class 0: multiply that logarithm by y.",
        "np.log(p) + (1 - y_true) * np.log(1 - p)",
    ),
    binary(
        "both logarithms for every example",
        "In your loss every example costs both −log p and −log(1 − p). Multiply the first by y and the second by "
        "1 − y: then only one of them is left.",
        "np.log(p) + np.log(1 - p)",
    ),
    binary(
        "1 − log p instead of log(1 − p)",
        "You take 1 − log p for the examples of class 0. The brackets belong inside: log(1 − p).",
        "y_true * np.log(p) + (1 - y_true) * (1 - np.log(p))",
    ),
    binary(
        "−log p instead of log(1 − p)",
        "You take −log p for the examples of class 0: it is log(1 − p).",
        "y_true * np.log(p) - (1 - y_true) * np.log(p)",
    ),
    binary(
        "log(1 + p) instead of log(1 − p)",
        "You take log(1 + p) for the examples of class 0 (np.log1p adds): it is log(1 − p).",
        "y_true * np.log(p) + (1 - y_true) * np.log(1 + p)",
    ),
    binary(
        "1 + p in the first logarithm",
        "You take log(1 + p) for the examples of class 1: it is log p.",
        "y_true * np.log(1 + p) + (1 - y_true) * np.log(1 - p)",
    ),
    binary(
        "1 + y instead of 1 − y",
        "You multiply the second logarithm by 1 + y: it is 1 − y, which is 0 for the examples of class 1.",
        "y_true * np.log(p) + (1 + y_true) * np.log(1 - p)",
    ),
    binary(
        "always 0 (two classes)",
        "Your binary loss is 0 whatever the prediction. Add the two terms (multiplied, the one that is 0 makes all 0), and take the logarithms "
        "of the prediction, not of the truth.",
        "y_true * np.log(p) * (1 - y_true) * np.log(1 - p)",
    ),
    binary(
        "logarithms of the products",
        "You take the logarithm of y * p and of (1 − y)(1 − p), one of which is log(0). y and 1 − y belong "
        "outside the logarithms.",
        "np.log(np.clip(y_true * p, clip, 1)) + np.log(np.clip((1 - y_true) * (1 - p), clip, 1))",
    ),
    binary(
        "probabilities instead of their logarithms (two classes)",
        "You average the probabilities themselves in the binary loss: take their logarithms, so that a confident wrong answer costs much.",
        "y_true * p + (1 - y_true) * (1 - p)",
    ),
    binary(
        "the second logarithm is missing",
        "In your loss the examples of class 0 cost p − 1 instead of −log(1 − p): the second logarithm is missing.",
        "y_true * np.log(p) + (1 - y_true) * (1 - p)",
    ),
    binary(
        "decided before the logarithm",
        "You first round each probability to 0 or 1, so that 0.51 counts like 0.99. Take the logarithm of the "
        "probability itself.",
        "np.clip(y_pred >= 0.5, clip, 1 - clip)",
        CLIP,
    ),
    binary(
        "a sigmoid on the probabilities",
        "You apply a sigmoid to the predictions. They are probabilities already.",
        "np.clip(sigmoid(y_pred), clip, 1 - clip)",
        CLIP,
    ),
    binary(
        "only clipped below",
        "You keep probabilities away from 0, but not from 1: there log(1 − p) is log(0), which is infinite. Clip at 1 − 10⁻⁷, too.",
        "np.clip(y_pred, clip, 1)",
        CLIP,
    ),
    binary(
        "only clipped below, one term per example",
        "You keep probabilities away from 0, but not from 1: there log(1 − p) is log(0), which is infinite. Clip at 1 − 10⁻⁷, too.",
        "np.log(np.where(y_true == 1, np.clip(y_pred, clip, 1), 1 - np.clip(y_pred, clip, 1)))",
    ),
    binary(
        "only log(1 − p) guarded",
        "You keep log(1 − p) from becoming log(0), but not log p: at p = 0 it is infinite. Clip the predictions to 10⁻⁷ … 1 − 10⁻⁷.",
        "np.clip(y_pred, 0, 1 - clip)",
        CLIP,
    ),
    binary(
        "ε taken from the prediction",
        "You subtract 10⁻⁷ from the predictions: at 0 that is below 0, and has no logarithm. Clip to 10⁻⁷ … 1 − 10⁻⁷.",
        "(y_pred - clip)",
        CLIP,
    ),
    binary(
        "averaged over zeros and ones by themselves",
        "You average the ones and the zeros separately and add the two means. It is one mean, over all examples.",
        "-(np.log(p[y_true == 1]).mean() if np.any(y_true == 1) else 0.0) "
        "- (np.log(1 - p[y_true == 0]).mean() if np.any(y_true == 0) else 0.0)",
        ALL[BINARY],
    ),
    binary(
        "math.log refuses 0",
        "math.log raises an error for a probability of exactly 0 or 1: clip the predictions to 10⁻⁷ … 1 − 10⁻⁷ first.",
        'sum(y * __import__("math").log(p) + (1 - y) * __import__("math").log(1 - p) for y, p in zip(y_true, y_pred)) / len(y_true)',
        f"np.mean({TERMS[BINARY]})",
    ),
    binary(
        "math.log refuses 0, one term per example",
        "math.log raises an error where what happened has a probability of exactly 0: clip the predictions to 10⁻⁷ … 1 − 10⁻⁷ first.",
        'sum(__import__("math").log(p if y == 1 else 1 - p) for y, p in zip(y_true, y_pred)) / len(y_true)',
        f"np.mean({TERMS[BINARY]})",
    ),
    one(
        BINARY,
        "truth and prediction exchanged",
        "You take the truth for the prediction and the prediction for the truth: look at the order of the arguments. The first is the "
        "truth, and the logarithm is that of the prediction.",
        CLIP,
        "np.clip(y_true, clip, 1 - clip)",
        (TERMS[BINARY], TERMS[BINARY].replace("y_true", "y_pred")),
    ),
    binary(
        "the prediction's own entropy (two classes)",
        "You multiply the logarithms by the prediction, so the truth is not used. Multiply them by y and 1 − y, "
        "the truth.",
        "p * np.log(p) + (1 - p) * np.log(1 - p)",
    ),
]

CATEGORICAL_ALONE = [
    categorical(
        "averaged over the classes, too",
        "Your categorical loss is C = {C} times too small: over the classes you sum (all but one are 0 anyway), only over the examples you "
        "average.",
        "np.mean(y_true * np.log(p), axis=1)",
    ),
    categorical(
        "summed over the examples, averaged over the classes",
        "You divide by C = {C}, the number of classes, instead of N = {N}. Axis 1 holds the classes, of which only the right one counts: add "
        "them up there, and average over axis 0, the examples.",
        "np.sum(y_true * np.log(p), axis=0)",
    ),
    categorical(
        "one loss for each class",
        "Your categorical loss returns a number for every class. The exercise asks for one number: sum over the "
        "classes, average over the examples.",
        "-np.mean(y_true * np.log(p), axis=0)",
        f"float({ALL[CATEGORICAL]})",
    ),
    one(
        CATEGORICAL,
        "truth and prediction exchanged",
        "In the categorical loss you take the truth for the prediction and the prediction for the truth. The first argument is the truth, "
        "and the logarithm is that of the prediction.",
        CLIP,
        "np.clip(y_true, clip, 1 - clip)",
        ("y_true * np.log(p)", "y_pred * np.log(p)"),
    ),
    categorical(
        "the mean of all squared differences (several classes)",
        "You average squared differences in your categorical loss. Cross-entropy is −log of the probability given to what happened.",
        "np.mean((y_true - y_pred) ** 2)",
        ALL[CATEGORICAL],
    ),
    categorical(
        "every class counted as its own yes or no",
        "You add −log(1 − p) of the wrong classes, too. With several classes only the right one's probability counts.",
        "np.sum(y_true * np.log(p) + (1 - y_true) * np.log(1 - p), axis=1)",
    ),
    categorical(
        "the binary loss of all positions",
        "You use the binary formula on all N * C entries. With several classes only the right one's probability "
        "counts.",
        "y_true * np.log(p) + (1 - y_true) * np.log(1 - p)",
    ),
    categorical(
        "probabilities instead of their logarithms",
        "You average the probabilities themselves: take their logarithms, so that a confident wrong answer costs much.",
        "np.sum(y_true * p, axis=1)",
    ),
    categorical(
        "the logarithms of all classes",
        "You add the logarithms of all classes: multiply by the truth first, so that only the right class counts.",
        "np.sum(np.log(p), axis=1)",
    ),
    categorical(
        "the wrong classes instead of the right one",
        "You add the logarithms of the wrong classes. The truth is 1 in the right class's column: multiply by y, not by 1 − y.",
        "np.sum((1 - y_true) * np.log(p), axis=1)",
    ),
    categorical(
        "the favourite class instead of the right one",
        "You take the largest probability of each row, whichever class is right. Take that of the class whose truth is 1.",
        "np.log(np.max(p, axis=1))",
    ),
    categorical(
        "the smallest probability instead of the right class's",
        "You take the smallest probability of each row. Take that of the class whose truth is 1.",
        "np.log(np.min(p, axis=1))",
    ),
    categorical(
        "the first class instead of the right one",
        "You take the first class's probability in every row. Take that of the class whose truth is 1.",
        "np.log(p[:, 0])",
    ),
    categorical(
        "the last class instead of the right one",
        "You take the last class's probability in every row. Take that of the class whose truth is 1.",
        "np.log(p[:, -1])",
    ),
    categorical(
        "the class after the right one",
        "You take the probability of the column next to the right class's: counting begins at 0.",
        "np.sum(np.roll(y_true, 1, axis=1) * np.log(p), axis=1)",
    ),
    categorical(
        "the class before the right one",
        "You take the probability of the column before the right class's: counting begins at 0.",
        "np.sum(np.roll(y_true, -1, axis=1) * np.log(p), axis=1)",
    ),
    categorical(
        "the first class left out",
        "The first class is left out of your categorical loss: range(C) begins at 0.",
        "np.sum((y_true * np.log(p))[:, 1:], axis=1)",
    ),
    categorical(
        "the last class left out",
        "The last class is left out of your categorical loss: range(C) already ends before C.",
        "np.sum((y_true * np.log(p))[:, :-1], axis=1)",
    ),
    categorical(
        "a softmax on the probabilities",
        "You apply a softmax to the predictions. They are probabilities already.",
        "np.clip(softmax(y_pred), clip, 1 - clip)",
        CLIP,
    ),
    categorical(
        "normalized along the wrong axis",
        "You divide the predictions by the sums of the columns. They are probabilities already.",
        "np.clip(y_pred / y_pred.sum(axis=0), clip, 1 - clip)",
        CLIP,
    ),
    categorical(
        "decided before the logarithm (several classes)",
        "You first replace the largest probability by 1 and all others by 0. Take the logarithm of the "
        "probabilities themselves.",
        "np.clip(y_pred == y_pred.max(axis=1, keepdims=True), clip, 1 - clip)",
        CLIP,
    ),
    categorical(
        "the prediction's own entropy (several classes)",
        "You multiply the logarithms by the prediction, so the truth is not used. Multiply them by the truth.",
        "np.sum(p * np.log(p), axis=1)",
    ),
    categorical(
        "the truth's own entropy (several classes)",
        "You take logarithms of the truth: they are those of the prediction.",
        "np.clip(y_true, clip, 1 - clip)",
        CLIP,
    ),
    categorical(
        "a 1 more under the logarithm",
        "You take log(1 + p) (np.log1p adds 1): it is log p.",
        "np.sum(y_true * np.log(1 + p), axis=1)",
    ),
    categorical(
        "ε taken from the prediction (several classes)",
        "You subtract 10⁻⁷ from the predictions: at 0 that is below 0, and has no logarithm. Clip to 10⁻⁷ … 1 − 10⁻⁷.",
        "(y_pred - clip)",
        CLIP,
    ),
    categorical(
        "math.log refuses 0 (several classes)",
        "math.log raises an error for a probability of exactly 0: clip the predictions to 10⁻⁷ first.",
        'sum(y * __import__("math").log(p) for y, p in zip(y_true.ravel(), y_pred.ravel())) / len(y_true)',
        f"np.mean({TERMS[CATEGORICAL]})",
    ),
    categorical(
        "math.log refuses 0 for the right class",
        "math.log raises an error where the right class has a probability of exactly 0: clip the predictions to 10⁻⁷ first.",
        'sum(__import__("math").log(p) for y, p in zip(y_true.ravel(), y_pred.ravel()) if y == 1) / len(y_true)',
        f"np.mean({TERMS[CATEGORICAL]})",
    ),
]

MISTAKES = [*list_both(), *BINARY_ALONE, *CATEGORICAL_ALONE, *list_bounds()]
