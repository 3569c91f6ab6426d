"""The known mistakes in packing, as edits of `groundup.steps.c7_beyond.packing`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

PACK, FILL, MASK, POSITIONS = "pack_examples", "fill_row", "separate_examples", "count_positions"
ORDER = "sorted(range(len(lengths)), key=lambda place: (-lengths[place], place))"
CHOICE = "place = bisect_left(lefts, length)"
BEGIN = "rows: list[list[int]] = []"
FILLED = "tokens[begin:end], numbers[begin:end], targets[begin:end] = inputs, number, following"
END = "begin = end"
ROW = "return tokens, numbers, targets"
SAME = "same = numbers[..., :, None] == numbers[..., None, :]"
CAUSAL = "return same.tril()"
BEGINS = "begins[..., 1:] = numbers[..., 1:] != numbers[..., :-1]"
COUNTED = "places - places.where(begins, torch.zeros_like(places)).cummax(dim=-1).values"
# A plain search among the rows, in which only the choice differs.
SEARCH = """rows: list[list[int]] = []
    left: list[int] = []
    for example in sorted(range(len(lengths)), key=lambda place: (-lengths[place], place)):
        length = lengths[example]
        if length > room:
            raise ValueError
        enough = [row for row in range(len(rows)) if left[row] >= length]
        row = {choice}
        if row is None:
            row = len(rows)
            rows.append([])
            left.append(room)
        rows[row].append(example)
        left[row] -= length
    return rows"""


def wrong(within: str, name: str, says: str, *pairs: tuple[str, str]) -> Mistake:
    """Return a mistake of what stands in a function and what stands there instead."""
    return Mistake(name, says, [Edit(old, new, within) for old, new in pairs])


MISTAKES = [
    wrong(
        PACK,
        "examples taken as they come",
        "You put the examples into rows in the order in which they are given. Take the longest first: small ones fill what is left.",
        (ORDER, "range(len(lengths))"),
    ),
    wrong(
        PACK,
        "the shortest first",
        "You begin with the shortest example. Begin with the longest: sort by −length.",
        ("-lengths[place]", "lengths[place]"),
    ),
    wrong(
        PACK,
        "the first row with enough room",
        "You take the first row in which there is enough room (first fit). Take the one in which the least is left that is enough.",
        (BEGIN, SEARCH.format(choice="enough[0] if enough else None")),
    ),
    wrong(
        PACK,
        "the row with the most room",
        "You take the row with the most room. Take the one with the least room that is enough.",
        (BEGIN, SEARCH.format(choice="max(enough, key=lambda row: left[row]) if enough else None")),
    ),
    wrong(
        PACK,
        "only the last row tried",
        "You look only at the row that was opened last. Look at all rows: an earlier one may have enough room, and less.",
        (BEGIN, SEARCH.format(choice="len(rows) - 1 if rows and left[-1] >= length else None")),
    ),
    wrong(
        PACK,
        "a row never filled to its end",
        "An example that fits exactly gets a new row. Room for as many tokens as it has is enough: ≥, not >.",
        (CHOICE, "place = bisect_left(lefts, length + 1)"),
    ),
    wrong(
        PACK,
        "one example per row",
        "Each example has a row of its own, so nothing is packed. Open a new row only if no row has enough room.",
        (CHOICE, "place = len(lefts)"),
    ),
    wrong(
        PACK,
        "too long an example put into a row",
        "An example that is longer than a row is put into one all the same. Raise a ValueError.",
        ("raise ValueError(", "str("),
    ),
    wrong(
        PACK,
        "lengths instead of places",
        "Your rows hold the lengths of the examples. They are asked for as places in the list.",
        ("rows[row].append(example)", "rows[row].append(length)"),
    ),
    wrong(
        FILL,
        "the next example's first token as a target",
        "You shift the whole row to get the targets, so the last input of an example has the first token of the next one as its target. Take the targets from the example itself, before it goes into the row.",
        (ROW, "targets = torch.cat([tokens[1:begin], torch.full((room - max(begin, 1) + 1,), IGNORED)])\n    " + ROW),
    ),
    wrong(
        FILL,
        "the next example's first token as a target, but for the last example",
        "You shift the whole row to get the targets, so the last input of an example has the first token of the next one as its target. Take the targets from the "
        "example itself, before it goes into the row.",
        (ROW, "targets[: max(begin - 1, 0)] = tokens[1 : max(begin, 1)]\n    " + ROW),
    ),
    wrong(
        FILL,
        "an example's last target left out",
        "The last input of each example has no target. It has one, which is no input: the example's last token.",
        (END, "targets[end - 1] = IGNORED\n        begin = end"),
    ),
    wrong(
        FILL,
        "all tokens are inputs",
        "An example of n tokens takes n positions in your row. It takes n − 1: its last token is only a target.",
        ("end = begin + len(inputs)", "end = min(begin + len(inputs) + 1, room)"),
        (
            FILLED,
            "full = torch.cat([inputs, following[-1:]])[: end - begin]\n        "
            "tokens[begin:end], numbers[begin:end] = full, number\n        "
            "targets[begin : begin + len(following)] = following",
        ),
    ),
    wrong(
        FILL,
        "inputs as their own targets",
        "Your targets are the inputs. The target of a position is the token after it: example[1:].",
        (FILLED, FILLED.replace("following", "inputs")),
    ),
    wrong(
        FILL,
        "0 as a target where the row is empty",
        "Where the row is empty your targets are 0, which is a token: the model would learn to write it. Put −100 there.",
        ("torch.full_like(tokens, IGNORED)", "torch.zeros_like(tokens)"),
    ),
    wrong(
        FILL,
        "examples counted from 0",
        "Your first example has the number 0, which is that of the empty rest. Count from 1.",
        ("start=1", "start=0"),
    ),
    wrong(
        FILL,
        "one number for all examples",
        "All examples of the row have the same number, so nothing keeps them apart. Give each its own.",
        (FILLED, FILLED.replace("inputs, number,", "inputs, 1,")),
    ),
    wrong(
        FILL,
        "the empty rest given to the last example",
        "The empty rest of the row has the number of the last example. Its number is 0.",
        (FILLED, f"{FILLED}\n        numbers[end:] = number"),
    ),
    wrong(
        FILL,
        "the row not filled up",
        "Your row ends with its last example. All rows have T positions: fill it up with token 0, number 0 and target −100.",
        (ROW, "return tokens[:begin], numbers[:begin], targets[:begin]"),
    ),
    wrong(
        FILL,
        "examples in turned order",
        "Your last example stands first in the row. Put them in the order in which they are given.",
        ("enumerate(examples, start=1)", "enumerate(list(examples)[::-1], start=1)"),
    ),
    wrong(
        MASK,
        "examples see each other",
        "Your mask is only causal: a query sees the examples in front of its own. Both numbers must be the same, too.",
        (SAME, "same = numbers[..., :, None] == numbers[..., :, None].expand(*numbers.shape, numbers.shape[-1])"),
    ),
    wrong(
        MASK,
        "queries see what comes after",
        "A query sees keys after it, in its own example: the model would read the token that it has to guess. Add tril().",
        (CAUSAL, "return same"),
    ),
    wrong(
        MASK,
        "no token sees itself",
        "A query does not see its own token, and the first of each example sees nothing. The diagonal is allowed.",
        ("same.tril()", "same.tril(-1)"),
    ),
    wrong(
        MASK,
        "queries and keys exchanged",
        "Your mask is transposed: it allows what comes after and forbids what came before. Rows are queries, columns are keys.",
        ("same.tril()", "same.triu()"),
    ),
    wrong(
        MASK,
        "True where a key is forbidden",
        "Your mask is upside down: it is True where a query must not look. True is asked for where it may.",
        (CAUSAL, "return ~same.tril()"),
    ),
    wrong(
        MASK,
        "the empty rest sees nothing",
        "In the empty rest of a row your queries may use no key at all, and their softmax becomes NaN. Treat it like one more example.",
        (CAUSAL, "return same.tril() & (numbers[..., None] != 0)"),
    ),
    wrong(
        MASK,
        "0 and −∞ instead of True and False",
        "Your mask holds 0 and −∞, to be added to scores. Asked for is a bool mask: True where a query may look.",
        (CAUSAL, "return torch.zeros(same.shape).masked_fill(~same.tril(), -torch.inf)"),
    ),
    wrong(
        MASK,
        "numbers instead of True and False",
        "Your mask has the right values as numbers. Asked for is a bool tensor: masked_fill and ~ need one.",
        (CAUSAL, "return same.tril().float()"),
    ),
    wrong(
        POSITIONS,
        "positions go on through the row",
        "Your positions do not begin again at 0 in each example.",
        (COUNTED, "places"),
    ),
    wrong(
        POSITIONS,
        "positions from 1",
        "Your positions begin at 1. The first token of an example has position 0.",
        (COUNTED, f"{COUNTED} + 1"),
    ),
    wrong(
        POSITIONS,
        "positions begin again one token too early",
        "Your positions begin again at the last token of an example instead of the first token of the next one.",
        (BEGINS, "begins[..., 1:-1] = numbers[..., 2:] != numbers[..., 1:-1]"),
    ),
    wrong(
        POSITIONS,
        "no positions where the row is empty",
        "Your positions are 0 in the whole empty rest. It is treated like one more example: 0, 1, 2, …",
        (COUNTED, f"({COUNTED}) * (numbers != 0)"),
    ),
    wrong(
        POSITIONS,
        "the example's number as a position",
        "You return something that is the same for all tokens of an example. Count its tokens: 0, 1, 2, …",
        (COUNTED, "begins.cumsum(dim=-1) - 1"),
    ),
]
