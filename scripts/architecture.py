"""Draw the rooms of the package and what they import: ``docs/pictures/architecture.svg``.

    python scripts/architecture.py            writes the picture
    python scripts/architecture.py --check    says whether it is that of today's imports

The order of the rooms is the one that import-linter holds (pyproject.toml); the arrows are read from the sources.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "groundup"
PICTURE = ROOT / "docs" / "pictures" / "architecture.svg"

WINGS = {
    "door": ("#e8e8ef", "what a person opens"),
    "bridge": ("#f3e3c3", "knows both wings"),
    "learn": ("#d5e8d4", "the wing that learns"),
    "work": ("#d6e4f5", "the wing that works"),
    "both": ("#f5f5f0", "the foundation"),
}
HOLDS = {
    "cli": ("door", "the commands"),
    "plugins": ("door", "pytest, Jupyter"),
    "lab": ("door", "the browser's pages"),
    "serving": ("door", "OpenAI's protocol"),
    "tour": ("door", "a walk through all"),
    "lessons": ("learn", "texts, and views to move"),
    "export": ("work", "files of other tools"),
    "tasks": ("work", "the jobs"),
    "parts": ("bridge", "learners' code in models"),
    "exercises": ("learn", "statements and checks"),
    "judge": ("learn", "runs, compares, explains"),
    "estimators": ("work", "scikit-learn's form"),
    "training": ("work", "loop, optimizers, devices"),
    "data": ("work", "tables, pictures, texts"),
    "runs": ("work", "the run folder"),
    "models": ("work", "faster forms of steps"),
    "steps": ("both", "the course's code"),
    "formulas": ("both", "typed formulas"),
    "promise": ("both", "where each step runs"),
    "course": ("both", "the order of the course"),
    "base": ("both", "errors, files, progress"),
}
WIDTH, BOX, HIGH, GAP = 1000, 156, 46, 34


def read_layers() -> list[list[str]]:
    """Return the rows of rooms, from the top, as import-linter has them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return [[name.strip().removeprefix("groundup.") for name in layer.split("|")] for layer in layers]


def find_imports(source: str) -> Iterator[str]:
    r"""Yield the rooms that a module imports, but for type checking alone.

    Examples
    --------
    >>> sorted(find_imports("from groundup.base.errors import UserError\nfrom groundup import course, __version__"))
    ['__version__', 'base', 'course']
    """
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting.extend(node.orelse)
            continue
        for inside in ("body", "orelse", "finalbody", "handlers", "cases"):  # an import is a statement
            waiting.extend(block if isinstance(block := getattr(node, inside, []), list) else [])
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "groundup":
            names = [f"groundup.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        yield from (name.split(".")[1] for name in names if name.startswith("groundup."))


def list_arrows(rooms: set[str]) -> set[tuple[str, str]]:
    """Return which room imports which."""
    arrows = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        here = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if here in rooms and path.name != "stub.py":
            there = set(find_imports(path.read_text("utf-8"))) & rooms - {here}
            arrows |= {(here, room) for room in there}
    return arrows


def drop_shortcuts(arrows: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Leave out an arrow where a way through other rooms says as much.

    Examples
    --------
    >>> sorted(drop_shortcuts({("a", "b"), ("b", "c"), ("a", "c")}))
    [('a', 'b'), ('b', 'c')]
    """
    below: dict[str, set[str]] = {}
    for start, end in arrows:
        below.setdefault(start, set()).add(end)

    def reaches(start: str, end: str) -> bool:
        return any(room == end or reaches(room, end) for room in below.get(start, ()))

    return {(a, b) for a, b in arrows if not any(reaches(room, b) for room in below[a] - {b})}


def place_rooms(layers: list[list[str]]) -> dict[str, tuple[float, float]]:
    """Return the middle of each room's box: what learns to the left, what works to the right."""
    sides = {"learn": 0.2, "bridge": 0.5, "both": 0.5, "door": 0.5, "work": 0.78}
    places = {}
    for row, layer in enumerate(layers):
        y = 70 + row * (HIGH + GAP)
        rooms = sorted(layer, key=lambda room: list(sides).index(HOLDS[room][0]))
        for room in rooms:
            peers = [other for other in rooms if sides[HOLDS[other][0]] == sides[HOLDS[room][0]]]
            shift = (peers.index(room) - (len(peers) - 1) / 2) * (BOX + 16)
            x = min(max(sides[HOLDS[room][0]] * WIDTH + shift, BOX / 2 + 12), WIDTH - BOX / 2 - 12)
            places[room] = (x, y)
        for one, other in combinations(rooms, 2):
            assert abs(places[one][0] - places[other][0]) >= BOX, f"{one} and {other} lie on each other"
    return places


def draw() -> str:
    """Return the picture, as SVG."""
    layers = read_layers()
    places = place_rooms(layers)
    if unknown := places.keys() ^ HOLDS.keys():
        raise SystemExit(f"HOLDS and the layers in pyproject.toml differ: {', '.join(sorted(unknown))}")
    height = 70 + len(layers) * (HIGH + GAP)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif">',
        "<title>The rooms of groundup. An arrow means: imports.</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="#777"/></marker></defs>',
    ]
    for place, (colour, words) in enumerate(WINGS.values()):
        x = 14 + place * 192
        lines.append(f'<rect x="{x}" y="10" width="14" height="14" fill="{colour}" stroke="#999"/>')
        lines.append(f'<text x="{x + 20}" y="22" font-size="13" fill="#333">{escape(words)}</text>')
    for start, end in sorted(drop_shortcuts(list_arrows(set(places)))):
        (x1, y1), (x2, y2) = places[start], places[end]
        bend = (y2 - y1) / 2
        lines.append(
            f'<path d="M{x1:.0f} {y1 + HIGH / 2:.0f} C{x1:.0f} {y1 + bend:.0f} {x2:.0f} {y2 - bend:.0f} '
            f'{x2:.0f} {y2 - HIGH / 2:.0f}" fill="none" stroke="#777" marker-end="url(#tip)"/>'
        )
    for room, (x, y) in places.items():
        wing, words = HOLDS[room]
        lines += [
            f'<rect x="{x - BOX / 2:.0f}" y="{y - HIGH / 2:.0f}" width="{BOX}" height="{HIGH}" rx="6" '
            f'fill="{WINGS[wing][0]}" stroke="#666"/>',
            f'<text x="{x:.0f}" y="{y - 3:.0f}" font-size="15" text-anchor="middle" fill="#111">{room}</text>',
            f'<text x="{x:.0f}" y="{y + 14:.0f}" font-size="12" text-anchor="middle" fill="#444">{words}</text>',
        ]
    return "\n".join([*lines, "</svg>"]) + "\n"


def main(arguments: list[str]) -> int:
    """Write the picture, or compare it; return 0 where it is current."""
    picture = draw()
    if "--check" not in arguments:
        PICTURE.write_text(picture, "utf-8")
        return 0
    current = PICTURE.is_file() and PICTURE.read_text("utf-8") == picture
    print("current" if current else "The imports have changed. Run: python scripts/architecture.py")
    return 0 if current else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
