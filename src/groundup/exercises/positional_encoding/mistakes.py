"""The known mistakes in sinusoidal positions, as edits of `groundup.steps.c6_gpt.positions`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

TABLE, ANGLES = "sinusoidal_positions", "place_angles"
CALL = "angles = place_angles(torch.arange(time), channel, base)"
WAVES = "torch.stack([angles.sin(), angles.cos()], dim=-1)"
FLAT = f"{WAVES}.flatten(-2)"
PAIRS = "torch.arange(0, channel, 2, dtype=torch.float32, device=places.device)"
RATES = f"rates = 1.0 / base ** ({PAIRS} / channel)"
PLACES = "places[:, None].float() * rates"
BRACKETS = (
    "Python reads p / 10000**2*i/C as ((p / 10000²) * i) / C, since a power binds more tightly than a product. "
    "Put the exponent in brackets, and what the position is divided by as well."
)


def table(old: str, new: str) -> Edit:
    """Return an edit of the table."""
    return Edit(old, new, TABLE)


def rates(new: str) -> list[Edit]:
    """Return the edit that makes other rates; in double precision, since they may be large."""
    return [Edit(RATES, f"half = torch.arange(channel // 2, dtype=torch.float64)\n    rates = {new}", ANGLES)]


def change_base(value: str) -> Mistake:
    """Return the mistake of another base."""
    return Mistake(
        f"base {value}",
        f"Your waves use {value}: the base of the powers is 10000.",
        [table(CALL, f"angles = place_angles(torch.arange(time), channel, {value}.0)")],
    )


def round_to(places: int) -> Mistake:
    """Return the mistake of rounding too much."""
    return Mistake(
        f"rounded to {places} places",
        f"You round the table to {places} decimal places. Keep at least 5, or do not round.",
        [table(FLAT, f"{FLAT}.round(decimals={places})")],
    )


WHERE = [
    Mistake(
        "sine and cosine exchanged",
        "Even columns hold sines and odd ones cosines: you have them the other way round, as position 0 shows "
        "(it is 0, 1, 0, 1, …).",
        [table("angles.sin(), angles.cos()", "angles.cos(), angles.sin()")],
    ),
    Mistake(
        "all sines first, then all cosines",
        "You put the sines in the first half and the cosines in the second. Here they alternate: column 2i is a "
        "sine, 2i + 1 its cosine.",
        [table(FLAT, "torch.cat([angles.sin(), angles.cos()], dim=-1)")],
    ),
    Mistake(
        "all cosines first, then all sines",
        "You put the cosines in the first half and the sines in the second. Here they alternate: column 2i is a "
        "sine, 2i + 1 its cosine.",
        [table(FLAT, "torch.cat([angles.cos(), angles.sin()], dim=-1)")],
    ),
    Mistake(
        "sines only",
        "All your columns are sines: the odd ones are cosines.",
        [table("angles.cos()]", "angles.sin()]")],
    ),
    Mistake(
        "cosines only",
        "All your columns are cosines: the even ones are sines.",
        [table("[angles.sin()", "[angles.cos()")],
    ),
    Mistake(
        "odd columns left 0",
        "Your odd columns are 0: they hold the cosines.",
        [table("angles.cos()", "torch.zeros_like(angles)")],
    ),
    Mistake(
        "even columns left 0",
        "Your even columns are 0: they hold the sines.",
        [table("angles.sin()", "torch.zeros_like(angles)")],
    ),
    Mistake(
        "the last pair of columns left 0",
        "Your last two columns are 0: the loop over the pairs ends one too early. There are C/2 of them.",
        [table(FLAT, f"({FLAT} * (torch.arange(channel) < channel - 2))")],
    ),
    Mistake(
        "the first position left 0",
        "Your first row is 0: position 0 has sines of 0, which are 0, and cosines of 0, which are 1.",
        [table(FLAT, f"({FLAT} * (torch.arange(time) > 0)[:, None])")],
    ),
    Mistake(
        "the last position left 0",
        "Your last row is 0: the loop over the positions ends one too early. There are T = {T} of them.",
        [table(FLAT, f"({FLAT} * (torch.arange(time) < time - 1)[:, None])")],
    ),
    Mistake(
        "sine at even positions, cosine at odd ones",
        "You choose between sine and cosine by the position: it is the column that decides, even ones are sines.",
        [
            table(
                FLAT,
                "torch.where(torch.arange(time)[:, None] % 2 == 0, angles.sin(), angles.cos()).repeat_interleave(2, -1)",
            )
        ],
    ),
    Mistake(
        "transposed",
        "Your table is transposed. It needs one row for each of the T = {T} positions, and C = {C} columns.",
        [table(".flatten(-2)", ".flatten(-2).T")],
    ),
    Mistake(
        "a dimension in front",
        "Your table has a batch dimension in front, (1, T, C): its shape is (T, C).",
        [table(".flatten(-2)", ".flatten(-2)[None]")],
    ),
    Mistake(
        "a dimension in the middle",
        "Your table has a batch dimension in the middle, (T, 1, C): its shape is (T, C).",
        [table(".flatten(-2)", ".flatten(-2)[:, None]")],
    ),
    Mistake(
        "pairs not laid side by side",
        "Your table has the shape (T, C/2, 2): join the pairs side by side, (T, C).",
        [table(FLAT, WAVES)],
    ),
    Mistake(
        "not an angle but the position",
        "You return the angles themselves: take their sines and cosines.",
        [table(WAVES, "torch.stack([angles, angles], dim=-1)")],
    ),
]

PLACE = [
    Mistake(
        "positions from 1",
        "You count the positions from 1: the first has position 0.",
        [table("torch.arange(time)", "torch.arange(1, time + 1)")],
    ),
    Mistake(
        "positions divided by their number",
        "You divide the positions by T = {T}. Use the position itself: its row must not depend on how long the "
        "text is.",
        [table("torch.arange(time)", "torch.arange(time) / time")],
    ),
    Mistake(
        "positions backwards",
        "You count the positions backwards: the first row has position 0.",
        [table("torch.arange(time)", "torch.arange(time).flip(0)")],
    ),
    Mistake(
        "degrees",
        "You take the angle for degrees and convert it: it is in radians, as np.sin wants it.",
        [Edit(PLACES, f"{PLACES} * (torch.pi / 180)", ANGLES)],
    ),
    Mistake(
        "times 2π",
        "You multiply the angle by 2π: it is p / 10000^(2i/C) itself.",
        [Edit(PLACES, f"{PLACES} * (2 * torch.pi)", ANGLES)],
    ),
    Mistake(
        "position and pair exchanged",
        "You put the position in the exponent and divide the index of the pair. The angle is position / 10000^(2i/C).",
        [
            Edit(RATES, "", ANGLES),
            Edit(PLACES, f"{PAIRS} / 2 / base ** (2 * places[:, None].double() / channel)", ANGLES),
        ],
    ),
]

EXPONENT = [
    *map(change_base, ("1000", "100000", "10", "1024", "20000", "500000")),
    Mistake(
        "every pair of columns the same wave",
        "All your columns turn at one speed: pair i turns with 10000^(−2i/C). Did you write 2 * i // C? It "
        "divides whole numbers, and gives 0 for every pair.",
        [table(CALL, "angles = place_angles(torch.arange(time), channel, 1.0)")],
    ),
    Mistake(
        "exponent halved",
        "Your exponent is i/C for pair i (or your base is 100, which is the same). It is 2i/C, the index of the "
        "pair's first column divided by C, and the base is 10000.",
        [table(CALL, "angles = place_angles(torch.arange(time), channel, base**0.5)")],
    ),
    Mistake(
        "exponent doubled",
        "Your exponent is 4i/C for pair i. If your loop runs over the even columns 0, 2, 4, …, its variable is "
        "2i already: do not double it again.",
        [Edit("/ channel)", "* 2 / channel)", ANGLES)],
    ),
    Mistake(
        "exponents over C/2 − 1",
        "Your exponent is i / (C/2 − 1), so that the last pair has 1. It is 2i/C.",
        rates("1.0 / base ** (half / (channel // 2 - 1))"),
    ),
    Mistake(
        "exponents over C/2 − 1, with 1 for a single pair",
        "Your exponent is i / (C/2 − 1), so that the last pair has 1. It is 2i/C.",
        rates("1.0 / base ** (half / max(channel // 2 - 1, 1))"),
    ),
    Mistake(
        "exponents over C − 1",
        "Your exponent is 2i / (C − 1): divide by C.",
        rates("1.0 / base ** (2 * half / (channel - 1))"),
    ),
    Mistake(
        "exponents over C + 1",
        "Your exponent is 2i / (C + 1): divide by C.",
        rates("1.0 / base ** (2 * half / (channel + 1))"),
    ),
    Mistake(
        "exponents over T",
        "Your exponent divides by T = {T}, the number of positions: divide by C = {C}, the width.",
        [table(CALL, "angles = torch.arange(time)[:, None] / base ** (torch.arange(0, channel, 2).double() / time)")],
    ),
    Mistake(
        "exponent 2i, not divided",
        "Your exponent is 2i: divide it by C = {C}.",
        rates("1.0 / base ** (2 * half)"),
    ),
    Mistake(
        "exponent i, not divided",
        "Your exponent is i: it is 2i/C.",
        rates("1.0 / base**half"),
    ),
    Mistake(
        "pairs from 1",
        "Your first pair has the exponent 2/C: pairs are counted from 0, so the first one's angle is the "
        "position itself.",
        [Edit("torch.arange(0, channel, 2", "torch.arange(2, channel + 2, 2", ANGLES)],
    ),
    Mistake(
        "pairs one column late",
        "Your exponent is (2i + 1)/C: it is 2i/C, for the cosine, too.",
        rates("1.0 / base ** ((2 * half + 1) / channel)"),
    ),
    Mistake(
        "pairs backwards",
        "Your slowest wave comes first: pair 0 has the exponent 0, and the later ones are slower.",
        rates("1.0 / base ** (2 * half.flip(0) / channel)"),
    ),
    Mistake(
        "multiplied by the power of 10000",
        "You multiply the position by 10000^(2i/C): divide by it. Later pairs turn more slowly, not faster.",
        [
            Edit("1.0 / base ** (", "1.0 * base ** (", ANGLES),
            Edit("torch.float32", "torch.float64", ANGLES),
            Edit(".float()", ".double()", ANGLES),
        ],
    ),
    Mistake(
        "all rows alike",
        f"All your rows are nearly the first one: the angles are next to 0. {BRACKETS}",
        rates("half / base**2 / channel"),
    ),
    Mistake(
        "the width outside the exponent",
        "You divide by C = {C} after raising to the power of 2i: the exponent is 2i/C, all of it. Put it in brackets.",
        [Edit("device=places.device) / channel)", "device=places.device)) / channel", ANGLES)],
    ),
    Mistake(
        "the power divided by the width",
        "You divide 10000^(2i) by C = {C}: the exponent is 2i/C, all of it. Put it in brackets.",
        rates("channel / base ** (2 * half)"),
    ),
    Mistake(
        "product instead of power",
        "You multiply 10000 by 2i/C: it is 10000 to the power of 2i/C.",
        rates("1.0 / (base * 2 * half / channel)"),
    ),
    Mistake(
        "e to the power instead of 10000",
        "You take e to the power of −2i/C: the base is 10000. With exp, multiply the exponent by ln 10000.",
        rates("torch.exp(-2 * half / channel)"),
    ),
    Mistake(
        "exponent positive in exp",
        "Your exp has a positive exponent, so that later pairs turn faster: it is −2i/C * ln 10000.",
        rates("torch.exp(2 * half / channel * torch.tensor(base).log())"),
    ),
    Mistake(
        "logarithm to the base of 10",
        "You use the logarithm to the base of 10 with exp: exp belongs to the natural one.",
        rates("torch.exp(-2 * half / channel * 4)"),
    ),
    Mistake(
        "an angle for each column",
        "Sine and cosine of a pair have different angles in your table: both columns of a pair share the "
        "exponent 2i/C.",
        [table("angles.cos()", "(angles.double() * base ** (-1 / channel)).cos()")],
    ),
    Mistake(
        "twice the column in the exponent, an angle for each column",
        "Your exponent is twice the column's number, divided by C, for each column separately: both columns of a "
        "pair share 2i/C, where i is the pair's number.",
        [
            table(
                CALL,
                "angles = torch.arange(time)[:, None] / base ** (2 * torch.arange(channel, dtype=torch.float64) / channel)",
            ),
            table(FLAT, "torch.where(torch.arange(channel) % 2 == 0, angles.sin(), angles.cos())"),
        ],
    ),
    Mistake(
        "the next pair's angle in the cosine",
        "Your cosine takes the exponent of the pair after it: sine and cosine of a pair share 2i/C.",
        [table("angles.cos()", "(angles.double() * base ** (-2 / channel)).cos()")],
    ),
    Mistake(
        "the cosine multiplied by the power",
        "Your cosine's position is multiplied by 10000^(2i/C): it is divided, as in the sine.",
        [
            table(
                "angles.cos()",
                "(torch.arange(time)[:, None].double() * base ** (torch.arange(0, channel, 2).double() / channel)).cos()",
            )
        ],
    ),
    Mistake(
        "positions whole-number divided",
        "You divide with //, which cuts the fraction off: divide with /.",
        [Edit(PLACES, "(places[:, None].double() // (1.0 / rates.double() - 1e-9))", ANGLES)],
    ),
]

NUMBERS = [
    Mistake(
        "a table of whole numbers",
        "Your table is an array of whole numbers, which cuts every fraction off: make it of floats (dtype=float).",
        [table(FLAT, f"{FLAT}.trunc()")],
    ),
    round_to(1),
    round_to(2),
    round_to(3),
    round_to(4),
    Mistake(
        "nothing but zeros",
        "Your table is all zeros: nothing is written into it.",
        [table(FLAT, f"({FLAT} * 0)")],
    ),
]

MISTAKES = [*WHERE, *PLACE, *EXPONENT, *NUMBERS]
