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


CASES = st.tuples(
    st.text("abc ", max_size=14)
    | st.text("ab", max_size=16)
    | st.text("aAbB. ", max_size=14)
    | st.text("ab-_\n\t1é", max_size=12),
    st.integers(0, 7),
)


def benchmark_case() -> tuple[str, None, Case]:
    """Return 30 merges of 6,000 characters."""
    return "get_merges", None, ("the cat sat on the mat and the rat ran at the cat " * 120, 30)


MERGES, MERGE = "get_merges", "merge_pair"

exercise = Exercise(
    name="byte-pair",
    title="A byte-pair tokenizer",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c5_words.byte_pair"],
    reference=reference,
    entries={MERGES: [MERGES]},
    benchmark_case=benchmark_case,
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
                ("AaAaaA", 3),
                ("Ab ab aB", 4),
                ("a b a b", 1),
                ("ab\tab\nab", 3),
                ("zzaazz", 3),
                ("aaaaa", 0),
                ("aaaaaaaa", 9),
                ("a-b a-b", 4),
            ],
        )
    ],
    mistakes=[
        Mistake(
            "ties to the pair seen first",
            "Of pairs that are equally frequent you take the one that comes first in the text: take the "
            "alphabetically smallest.",
            [Edit("(-counts[pair], pair)", "-counts[pair]", MERGES)],
        ),
        Mistake(
            "ties to the alphabetically largest",
            "Of pairs that are equally frequent you take the alphabetically largest: take the smallest.",
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
            "counted once",
            "You count the pairs once, before the first merge. Each merge makes new pairs: count again every time.",
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
            "After a merge you look at its second symbol again, so that “aaa” becomes “aa”, “aa”, “a”. A symbol "
            "that was merged is used up: continue after it.",
            [Edit("place += 2", "place += 1", MERGE)],
        ),
        Mistake(
            "merged from the right",
            "You merge from the end of the text: in “aaa” it is the first two that become one symbol.",
            [
                Edit(
                    "symbols = merge_pair(symbols, best)",
                    "symbols = merge_pair(symbols[::-1], best[::-1])[::-1]\n        symbols = [best[0] + best[1] if "
                    "one == best[1] + best[0] else one for one in symbols]",
                    MERGES,
                )
            ],
        ),
        Mistake(
            "one merge too few",
            "You return one merge fewer than asked for. Look at the loop: range(num_merges) has exactly "
            "num_merges numbers.",
            [Edit("range(num_merges)", "range(1, num_merges)", MERGES)],
        ),
        Mistake(
            "merges of pairs that occur once are refused",
            "You stop when every pair occurs only once. Continue while there is any pair.",
            [Edit("if not counts:", "if not counts or max(counts.values()) < 2:", MERGES)],
        ),
        Mistake(
            "the merged symbol instead of the pair",
            "You return the merged symbols: the exercise asks for each merge as its two parts.",
            [Edit("merges.append(list(best))", "merges.append(best[0] + best[1])", MERGES)],
        ),
        Mistake(
            "the text instead of the merges",
            "You return the text at the end: the exercise asks for the merges that made it.",
            [Edit("return merges", "return symbols", MERGES)],
        ),
        Mistake(
            "the last symbol lost",
            "When you rewrite the text you lose its last symbol: it has no right neighbor, but it stays.",
            [Edit("while place < len(symbols):", "while place < len(symbols) - 1:", MERGE)],
        ),
        Mistake(
            "ties by the joined text",
            "Of pairs that are equally frequent you take the one whose joined text is the smallest, but “a” + "
            "“ab” and “aa” + “b” join to the same. Compare the pairs themselves, as tuples.",
            [Edit("(-counts[pair], pair)", "(-counts[pair], pair[0] + pair[1])", MERGES)],
        ),
        Mistake(
            "no pair left not thought of",
            "When no pair is left (an empty text, or one symbol only) there is no best one: stop there, with fewer "
            "merges.",
            [Edit("if not counts:", "if False:", MERGES)],
        ),
        Mistake(
            "words kept apart",
            "You count pairs in each word separately. Here the whole text is one row of symbols, white space "
            "among them.",
            [
                Edit(
                    "counts = count_pairs({tuple(symbols): 1})",
                    "counts = count_pairs({tuple(symbols): 1})\n"
                    "        counts = {pair: counts[pair] for pair in counts if not any(one.isspace() for one in ''.join(pair))}",
                    MERGES,
                )
            ],
        ),
        Mistake(
            "overlapping pairs counted once",
            "You count “aaa” as one pair (a, a). Pairs are counted wherever they occur, and here the pair occurs "
            "twice. Only when the text is rewritten do they not overlap.",
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
            "lower-cased",
            "You convert the text to lower case: “A” and “a” are two symbols here.",
            [Edit("symbols = list(corpus)", "symbols = list(corpus.lower())", MERGES)],
        ),
        Mistake(
            "all white space left out",
            "You leave white space out. Here it is a symbol like any other.",
            [Edit("symbols = list(corpus)", 'symbols = list("".join(corpus.split()))', MERGES)],
        ),
        Mistake(
            "spaces at the ends left out",
            "You strip the text. Spaces are symbols like any other, at the ends as well.",
            [Edit("symbols = list(corpus)", "symbols = list(corpus.strip())", MERGES)],
        ),
        Mistake(
            "words instead of characters",
            "You begin with words. The first symbols are single characters: list(corpus).",
            [Edit("symbols = list(corpus)", "symbols = corpus.split()", MERGES)],
        ),
        Mistake(
            "ties to the pair seen last",
            "Of pairs that are equally frequent you take the one that comes last in the text: take the "
            "alphabetically smallest.",
            [
                Edit(
                    "best = min(counts, key=lambda pair: (-counts[pair], pair))",
                    "best = min(reversed(list(counts)), key=lambda pair: -counts[pair])",
                    MERGES,
                )
            ],
        ),
        Mistake(
            "ties by the first symbol alone",
            "Of pairs that are equally frequent you compare the first symbols only: compare both, as tuples.",
            [Edit("(-counts[pair], pair)", "(-counts[pair], pair[0])", MERGES)],
        ),
        Mistake(
            "ties by the second symbol first",
            "Of pairs that are equally frequent you compare the second symbols first: compare the first ones, "
            "then the second ones.",
            [Edit("(-counts[pair], pair)", "(-counts[pair], pair[::-1])", MERGES)],
        ),
        Mistake(
            "ties to the shortest pair",
            "Of pairs that are equally frequent you take the shortest: take the alphabetically smallest, "
            "whatever its length.",
            [Edit("(-counts[pair], pair)", "(-counts[pair], len(pair[0] + pair[1]), pair)", MERGES)],
        ),
        Mistake(
            "ties to the longest pair",
            "Of pairs that are equally frequent you take the longest: take the alphabetically smallest, whatever "
            "its length.",
            [Edit("(-counts[pair], pair)", "(-counts[pair], -len(pair[0] + pair[1]), pair)", MERGES)],
        ),
        Mistake(
            "ties without regard to capitals",
            "Of pairs that are equally frequent you compare lower-case letters: compare the pairs as they are; "
            "capitals come first.",
            [Edit("(-counts[pair], pair)", "(-counts[pair], (pair[0].lower(), pair[1].lower()))", MERGES)],
        ),
        Mistake(
            "the last pair not counted",
            "You do not count the last pair of neighbors: there are n − 1 pairs of n symbols.",
            [Edit("itertools.pairwise(symbols)", "itertools.pairwise(symbols[:-1])", "count_pairs")],
        ),
        Mistake(
            "the first pair not counted",
            "You do not count the first pair of neighbors: counting begins at index 0.",
            [Edit("itertools.pairwise(symbols)", "itertools.pairwise(symbols[1:])", "count_pairs")],
        ),
        Mistake(
            "pairs counted side by side",
            "You count every second pair only: each symbol and the next make one, whatever stood before.",
            [Edit("itertools.pairwise(symbols)", "zip(symbols[::2], symbols[1::2])", "count_pairs")],
        ),
        Mistake(
            "pairs counted in either order",
            "You take (a, b) and (b, a) for one pair: their order counts.",
            [Edit("counts[pair] += times", "counts[(min(pair), max(pair))] += times", "count_pairs")],
        ),
        Mistake(
            "each pair counted once",
            "You note which pairs there are but not how often each occurs. Count them: counts[pair] = "
            "counts.get(pair, 0) + 1.",
            [Edit("counts[pair] += times", "counts[pair] = 1", "count_pairs")],
        ),
        Mistake(
            "one merge too many",
            "You return one merge more than asked for. Look at the loop: range(num_merges) has exactly "
            "num_merges numbers.",
            [Edit("range(num_merges)", "range(num_merges + 1)", MERGES)],
        ),
        Mistake(
            "as many merges as there are pairs",
            "You continue until nothing is left to merge: stop after num_merges.",
            [Edit("range(num_merges)", "range(len(corpus))", MERGES)],
        ),
        Mistake(
            "merged in the middle of longer symbols",
            "You merge by replacing text between separators, which also cuts into symbols that only end in the first "
            "or begin with the second "
            "one. Compare whole symbols.",
            [
                Edit(
                    "symbols = merge_pair(symbols, best)",
                    "symbols = '\\x00'.join(symbols).replace('\\x00'.join(best), ''.join(best)).split('\\x00')",
                    MERGES,
                )
            ],
        ),
        Mistake(
            "the first symbol is enough",
            "You merge wherever the first symbol of the pair stands, whatever follows: both have to fit.",
            [
                Edit(
                    "if tuple(symbols[place : place + 2]) == pair:",
                    "if symbols[place] == pair[0] and place + 1 < len(symbols):",
                    MERGE,
                )
            ],
        ),
        Mistake(
            "an end-of-text symbol added",
            "You put a symbol of your own at the end of the text: the text is taken as it is.",
            [Edit("symbols = list(corpus)", 'symbols = [*corpus, "</w>"]', MERGES)],
        ),
        Mistake(
            "the pair and how often it occurs",
            "You return how often a pair occurs beside it: a merge is [first, second].",
            [Edit("merges.append(list(best))", "merges.append([*best, counts[best]])", MERGES)],
        ),
        Mistake(
            "merges backwards",
            "You return the last merge first: they come in the order in which they were made.",
            [Edit("return merges", "return merges[::-1]", MERGES)],
        ),
        Mistake(
            "the second symbol first",
            "Your merges have their symbols exchanged: [first, second], as they occur in the text.",
            [Edit("merges.append(list(best))", "merges.append(list(best[::-1]))", MERGES)],
        ),
        Mistake(
            "only the last merge",
            "You return the last merge only: all of them, in their order.",
            [Edit("return merges", "return merges[-1:]", MERGES)],
        ),
        Mistake(
            "spaces left out",
            "You leave spaces out. Here a space is a symbol like any other.",
            [Edit("symbols = list(corpus)", 'symbols = list(corpus.replace(" ", ""))', MERGES)],
        ),
    ],
)
