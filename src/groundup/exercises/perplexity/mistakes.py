"""The known mistakes in perplexity and bits per character, as edits of `groundup.steps.c5_words.perplexity`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

MEAN, EXP, BITS = "average_loss", "measure_perplexity", "measure_bits"
LOSS = "math.fsum(sums) / sum(counts)"
POWER = "math.exp(min(loss, LARGEST_EXPONENT))"
RESULT = "math.fsum(sums) / math.log(2) / characters"


def mean(name: str, says: str, new: str) -> Mistake:
    """Return a mistake in the mean of the losses."""
    return Mistake(name, says, [Edit(f"return {LOSS}", f"return {new}", MEAN)])


def power(name: str, says: str, new: str) -> Mistake:
    """Return a mistake in what is made of the mean."""
    return Mistake(name, says, [Edit(f"return {POWER}", f"return {new}", EXP)])


def bits(name: str, says: str, new: str) -> Mistake:
    """Return a mistake in the bits."""
    return Mistake(name, says, [Edit(f"return {RESULT}", f"return {new}", BITS)])


MEANS = [
    mean(
        "the mean of the windows' means",
        "You take the mean of each window, and the mean of these. Windows of different lengths then count alike, and a token in a short "
        "window counts more. Add all losses up, and divide by the number of all tokens.",
        "sum(one / count for one, count in zip(sums, counts) if count) / len([count for count in counts if count])",
    ),
    mean(
        "the mean of the windows' perplexities",
        "You take the perplexity of each window, and the mean of these. Add all losses up, divide by the number of all tokens, and take e to the power of that.",
        "math.log(sum(math.exp(one / count) for one, count in zip(sums, counts) if count) / len([count for count in counts if count]))",
    ),
    mean(
        "the mean of the tokens' perplexities",
        "You take e to the power of each loss, and the mean of these. Take the mean of the losses first, and e to the power of that.",
        "math.log(math.fsum(math.exp(loss) for window in sums.losses for loss in window) / sum(counts))",
    ),
    mean(
        "the mean of the windows' perplexities, by their tokens",
        "You take the perplexity of each window, and their mean, weighted by the numbers of tokens. Add all losses up, divide by the number "
        "of all tokens, and take e to the power of that.",
        "math.log(sum(count * math.exp(one / count) for one, count in zip(sums, counts) if count) / sum(counts))",
    ),
    mean(
        "the mean of the windows' means of powers",
        "You take e to the power of each loss, the mean in each window, and the mean of these. Take the mean of all losses first, and e to "
        "the power of that.",
        "math.log(sum(sum(map(math.exp, window)) / len(window) for window in sums.losses if window) / len([one for one in counts if one]))",
    ),
    mean(
        "the mean of the windows' means, NaN for an empty one",
        "You take the mean of each window, and the mean of these. Windows of different lengths then count alike, and an empty one makes NaN. "
        "Add all losses up, and divide by the number of all tokens.",
        "sum(one / count if count else math.nan for one, count in zip(sums, counts)) / len(sums)",
    ),
    mean(
        "the mean of the windows' perplexities, NaN for an empty one",
        "You take the perplexity of each window, and the mean of these, which an empty window makes NaN. Add all losses up, divide by the "
        "number of all tokens, and take e to the power of that.",
        "math.log(sum(math.exp(one / count) if count else math.nan for one, count in zip(sums, counts)) / len(sums))",
    ),
    mean(
        "the mean of the windows' means of powers, NaN for an empty one",
        "You take e to the power of each loss, the mean in each window, and the mean of these, which an empty window makes NaN. Take the "
        "mean of all losses first, and e to the power of that.",
        "math.log(sum(sum(map(math.exp, window)) / len(window) if window else math.nan for window in sums.losses) / len(sums))",
    ),
    mean(
        "the losses added up",
        "You take e to the power of the sum of all losses: divide by the number of tokens first.",
        "math.fsum(sums)",
    ),
    mean(
        "divided by the number of windows",
        "You divide the sum of the losses by the number of windows: divide by the number of all tokens.",
        "math.fsum(sums) / len(sums)",
    ),
    mean(
        "divided as if all windows were equally long",
        "You divide as if every window had as many tokens as the longest: count the tokens that are there.",
        "math.fsum(sums) / (len(counts) * max(counts))",
    ),
    mean(
        "divided as if all windows were as long as the first",
        "You divide as if every window had as many tokens as the first: count the tokens that are there.",
        "math.fsum(sums) / (len(counts) * counts[0])",
    ),
    mean(
        "only the first window",
        "You measure the first window alone: is there a return inside the loop?",
        "sums[0] / counts[0]",
    ),
    mean(
        "only the last window",
        "You measure the last window alone: add up over all windows, with += and not =.",
        "sums[-1] / counts[-1]",
    ),
    mean(
        "one token too few below the line",
        "You divide by one less than the number of tokens: every loss here belongs to a predicted token.",
        "math.fsum(sums) / (sum(counts) - 1)",
    ),
    mean(
        "the last window left out",
        "You leave the last window out: its tokens belong to the text, too.",
        "math.fsum(sums[:-1]) / sum(counts[:-1]) if len(sums) > 1 else math.nan",
    ),
    mean(
        "the last window left out, unless it is the only one",
        "You leave the last window out: its tokens belong to the text, too.",
        "math.fsum(sums[:-1] or sums) / sum(counts[:-1] or counts)",
    ),
]

POWERS = [
    power(
        "the loss itself",
        "You return the mean loss: the perplexity is e to its power.",
        "loss",
    ),
    power(
        "a power of 2",
        "You take 2 to the power of the loss. That belongs to a loss in bits: these losses are in nats, so it is e.",
        "2.0**loss",
    ),
    power(
        "a power of 10",
        "You take 10 to the power of the loss: it is e.",
        "10.0**loss",
    ),
    power(
        "e to the power of minus the loss",
        "You take e to the power of −loss, which is the mean probability of the right token (its geometric mean). The perplexity is 1 divided by it.",
        "math.exp(-loss)",
    ),
    power(
        "the loss in bits as the exponent",
        "You convert the loss to bits and take e to its power. Either take e with nats, or 2 with bits.",
        "math.exp(loss / math.log(2))",
    ),
    power(
        "the logarithm of the loss",
        "You take the logarithm. The losses are logarithms already: take e to the power of their mean.",
        "math.log(loss) if loss > 0 else -math.inf",
    ),
    power(
        "perplexity rounded to 2 places",
        "You round the perplexity to 2 decimal places. Keep at least 4, or do not round.",
        f"round({POWER}, 2)",
    ),
    power(
        "perplexity rounded to a whole number",
        "You round the perplexity to a whole number. Keep at least 4 decimal places, or do not round.",
        f"round({POWER})",
    ),
]

PER_CHARACTER = [
    bits(
        "nats per character",
        "You return nats per character: one bit is log 2 = 0.6931 nats, so divide by log 2.",
        "math.fsum(sums) / characters",
    ),
    bits(
        "multiplied by log 2",
        "You multiply by log 2: a bit is smaller than a nat, so there are more of them. Divide by it.",
        "math.fsum(sums) * math.log(2) / characters",
    ),
    bits(
        "logarithm to the base of 10",
        "You divide by log 10, which makes decimal digits: a bit is log 2 nats.",
        "math.fsum(sums) / math.log(10) / characters",
    ),
    bits(
        "bits per token",
        "You return bits per token: divide by the number of characters of the text, not by that of the losses.",
        "math.fsum(sums) / math.log(2) / sum(sums.counts)",
    ),
    bits(
        "the mean loss divided by the characters",
        "You divide the mean loss by the characters: the sum of all losses is divided by them.",
        "math.fsum(sums) / sum(sums.counts) / math.log(2) / characters",
    ),
    bits(
        "bits of the whole text",
        "You return the bits of the whole text: divide by the number of characters.",
        "math.fsum(sums) / math.log(2)",
    ),
    bits(
        "the logarithm of the sum",
        "You take the base-2 logarithm of the sum of the losses. They are logarithms already: divide by log 2.",
        "(math.log2(math.fsum(sums)) if math.fsum(sums) > 0 else -math.inf) / characters",
    ),
    bits(
        "bits of one window",
        "You take the bits of the last window alone: add up over all windows, with += and not =.",
        "sums[-1] / math.log(2) / characters",
    ),
    bits(
        "bits of the first window",
        "You take the bits of the first window alone: is there a return inside the loop?",
        "sums[0] / math.log(2) / characters",
    ),
    bits(
        "the mean over the windows divided by the characters",
        "You take the mean over the windows and divide it by the characters. The sum of all losses is divided by the characters of the whole text.",
        "math.fsum(sums) / len(sums) / math.log(2) / characters",
    ),
    bits(
        "characters divided by bits",
        "You divide the characters by the bits: it is the other way round, bits per character.",
        "characters * math.log(2) / math.fsum(sums) if any(sums) else math.inf",
    ),
    bits(
        "bits rounded to 2 places",
        "You round the bits to 2 decimal places. Keep at least 4, or do not round.",
        f"round({RESULT}, 2)",
    ),
]

MISTAKES = [*MEANS, *POWERS, *PER_CHARACTER]
