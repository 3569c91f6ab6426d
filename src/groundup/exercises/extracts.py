"""An answer from a notebook: source that runs on its own, and the origin of each line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from groundup.judge.verdict import Verdict

_UNDEFINED = re.compile(r"NameError: name '(\w+)' is not defined")
# Where a verdict tells a line of the answer; an error's own text may tell other lines.
_LINES = (
    re.compile(r"(?<=^The file does not run, line )\d+"),
    re.compile(r"(?<=^The file is not Python, line )\d+"),
    re.compile(r"(?<=^Line )\d+(?=:)"),
    re.compile(r"(?<=\(line )\d+(?=\)\.?$)"),
)


@dataclass(frozen=True)
class Fragment:
    """Some lines of source.

    Attributes
    ----------
    text : str
        They.
    first : int
        The number of the first one where it comes from.
    label : str
        What stands after the numbers, such as ``" of cell 3"``.
    """

    text: str
    first: int = 1
    label: str = ""


@dataclass(frozen=True)
class Extract:
    """An answer's source.

    Attributes
    ----------
    text : str
        What is judged.
    places : mapping of int to str
        The number of a line → what to call it.
    lost : mapping of str to str
        Names that the source uses and that could not be taken along → why.
    where : str
        Which part of a file it is, for people; empty for the whole of it.
    """

    text: str
    places: Mapping[int, str] = field(default_factory=dict)
    lost: Mapping[str, str] = field(default_factory=dict)
    where: str = ""

    def retell(self, verdict: Verdict) -> Verdict:
        """Return a verdict that tells lines as they are counted where the answer comes from, and what was lost."""
        shown = verdict.shown
        if told := self._explain_lost([verdict.headline, *verdict.findings, shown.got if shown else ""]):
            headline, findings = told
            return replace(verdict, headline=headline, findings=findings, mistakes=[], failing=None, shown=None)
        return replace(
            verdict,
            headline=self._place(verdict.headline),
            findings=list(map(self._place, verdict.findings)),
            remarks=list(map(self._place, verdict.remarks)),
            shown=replace(shown, got=self._place(shown.got)) if shown else None,
        )

    def retell_facts(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """Return what `retell` does, of a verdict as plain data."""
        failing = facts["failing"]
        said = [facts["headline"], *facts["findings"], failing["got"] if failing else ""]
        if told := self._explain_lost(said):
            return {**facts, "headline": told[0], "findings": told[1], "mistakes": [], "failing": None}
        return {
            **facts,
            "headline": self._place(facts["headline"]),
            "findings": list(map(self._place, facts["findings"])),
            "remarks": list(map(self._place, facts["remarks"])),
            "failing": {**failing, "got": self._place(failing["got"])} if failing else None,
        }

    def _place(self, text: str) -> str:
        for pattern in _LINES:
            text = pattern.sub(lambda found: self.places.get(int(found[0]), found[0]), text)
        return text

    def _explain_lost(self, said: Iterable[str]) -> tuple[str, list[str]] | None:
        for text in said:
            if (found := _UNDEFINED.search(text)) and found[1] in self.lost:
                why = f"which cannot be taken along out of the notebook: {self.lost[found[1]]}."
                remedy = f"Make {found[1]} in the answer itself, or pass it as an argument."
                return f"It uses {found[1]}, {why}", [remedy]
        return None


def lay_out(pieces: Iterable[Fragment], lost: Mapping[str, str], where: str = "") -> Extract:
    """Return pieces as one source; what must come first (``from __future__``) does."""
    ordered = sorted(pieces, key=lambda piece: not piece.text.startswith("from __future__ "))
    lines: list[str] = []
    places: dict[int, str] = {}
    for piece in ordered:
        for number, line in enumerate(piece.text.rstrip("\n").split("\n"), start=piece.first):
            lines.append(line)
            places[len(lines)] = f"{number}{piece.label}"
    return Extract("\n".join(lines) + "\n", places, lost, where)
