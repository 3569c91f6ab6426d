"""The known mistakes in quantisation, as edits of `groundup.steps.c7_beyond.quantisation`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

QUANTISE, DEQUANTISE, LINEAR = "quantise", "dequantise", "quantised_linear"
SCALES = "weight.abs().amax(dim=1) / largest"
DIVIDED = "weight / divisors[:, None]"
ROUNDED = f"torch.round({DIVIDED})"
NUMBERS = f"{ROUNDED}.to(torch.int8)"
PRODUCT = "x @ numbers.to(x.dtype).T * scales"
RESULT = "y if bias is None else y + bias"


def wrong(within: str, name: str, says: str, *pairs: tuple[str, str]) -> Mistake:
    """Return a mistake of what stands in a function and what stands there instead."""
    return Mistake(name, says, [Edit(old, new, within) for old, new in pairs])


MISTAKES = [
    wrong(
        QUANTISE,
        "one scale for the whole matrix",
        "All rows have the scale of the largest weight of all. Look for the largest size in each row (dim=1): a row of small weights would be rounded to nothing otherwise.",
        (SCALES, "(weight.abs().amax() / largest).expand(weight.shape[0])"),
    ),
    wrong(
        QUANTISE,
        "the average scale of all rows",
        "You average over the rows. Each row keeps a scale of its own.",
        (SCALES, "(weight.abs().amax(dim=1) / largest).mean().expand(weight.shape[0])"),
    ),
    wrong(
        QUANTISE,
        "the largest number instead of the largest size, a scale below 0 used",
        "You take the largest weight with its sign. If the largest size is that of a negative weight, its quotient is below −127. Take the size first: abs().",
        ("weight.abs().amax(dim=1)", "weight.amax(dim=1)"),
        ("scales > 0", "scales != 0"),
    ),
    wrong(
        QUANTISE,
        "10⁻⁵ added to the scale",
        "You add 10⁻⁵ to the scale. Rows of small weights lose most of their numbers by it, and a row of zeros has a scale that is not 0. Treat rows of zeros apart.",
        (SCALES, f"{SCALES} + 1e-5"),
    ),
    wrong(
        QUANTISE,
        "divided by 128",
        "You divide by 128, so the largest weight becomes 128, which int8 does not hold: it comes out as −128. Divide by 127.",
        (SCALES, "weight.abs().amax(dim=1) / 128"),
    ),
    wrong(
        QUANTISE,
        "divided by 128, and cut off at 127",
        "You divide by 128, so the largest weight becomes 128, which int8 does not hold: you cut it off. Divide by 127, and it fits.",
        (SCALES, "weight.abs().amax(dim=1) / 128"),
        (ROUNDED, f"{ROUNDED}.clamp(-127, 127)"),
    ),
    wrong(
        QUANTISE,
        "divided by 255",
        "You divide by 255, as if the numbers went from 0 to 255. int8 goes to 127: larger quotients come out wrong.",
        (SCALES, "weight.abs().amax(dim=1) / 255"),
    ),
    wrong(
        QUANTISE,
        "the largest number instead of the largest size",
        "You take the largest weight with its sign. If the largest size is that of a negative weight, its quotient is below −127. Take the size first: abs().",
        ("weight.abs().amax(dim=1)", "weight.amax(dim=1)"),
    ),
    wrong(
        QUANTISE,
        "the largest number instead of the largest size, and cut off at 127",
        "You take the largest weight with its sign. If the largest size is that of a negative weight, its quotient is below −127. Take the size first: abs().",
        ("weight.abs().amax(dim=1)", "weight.amax(dim=1)"),
        ("scales > 0", "scales != 0"),
        (ROUNDED, f"{ROUNDED}.clamp(-127, 127)"),
    ),
    wrong(
        QUANTISE,
        "the average size instead of the largest",
        "The scale is made from the average size of a row. Then the larger weights have quotients beyond 127, which int8 does not hold: take the largest size.",
        ("weight.abs().amax(dim=1)", "weight.abs().mean(dim=1)"),
    ),
    wrong(
        QUANTISE,
        "the span of the row instead of its largest size",
        "You take the distance from the smallest to the largest weight. Here 0 stays 0, and the numbers are as many on both sides: take the largest size.",
        ("weight.abs().amax(dim=1)", "(weight.amax(dim=1) - weight.amin(dim=1))"),
    ),
    wrong(
        QUANTISE,
        "cut off instead of rounded",
        "You cut the fraction off (int8 does so by itself): weights move by up to a whole scale, and all towards 0. Round first.",
        (ROUNDED, f"torch.trunc({DIVIDED})"),
    ),
    wrong(
        QUANTISE,
        "rounded down",
        "You round down (floor): all weights become smaller, by up to a whole scale. Round to the nearest number.",
        (ROUNDED, f"torch.floor({DIVIDED})"),
    ),
    wrong(
        QUANTISE,
        "rounded up",
        "You round up (ceil): all weights become larger, by up to a whole scale. Round to the nearest number.",
        (ROUNDED, f"torch.ceil({DIVIDED})"),
    ),
    wrong(
        QUANTISE,
        "left as floats",
        "The numbers are whole, but still floats of 32 bits: nothing becomes smaller. Convert them: .to(torch.int8).",
        (NUMBERS, ROUNDED),
    ),
    wrong(
        QUANTISE,
        "whole numbers of more than 8 bits",
        "The numbers are right, but they are of int32, which takes 4 bytes each: convert them to torch.int8.",
        ("torch.int8", "torch.int32"),
    ),
    wrong(
        QUANTISE,
        "ε added to the scale",
        "You add a small number to the scale before you divide, so rows of small weights come out smaller than they are. Treat a row of zeros by itself.",
        (DIVIDED, "weight / (scales + 1e-6)[:, None]"),
    ),
    wrong(
        QUANTISE,
        "a row of zeros with the scale 1",
        "A row of zeros comes back with the scale 1. You may divide by 1 there, but its scale is 0: return the scales from before.",
        ("torch.int8), scales", "torch.int8), divisors"),
    ),
    wrong(
        QUANTISE,
        "the scale turned over",
        "You return 127 / largest size, by which one multiplies to get the whole numbers. The scale leads back from them: largest size / 127.",
        ("torch.int8), scales", "torch.int8), 1 / divisors"),
    ),
    wrong(
        QUANTISE,
        "the largest sizes returned as scales",
        "You return the largest size of each row. The scale is a 127th of it.",
        ("torch.int8), scales", "torch.int8), scales * largest"),
    ),
    wrong(
        QUANTISE,
        "scales of shape (nodes, 1)",
        "The scales come back with shape (nodes, 1). They are asked for with shape (nodes,): without keepdim.",
        ("torch.int8), scales", "torch.int8), scales[:, None]"),
    ),
    wrong(
        DEQUANTISE,
        "scales along the columns",
        "You multiply column j by scale j. A scale belongs to a row: scales[:, None] has one row per node.",
        ("scales[:, None]", "scales"),
    ),
    wrong(
        DEQUANTISE,
        "divided by the scale",
        "You divide by the scale. Quantising divides; the way back multiplies.",
        ("numbers * scales[:, None]", "numbers / scales[:, None]"),
    ),
    wrong(
        DEQUANTISE,
        "the scale forgotten on the way back",
        "You return the whole numbers themselves: multiply each row by its scale.",
        ("numbers * scales[:, None]", "numbers.to(scales.dtype)"),
    ),
    wrong(
        DEQUANTISE,
        "multiplied by the largest number, too",
        "You multiply by the scale and by 127. The scale has been divided by 127 already: multiply by it alone.",
        ("numbers * scales[:, None]", "numbers * scales[:, None] * 127"),
    ),
    wrong(
        LINEAR,
        "the scale forgotten in the layer",
        "The layer multiplies by the whole numbers, but not by the scales: each node's sum takes its own scale.",
        (PRODUCT, "x @ numbers.to(x.dtype).T"),
    ),
    wrong(
        LINEAR,
        "the bias scaled as well",
        "You add the bias before you multiply by the scale. The bias was not quantised: scale the sum alone, then add the bias.",
        (PRODUCT, "x @ numbers.to(x.dtype).T"),
        (RESULT, "y * scales if bias is None else (y + bias) * scales"),
    ),
    wrong(
        LINEAR,
        "the scales on the inputs",
        "You multiply the inputs by the scales. A scale belongs to a node, which is a column of the result: multiply after the product.",
        (PRODUCT, "(x * scales) @ numbers.to(x.dtype).T"),
    ),
    wrong(
        LINEAR,
        "the numbers not transposed",
        "You multiply by the matrix without transposing it. Its rows are the nodes ({nodes}), its columns the features ({features}).",
        ("numbers.to(x.dtype).T", "numbers.to(x.dtype)"),
    ),
    wrong(
        LINEAR,
        "bias left out of the quantised layer",
        "The bias is missing: every node adds a number of its own to its scaled sum.",
        (RESULT, "y"),
    ),
    wrong(
        LINEAR,
        "bias subtracted from the scaled sum",
        "You subtract the bias. A node adds it.",
        (RESULT, "y if bias is None else y - bias"),
    ),
    wrong(
        LINEAR,
        "the input rounded",
        "You round the input to whole numbers, too. Only the weights are quantised: convert them to the input's dtype, not the input to theirs.",
        (PRODUCT, "torch.round(x) @ numbers.to(x.dtype).T * scales"),
    ),
    wrong(
        LINEAR,
        "scaled twice",
        "You multiply by the scale twice, perhaps on the numbers and on the sum. Once is enough.",
        (PRODUCT, f"{PRODUCT} * scales"),
    ),
    wrong(
        LINEAR,
        "divided by the scale in the layer",
        "You divide the sums by the scales. Quantising divides; the layer multiplies.",
        (PRODUCT, "x @ numbers.to(x.dtype).T / scales"),
    ),
    wrong(
        LINEAR,
        "x cut to whole numbers",
        "You make x whole numbers, too, so that its fractions are lost. Only the weights are quantised: make floats of their numbers instead.",
        ("x @ numbers", "x.trunc() @ numbers"),
    ),
]
