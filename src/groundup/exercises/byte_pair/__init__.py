"""Byte-pair encoding: the merges of a text."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {"get_merges": step.get_merges}


CASES = st.tuples(st.text("abc ", min_size=0, max_size=14), st.integers(0, 6))


def large() -> tuple[str, None, Case]:
    """Return 30 merges of 6,000 characters."""
    return "get_merges", None, ("the cat sat on the mat and the rat ran at the cat " * 120, 30)


MERGES, MERGE = "get_merges", "merge_pair"

exercise = Exercise(
    name="byte-pair",
    title="A byte-pair tokenizer",
    room="text",
    folder=Path(__file__).parent,
    modules=["groundup.steps.byte_pair"],
    reference=reference,
    entries={MERGES: [MERGES]},
    large=large,
    part="tokenizer",
    forbidden=["tokenizers.Tokenizer", "tiktoken.get_encoding"],
    checks=[
        Check(
            "the merges in their order",
            MERGES,
            CASES,
            examples=80,
            edges=[
                ("aaabab", 3),
                ("", 2),
                ("a", 2),
                ("ab", 5),
                ("aaaa", 2),
                ("aaab", 2),
                ("aaaaa", 3),
                ("aaabcbc", 2),
                ("abcabc", 3),
                ("cdab", 1),
                ("aabaab abab", 4),
                ("bcabcab", 3),
                ("aaaaaabbb", 3),
            ],
        )
    ],
    mistakes=[
        Mistake(
            "ties to the pair seen first",
            "Of pairs that are equally common you take the one that comes first in the text: take the alphabetically smallest.",
            [Edit("(-counts[pair], pair)", "-counts[pair]", MERGES)],
        ),
        Mistake(
            "ties to the alphabetically largest",
            "Of pairs that are equally common you take the alphabetically largest: take the smallest.",
            [
                Edit(
                    "best = min(counts, key=lambda pair: (-counts[pair], pair))",
                    "best = max(counts, key=lambda pair: (counts[pair], pair))",
                    MERGES,
                )
            ],
        ),
        Mistake(
            "the rarest pair",
            "You merge the rarest pair: merge the one that occurs most often.",
            [Edit("-counts[pair]", "counts[pair]", MERGES)],
        ),
        Mistake(
            "the smallest pair, however rare",
            "You merge the alphabetically smallest pair. How often a pair occurs comes first; the alphabet only breaks ties.",
            [Edit("(-counts[pair], pair)", "pair", MERGES)],
        ),
        Mistake(
            "counted once",
            "You count the pairs once, before the first merge. Each merge makes new pairs: count anew every time.",
            [
                Edit(
                    "merges: list[list[str]] = []",
                    "merges: list[list[str]] = []\n    first = count_pairs({tuple(symbols): 1})",
                    MERGES,
                ),
                Edit(
                    "counts = count_pairs({tuple(symbols): 1})",
                    "counts = {pair: first[pair] for pair in first if list(pair) not in merges}",
                    MERGES,
                ),
            ],
        ),
        Mistake(
            "text not merged",
            "You note the merge but leave the text as it was: write the pair as one symbol before you count again.",
            [Edit("symbols = merge_pair(symbols, best)", "symbols = list(symbols)", MERGES)],
        ),
        Mistake(
            "only the first occurrence merged",
            "You merge a pair where it occurs first: merge all its occurrences, from left to right.",
            [
                Edit("merged: list[str] = []", "merged: list[str] = []\n    done = False", MERGE),
                Edit(
                    "if tuple(symbols[place : place + 2]) == pair:",
                    "if not done and tuple(symbols[place : place + 2]) == pair:\n            done = True",
                    MERGE,
                ),
            ],
        ),
        Mistake(
            "overlapping merges",
            "After a merge you look at its second symbol again, so that “aaa” becomes “aa”, “aa”, “a”. A symbol that was merged is used "
            "up: go on after it.",
            [Edit("place += 2", "place += 1", MERGE)],
        ),
        Mistake(
            "merged from the right",
            "You merge from the end of the text: in “aaa” it is the first two that become one symbol.",
            [
                Edit(
                    "symbols = merge_pair(symbols, best)",
                    "symbols = merge_pair(symbols[::-1], best[::-1])[::-1]\n        symbols = [best[0] + best[1] if one == best[1] + best[0] else one for one in symbols]",
                    MERGES,
                )
            ],
        ),
        Mistake(
            "one merge too few",
            "You return one merge fewer than asked for.",
            [Edit("range(num_merges)", "range(1, num_merges)", MERGES)],
        ),
        Mistake(
            "merges of pairs that occur once are refused",
            "You stop when every pair occurs only once. Go on as long as there is any pair.",
            [Edit("if not counts:", "if not counts or max(counts.values()) < 2:", MERGES)],
        ),
        Mistake(
            "the merged symbol instead of the pair",
            "You return the merged symbols: asked for is each merge as its two parts.",
            [Edit("merges.append(list(best))", "merges.append(best[0] + best[1])", MERGES)],
        ),
        Mistake(
            "the text instead of the merges",
            "You return the text as it stands in the end: asked for are the merges that made it.",
            [Edit("return merges", "return symbols", MERGES)],
        ),
        Mistake(
            "the last symbol lost",
            "When you rewrite the text you lose its last symbol: it has no right neighbour, but it stays.",
            [Edit("while place < len(symbols):", "while place < len(symbols) - 1:", MERGE)],
        ),
        Mistake(
            "ties by the joined text",
            "Of pairs that are equally common you take the one whose joined text is the smallest, but “a” + “ab” and “aa” + “b” join to the "
            "same. Compare the pairs themselves, as tuples.",
            [Edit("(-counts[pair], pair)", "(-counts[pair], pair[0] + pair[1])", MERGES)],
        ),
        Mistake(
            "no pair left not thought of",
            "When no pair is left (an empty text, or one symbol only) there is no best one: stop there, with fewer merges.",
            [Edit("if not counts:", "if False:", MERGES)],
        ),
        Mistake(
            "words kept apart",
            "You count pairs in each word by itself. Here the whole text is one row of symbols, spaces among them.",
            [
                Edit(
                    "counts = count_pairs({tuple(symbols): 1})",
                    "counts = count_pairs({tuple(symbols): 1})\n"
                    "        counts = {pair: counts[pair] for pair in counts if ' ' not in pair[0] + pair[1]}",
                    MERGES,
                )
            ],
        ),
        Mistake(
            "overlapping pairs counted once",
            "You count “aaa” as one pair (a, a). Pairs are counted wherever they stand: there it stands twice. Only when the text is "
            "rewritten do they not overlap.",
            [
                Edit(
                    "for pair in itertools.pairwise(symbols):\n            counts[pair] += times",
                    "ends: dict[Pair, int] = {}\n"
                    "        for place, pair in enumerate(itertools.pairwise(symbols)):\n"
                    "            if ends.get(pair) != place - 1:\n"
                    "                counts[pair] += times\n"
                    "                ends[pair] = place",
                    "count_pairs",
                )
            ],
        ),
        Mistake(
            "spaces left out",
            "You leave spaces out. Here a space is a symbol like any other.",
            [Edit("symbols = list(corpus)", 'symbols = list(corpus.replace(" ", ""))', MERGES)],
        ),
    ],
)
