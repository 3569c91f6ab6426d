"""Whether the commonest mistakes of beginners are caught and named, in every exercise that they fit.

Run ``python benchmarks/beginners.py [--exercise NAME] [--kind KIND] [--json]``. The wrong answers are right ones of
``tests/exercises/answers`` with one mistake made in each: those of ``beginners.txt`` by hand, the others here, by the
text alone (a return printed or forgotten, no self, tabs, another name). Those of the first 44 exercises were written
before the judge could name any. A right answer that prints must stay right.
"""

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from groundup.exercises.registry import LADDER, load_exercise
from groundup.judge.isolation.fork_server import ForkServer
from groundup.judge.judging import CheckOptions, judge
from groundup.judge.verdict import Verdict

ANSWERS = Path(__file__).parents[1] / "tests" / "exercises" / "answers"
BY_HAND = Path(__file__).with_suffix(".txt")
EFFORT = CheckOptions(seed=5, shrink_seconds=0.2)
# What a verdict calls a mistake of each kind; what an exercise calls it itself says the same.
NAMES = {
    "clamp": r"Python's max on an array",
    "early": r"returned inside the loop",
    "forgotten": r"nothing returned",
    "int": r"an array of whole numbers|cut to a whole number",
    "list": r"a list where an array is meant",
    "log10": r"log10 taken for the natural logarithm",
    "name": r"another name than asked for",
    "place": r"(changed|transposed|added) in place|overwritten|kept again",
    "power": r"\^ written for a power",
    "printed": r"nothing returned",
    "rounded": r"rounded",
    "self": r"self is missing",
    "sum": r"Python's sum on a matrix",
    "tabs": r"tabs and spaces mixed",
}


def read_by_hand() -> Iterator[tuple[str, str, str, str]]:
    """Yield kind, exercise, answer and source of the mistakes made by hand."""
    for part in re.split(r"^## ", BY_HAND.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        head, *lines = part.rstrip("\n").split("\n")
        kind, _, place = head.partition(" ")
        old, new = ("\n".join(line[1:] for line in lines if line.startswith(sign)) for sign in "-+")
        source = (ANSWERS / f"{place}.py").read_text(encoding="utf-8")
        if source.count(old) != 1:
            raise SystemExit(f"{BY_HAND.name}: {old!r} stands {source.count(old)} times in {place}, not once")
        yield kind, *place.split("/"), source.replace(old, new)


def make_by_text(source: str) -> Iterator[tuple[str, str]]:
    """Yield kind and source of the mistakes that the text alone allows."""
    lines = source.rstrip().split("\n")
    last = lines[-1]
    if found := re.fullmatch(r"( +)return (.+)", last):
        indent, value = found.groups()
        yield "printed", "\n".join([*lines[:-1], f"{indent}print({value})"])
        yield "forgotten", "\n".join([*lines[:-1], f"{indent}result = {value}"])
        if lines[-2].startswith(indent):  # one line alone may begin as it likes
            yield "tabs", "\n".join([*lines[:-1], "\t" * (len(indent) // 4) + f"return {value}"])
        yield "print", "\n".join([*lines[:-1], f"{indent}print('here')", last])
    methods = [place for place, line in enumerate(lines) if re.match(r"    def (?!__)\w+\(self, ", line)]
    if methods:
        place = methods[-1]
        yield "self", "\n".join([*lines[:place], lines[place].replace("self, ", ""), *lines[place + 1 :]])


def rename_entries(name: str, source: str) -> Iterator[tuple[str, str]]:
    """Yield an answer whose function or class has another name than the one asked for."""
    for names in load_exercise(name.replace("_", "-")).entries.values():
        for wanted in names:
            if re.search(rf"(def|class) {wanted}\b", source) and wanted != "Solution":
                head, *rest = wanted.split("_")
                other = head + "".join(part.title() for part in rest) if rest else f"my_{wanted}"
                # A method of a library, such as torch.reshape, keeps its name.
                yield "name", re.sub(rf"(?<![\w.]){wanted}\b(?!=)|(?<=self\.){wanted}\b", other, source)
                return


def collect() -> list[tuple[str, str, str, str]]:
    """Return kind, exercise, answer and source of all: of what is made by the text, one answer an exercise each."""
    found = list(read_by_hand())
    for place, name in enumerate(one.replace("-", "_") for one in LADDER):
        paths = sorted((ANSWERS / name).glob("*.py"))
        made: dict[str, tuple[str, str, str, str]] = {}
        # Another answer comes first in each exercise.
        for path in paths[place % len(paths) :] + paths[: place % len(paths)]:
            source = path.read_text(encoding="utf-8")
            for kind, text in (*make_by_text(source), *rename_entries(name, source)):
                made.setdefault(kind, (kind, name, path.stem, text))
        found += made.values()
    return found


def is_named(kind: str, verdict: Verdict) -> bool:
    """Tell whether a verdict names a mistake; where values are right all the same, in a remark."""
    if kind == "place-right" and verdict.accepted:
        return any(re.search("in place|into the array", remark) for remark in verdict.remarks)
    pattern = NAMES[kind.removesuffix("-right")]
    return not verdict.accepted and any(re.search(pattern, one) for one in verdict.mistakes)


def judge_all(answers: list[tuple[str, str, str, str]]) -> dict[str, object]:
    """Judge every one; return the figures by kind, and what was not as it is to be."""
    counts: dict[str, Counter[str]] = {}
    missed, seconds = [], []
    with ForkServer(["numpy", "torch"]) as fork_server:
        for kind, name, answer, source in answers:
            verdict = judge(load_exercise(name.replace("_", "-")), source, fork_server, EFFORT)
            seconds.append(verdict.seconds)
            count = counts.setdefault(kind, Counter())
            count["judged"] += 1
            told = " + ".join(verdict.mistakes)
            right = verdict.accepted if kind == "print" else is_named(kind, verdict)
            count["caught"] += right or (not verdict.accepted and kind != "print")
            count["named"] += right
            count["named otherwise"] += bool(told) and not right
            if not right:
                missed.append(f"{kind} {name}/{answer}: {told or [verdict.headline, *verdict.findings[:1]]}")
    seconds.sort()
    total = sum(counts.values(), Counter())
    return {
        **{kind: dict(count) for kind, count in sorted(counts.items())},
        "all": dict(total),
        "missed": missed,
        "median seconds": round(seconds[len(seconds) // 2], 2),
        "nine of ten within": round(seconds[9 * len(seconds) // 10], 2),
        "most seconds": round(seconds[-1], 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exercise", help="of one exercise only")
    parser.add_argument("--kind", help="of one kind only")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    chosen = [
        one
        for one in collect()
        if options.kind in (None, one[0]) and (options.exercise or one[1]).replace("-", "_") == one[1]
    ]
    print(json.dumps(judge_all(chosen), indent=None if options.json else 2, ensure_ascii=False))


if __name__ == "__main__":
    main()
