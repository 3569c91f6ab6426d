"""The known mistakes in rotary positions, as edits of `groundup.steps.c6_gpt.positions`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

POSITIONS = "groundup.steps.c6_gpt.positions"
ANGLES, ROTATE = "place_angles", "rotate"
PAIRS = "torch.arange(0, channel, 2, dtype=torch.float32, device=places.device)"
RATES = f"1.0 / base ** ({PAIRS} / channel)"
PRODUCT = "places[:, None].float() * rates"
TURNED = "torch.cat([-second, first], dim=-1)"
RESULT = f"x * cosines + {TURNED} * sines"


def rate_edit(new: str) -> Edit:
    """Return an edit of how fast each pair is rotated, in double precision, since rates may be large."""
    return Edit(RATES, new.replace("PAIRS", PAIRS.replace("float32", "float64")), ANGLES)


def angle_edit(new: str) -> Edit:
    """Return an edit of the angles that are returned."""
    return Edit(PRODUCT, new, ANGLES)


def turn_edit(new: str) -> Edit:
    """Return an edit of which halves the sines multiply."""
    return Edit(TURNED, new, ROTATE, POSITIONS)


def result_edit(new: str) -> Edit:
    """Return an edit of the rotated vectors."""
    return Edit(f"return {RESULT}", f"return {new}", ROTATE)


RATE = [
    Mistake(
        "base fixed at 10000",
        "You always take 10000, whatever base is asked for: use the argument.",
        [Edit("1.0 / base **", "1.0 / 10000.0 **", ANGLES)],
    ),
    Mistake(
        "exponent halved",
        "Your exponent is i/d for pair i. It is 2i/d, the index of the pair's first channel, counted in pairs of two, divided by d = {d}.",
        [rate_edit("1.0 / base ** (PAIRS / (2 * channel))")],
    ),
    Mistake(
        "exponent doubled",
        "Your exponent is 4i/d for pair i. If you count 0, 2, 4, …, the number is 2i already: do not double it again.",
        [rate_edit("1.0 / base ** (2 * PAIRS / channel)")],
    ),
    Mistake(
        "exponent not divided by the width",
        "Your exponent is 2i: divide it by d = {d}.",
        [rate_edit("1.0 / base**PAIRS")],
    ),
    Mistake(
        "exponent over d − 2",
        "Your exponent is 2i / (d − 2), so that the last pair has 1. Divide by d = {d}.",
        [rate_edit("1.0 / base ** (PAIRS / max(channel - 2, 1))")],
    ),
    Mistake(
        "multiplied by the power of the base",
        "You multiply the position by base^(2i/d): divide by it. Later pairs turn more slowly, not faster.",
        [rate_edit("1.0 * base ** (PAIRS / channel)")],
    ),
    Mistake(
        "product instead of a power",
        "You multiply the base by 2i/d: raise it to this power, base ** (2 * i / d).",
        [rate_edit("1.0 / (base * PAIRS / channel)")],
    ),
    Mistake(
        "every pair alike",
        "All your pairs turn at one speed: pair i turns by position / base^(2i/d). Did you write 2 * i // d? It divides "
        "whole numbers, and gives 0 for every pair.",
        [rate_edit("1.0 / base ** (0 * PAIRS)")],
    ),
    Mistake(
        "pairs from 1",
        "Your first pair has the exponent 2/d: pairs are counted from 0, so the angle of the first is the position itself.",
        [rate_edit("1.0 / base ** ((PAIRS + 2) / channel)")],
    ),
    Mistake(
        "pairs backwards",
        "Your slowest pair comes first: pair 0 has the exponent 0, and the later ones turn more slowly.",
        [rate_edit("1.0 / base ** (PAIRS.flip(0) / channel)")],
    ),
    Mistake(
        "an angle per channel",
        "You return an angle for each of the d = {d} channels: there is one for each pair of channels, d/2 in all.",
        [Edit("torch.arange(0, channel, 2,", "torch.arange(0, channel, 1,", ANGLES)],
    ),
]

ANGLE = [
    Mistake(
        "every angle twice",
        "You return every angle twice, shape (T, d). There is one per pair, shape (T, d/2): rotate uses it for both channels.",
        [angle_edit(f"torch.cat([{PRODUCT}, {PRODUCT}], dim=-1)")],
    ),
    Mistake(
        "positions counted from 0",
        "You count the positions from 0 and do not look at those that are given: a text that goes on in a cache begins later.",
        [angle_edit("torch.arange(len(places))[:, None].float() * rates")],
    ),
    Mistake(
        "positions counted from 1",
        "Your angles belong to the next position. Multiply the position as it is given, without + 1.",
        [angle_edit("(places[:, None].float() + 1) * rates")],
    ),
    Mistake(
        "positions divided by the length",
        "You divide the positions by T = {T}: an angle must not depend on how long the text is.",
        [angle_edit(f"{PRODUCT} / len(places)")],
    ),
    Mistake(
        "degrees",
        "You convert the angles between radians and degrees: they are radians, as torch.sin wants them.",
        [angle_edit(f"{PRODUCT} * (180 / torch.pi)")],
    ),
    Mistake(
        "times 2π",
        "You multiply the angles by 2π: an angle is position / base^(2i/d) itself.",
        [angle_edit(f"{PRODUCT} * (2 * torch.pi)")],
    ),
    Mistake(
        "positions added instead of multiplied",
        "You add the position and the speed of the pair: multiply them.",
        [angle_edit("places[:, None].float() + rates")],
    ),
    Mistake(
        "angles transposed",
        "Your angles are transposed: a row per position (T = {T}), a column per pair.",
        [angle_edit(f"({PRODUCT}).T")],
    ),
    Mistake(
        "sines instead of angles",
        "You return the sines of the angles. Return the angles: rotate takes their sines and cosines.",
        [angle_edit(f"({PRODUCT}).sin()")],
    ),
]

# The block of today's models has them inside.
TURNS = [
    Mistake(
        "rotated the other way",
        "You rotate by the negative angle. The first half gets −(second half), and the second half gets the first; this is "
        "added, not subtracted. The same happens if you exchange cosines and sines.",
        [turn_edit("torch.cat([second, -first], dim=-1)")],
    ),
    Mistake(
        "neighboring channels rotated",
        "You rotate the pairs (i, i + 1). The pairs here are (i, i + d/2), with d = {d}: [−second half, first half].",
        [turn_edit("torch.stack([-x[..., 1::2], x[..., ::2]], dim=-1).flatten(-2)")],
    ),
    Mistake(
        "neighboring channels rotated, each pair by its angle",
        "You rotate the pairs (2i, 2i + 1). The pairs here are (i, i + d/2), with d = {d}: split the vector into its two halves.",
        [
            Edit(
                f"return {RESULT}",
                "return (lambda a, b, c, s: torch.stack([a * c - b * s, b * c + a * s], dim=-1).flatten(-2))("
                "x[..., ::2], x[..., 1::2], cosines.chunk(2, dim=-1)[0], sines.chunk(2, dim=-1)[0])",
                ROTATE,
                POSITIONS,
            )
        ],
    ),
    Mistake(
        "both halves swapped without a sign",
        "You swap the halves, but neither changes its sign: a rotation is [−second half, first half].",
        [turn_edit("torch.cat([second, first], dim=-1)")],
    ),
    Mistake(
        "both halves with a minus",
        "You change the sign of both halves: a rotation is [−second half, first half].",
        [turn_edit("torch.cat([-second, -first], dim=-1)")],
    ),
    Mistake(
        "halves not swapped",
        "You multiply the same halves by cosines and sines. Swap the halves for the sines: [−second half, first half].",
        [turn_edit("torch.cat([first, second], dim=-1)")],
    ),
    Mistake(
        "halves not swapped, the first with a minus",
        "You do not swap the halves for the sines: they are [−second half, first half].",
        [turn_edit("torch.cat([-first, second], dim=-1)")],
    ),
    Mistake(
        "cosines forgotten",
        "You add the sines' part to z itself: z · cosines + [−second half, first half] · sines.",
        [Edit("x * cosines", "x", "rotate", POSITIONS)],
    ),
    Mistake(
        "sines forgotten",
        "You multiply by the cosines only: z · cosines + [−second half, first half] · sines.",
        [Edit(f" + {TURNED} * sines", "", "rotate", POSITIONS)],
    ),
]

ROTATIONS = [
    Mistake(
        "sines and cosines exchanged",
        "You multiply z by the sines and the swapped halves by the cosines: it is the other way round. At position 0 nothing turns.",
        [result_edit(f"x * sines + {TURNED} * cosines")],
    ),
    Mistake(
        "the new first half used for the second",
        "You compute the second half from the new first half. Both come from the old halves: keep them until both are computed.",
        [
            result_edit(
                "torch.cat([first * cosines.chunk(2, -1)[0] - second * sines.chunk(2, -1)[0], second * cosines.chunk(2, -1)[0]"
                " + (first * cosines.chunk(2, -1)[0] - second * sines.chunk(2, -1)[0]) * sines.chunk(2, -1)[0]], dim=-1)"
            )
        ],
    ),
    Mistake(
        "halves joined in the wrong order",
        "Your rotated halves are exchanged: the first half of the result comes first.",
        [result_edit(f"({RESULT}).roll(x.shape[-1] // 2, dims=-1)")],
    ),
    Mistake(
        "halves joined alternately",
        "You put the results of a pair next to each other. The pairs here are (i, i + d/2): join the two halves with torch.cat.",
        [result_edit(f"({RESULT}).unflatten(-1, (2, -1)).transpose(-1, -2).flatten(-2)")],
    ),
    Mistake(
        "only the first half",
        "You return the first half of the rotated vectors: join both halves, d = {d} channels.",
        [result_edit(f"({RESULT}).chunk(2, dim=-1)[0]")],
    ),
    Mistake(
        "the first angles for every position",
        "You rotate every vector by the angles of the first: row t of the angles belongs to token t.",
        [result_edit(f"x * cosines[:1] + {TURNED} * sines[:1]")],
    ),
    Mistake(
        "the last token not rotated",
        "You do not rotate the last token: does a loop end one too early?",
        [result_edit(f"torch.cat([({RESULT})[..., :-1, :], x[..., -1:, :]], dim=-2)")],
    ),
    Mistake(
        "lengths brought to 1",
        "You divide the vectors by their lengths: a rotation keeps every length as it is.",
        [result_edit(f"torch.nn.functional.normalize({RESULT}, dim=-1)")],
    ),
    Mistake(
        "z added to the result",
        "You add z to the rotated vectors: return them alone.",
        [result_edit(f"{RESULT} + x")],
    ),
    Mistake(
        "z changed in place",
        "You write the result into the tensor that is passed in: code that uses it afterwards gets a rotated z. Make a new one.",
        [result_edit(f"x.copy_({RESULT})")],
    ),
    Mistake(
        "no gradient",
        "The values are right, but no gradient comes through: queries and keys would never learn. Look for detach(), no_grad(), "
        "numpy() or a new tensor made of old values.",
        [result_edit(f"({RESULT}).detach()")],
    ),
]

MISTAKES = [*RATE, *ANGLE, *TURNS, *ROTATIONS]
