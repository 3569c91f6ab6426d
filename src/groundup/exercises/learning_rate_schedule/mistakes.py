"""What goes wrong in a schedule of the learning rate: the warm-up, the fall, its ends."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

RISE = "return peak * step / warm_up"
ALONG = "along = (step - warm_up) / (steps - warm_up)"
FALL = "return lowest + (peak - lowest) * (1 + math.cos(math.pi * along)) / 2"
TEST = "if step < warm_up:"


def wrong(name: str, says: str, *edits: tuple[str, str]) -> Mistake:
    """Return a mistake in the schedule."""
    return Mistake(name, says, [Edit(old, new, "learning_rate") for old, new in edits])


MISTAKES = [
    wrong(
        "no warm-up",
        "Your rate is the peak during the warm-up. It rises from 0: peak * step / warm_up.",
        (RISE, "return peak"),
    ),
    wrong(
        "divided by a warm-up of 0",
        "With warm_up = 0 you divide by 0 at step 0. There is no warm-up then: ask for step < warm_up, not for step <= warm_up.",
        (TEST, "if step <= warm_up:"),
    ),
    wrong(
        "the cosine counted from step 0",
        "Your fall begins at step 0. It begins at the end of the warm-up: along = (step − warm_up) / (steps − warm_up).",
        (ALONG, "along = step / steps"),
    ),
    wrong(
        "divided by all steps",
        "Your fall is not at its end at the last step: it lasts steps − warm_up steps.",
        (ALONG, "along = (step - warm_up) / steps"),
    ),
    wrong(
        "warm-up not subtracted from the step",
        "Your fall does not begin at the peak: along is 0 at the end of the warm-up, (step − warm_up) / (steps − warm_up).",
        (ALONG, "along = step / (steps - warm_up)"),
    ),
    wrong(
        "the cosine not halved",
        "(1 + cos) goes from 2 to 0. Divide it by 2.",
        (FALL, FALL.removesuffix(" / 2")),
    ),
    wrong(
        "the cosine without 1 +",
        "cos goes from 1 to −1, so your rate falls below the lowest. (1 + cos) / 2 goes from 1 to 0.",
        (FALL, "return lowest + (peak - lowest) * math.cos(math.pi * along)"),
    ),
    wrong(
        "a quarter of a wave",
        "You use a quarter of a wave, cos(π/2 * along). Half a wave is asked for: (1 + cos(π * along)) / 2.",
        (FALL, "return lowest + (peak - lowest) * math.cos(math.pi / 2 * along)"),
    ),
    wrong(
        "a whole wave",
        "Your rate falls and rises again: cos(2π * along) is a whole wave. Half a wave is cos(π * along).",
        (FALL, FALL.replace("math.pi * along", "2 * math.pi * along")),
    ),
    wrong(
        "π left out",
        "π is missing: the cosine's angle goes from 0 to π.",
        (FALL, FALL.replace("math.pi * along", "along")),
    ),
    wrong(
        "degrees instead of radians",
        "You give the cosine degrees. It takes radians: π * along, not 180 * along.",
        (FALL, FALL.replace("math.pi * along", "180 * along")),
    ),
    wrong(
        "sine instead of cosine",
        "You use the sine. The cosine goes from 1 to −1.",
        (FALL, FALL.replace("math.cos", "math.sin")),
    ),
    wrong(
        "1 − cos",
        "Your rate rises after the warm-up. 1 + cos falls; 1 − cos rises.",
        (FALL, FALL.replace("1 + math.cos", "1 - math.cos")),
    ),
    wrong(
        "a straight line down",
        "Your rate falls along a straight line. Half a cosine is asked for.",
        (FALL, "return lowest + (peak - lowest) * (1 - along)"),
    ),
    wrong(
        "no fall",
        "Your rate stays at the peak after the warm-up.",
        (FALL, "return peak"),
    ),
    wrong(
        "falls to 0",
        "Your rate falls to 0. It ends at lowest: lowest + (peak − lowest) * ….",
        (FALL, "return peak * (1 + math.cos(math.pi * along)) / 2"),
    ),
    wrong(
        "falls to 0, cut off at lowest",
        "Your curve aims at 0 and is cut off at lowest. The whole cosine lies between peak and lowest.",
        (FALL, "return max(lowest, peak * (1 + math.cos(math.pi * along)) / 2)"),
    ),
    wrong(
        "lowest not subtracted from the peak",
        "Your rate is too large after the warm-up, by lowest: what falls is peak − lowest.",
        (FALL, FALL.replace("(peak - lowest)", "peak")),
    ),
    wrong(
        "lowest not added",
        "Your rate falls to 0: lowest is missing in front of the sum.",
        (FALL, FALL.replace("lowest + ", "")),
    ),
    wrong(
        "the warm-up begins at lowest",
        "Your warm-up begins at lowest. It begins at 0.",
        (RISE, "return lowest + (peak - lowest) * step / warm_up"),
    ),
    wrong(
        "the warm-up one step ahead",
        "Your warm-up is one step ahead: at step 0 the rate is 0, not peak / warm_up.",
        (RISE, "return peak * (step + 1) / warm_up"),
    ),
    wrong(
        "the warm-up a share of all steps",
        "You divide the step by all steps in the warm-up. It reaches the peak after warm_up steps.",
        (RISE, "return peak * step / steps"),
    ),
    wrong(
        "the warm-up along a cosine",
        "Your warm-up follows a cosine. It is a straight line: peak * step / warm_up.",
        (RISE, "return peak * (1 - math.cos(math.pi * step / warm_up)) / 2"),
    ),
    wrong(
        "the peak left out of the warm-up",
        "Your warm-up returns a share from 0 to 1. Multiply it by the peak.",
        (RISE, "return step / warm_up"),
    ),
    wrong(
        "cut to whole numbers",
        "`//` cuts the quotient to a whole number. Divide with `/`.",
        (RISE, "return peak * (step // warm_up)"),
        (ALONG, ALONG.replace("/", "//")),
    ),
    wrong(
        "rounded to 4 places",
        "You round to 4 places. Learning rates are small: nothing is rounded here.",
        (RISE, "return round(peak * step / warm_up, 4)"),
        (FALL, f"return round({FALL.removeprefix('return ')}, 4)"),
    ),
]
