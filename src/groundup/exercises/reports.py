"""What the judge said of many answers, for a spreadsheet (CSV), for other tools (JUnit XML) and for a teacher (HTML).

Names of files, and everything an answer returned or raised, come from other people: each format quotes them.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from groundup.base.plain_text import clean
from groundup.exercises.registry import list_names
from groundup.exercises.submissions import Submission

COLUMNS = ("learner", "exercise", "accepted", "verdict", "mistakes", "findings", "remarks", "seconds", "file")
MOST_COMMON = 12
UNNAMED = "no known mistake · "
# What makes a cell a formula (wide signs as well); some spreadsheets end cells at other signs than commas.
_FORMULA = re.compile("(^|[;|])([\\s\"']*)(?=[=+\\-@\uff1d\uff0b\uff0d\uff20])")


@dataclass(frozen=True)
class Graded:
    """A judged submission.

    Attributes
    ----------
    submission : Submission
        Whose, and to what.
    verdict : dict
        As `groundup.judge.verdict.Verdict.to_json` has it.
    """

    submission: Submission
    verdict: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {"learner": clean(self.submission.learner), **self.verdict, "path": clean(self.submission.path)}


def write_csv(graded: Sequence[Graded]) -> str:
    """Return a table, a line each answer; of several answers to one exercise each says so in its remarks."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    several = _count_answers(graded)
    for one in graded:
        verdict = one.verdict
        number = several[one.submission.learner, one.submission.exercise]
        remarks = [*verdict["remarks"], *([f"one of {number} answers to this exercise"] if number > 1 else [])]
        lists = ["; ".join(texts) for texts in (verdict["mistakes"], verdict["findings"], remarks)]
        row = [one.submission.learner, verdict["exercise"], "yes" if verdict["accepted"] else "no"]
        row += [verdict["headline"], *lists, f"{verdict['seconds']:.3f}", str(one.submission.path)]
        writer.writerow(map(_quote_cell, row))
    return stream.getvalue()


def _count_answers(graded: Sequence[Graded]) -> Counter[tuple[str, str]]:
    return Counter((one.submission.learner, one.submission.exercise) for one in graded)


def _quote_cell(text: object) -> str:
    """Keep a spreadsheet from taking a learner's text for a formula, or a part of it for a cell of its own."""
    return _FORMULA.sub(r"\1'\2", " ".join(clean(text).split()))


def write_junit(graded: Sequence[Graded]) -> str:
    """Return JUnit XML: a suite each learner, a case each exercise."""
    root = ElementTree.Element("testsuites", name="groundup grade", tests=str(len(graded)), failures=_count(graded))
    for learner, answers in _group(graded).items():
        own = list(answers.values())
        seconds = sum(one.verdict["seconds"] for one in own)
        suite = ElementTree.SubElement(
            root, "testsuite", name=clean(learner), tests=str(len(own)), failures=_count(own), time=f"{seconds:.3f}"
        )
        for name, one in answers.items():
            case = ElementTree.SubElement(suite, "testcase", name=clean(name), classname=clean(learner))
            case.set("time", f"{one.verdict['seconds']:.3f}")
            if not one.verdict["accepted"]:
                failure = ElementTree.SubElement(case, "failure", message=clean(one.verdict["headline"]))
                failure.text = clean("\n".join(_format_failure(one.verdict)))
            if one.verdict["remarks"]:
                ElementTree.SubElement(case, "system-out").text = clean("\n".join(one.verdict["remarks"]))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _count(graded: Sequence[Graded]) -> str:
    return str(sum(not one.verdict["accepted"] for one in graded))


def _format_failure(verdict: dict[str, Any]) -> list[str]:
    lines = list(verdict["findings"])
    for name, value in _list_values(verdict):
        lines.append(f"{name} = {value}")
    return lines


def _list_values(verdict: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the smallest failing case by its names: arguments, what came back, what was expected."""
    failing = verdict["failing"]
    if failing is None:
        return []
    names = failing.get("names") or [f"input {place}" for place in range(1, len(failing["input"]) + 1)]
    arguments = list(zip(names, failing["input"], strict=True))
    return [*arguments, ("this answer", failing["got"]), ("expected", failing["expected"])]


def _group(graded: Sequence[Graded]) -> dict[str, dict[str, Graded]]:
    """Return learner → exercise → answer; of several answers to one exercise each is kept, by its file."""
    groups: dict[str, dict[str, Graded]] = {}
    for one in graded:
        answers = groups.setdefault(one.submission.learner, {})
        exercise = one.submission.exercise
        answers[exercise if exercise not in answers else f"{exercise} {one.submission.path}"] = one
    return groups


def count_mistakes(graded: Sequence[Graded]) -> list[tuple[str, str, int, str]]:
    """Return exercise, mistake, number of answers and what to say of it, the most common first."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in graded:
        verdict = one.verdict
        if verdict["accepted"]:
            continue
        unnamed = verdict["headline"].replace("Not right yet: ", UNNAMED)
        for place, name in enumerate(verdict["mistakes"] or [unnamed]):
            finding = verdict["findings"][place] if place < len(verdict["findings"]) else ""
            found.setdefault((one.submission.exercise, name), []).append(finding)
    # What a named mistake says differs from answer to answer by its numbers only; other findings are one answer's own.
    common = sorted(found.items(), key=lambda item: (-len(item[1]), item[0][1].startswith(UNNAMED)))[:MOST_COMMON]
    return [
        (exercise, name, len(said), "" if name.startswith(UNNAMED) and len({*said}) > 1 else said[0])
        for (exercise, name), said in common
    ]


def write_html(
    graded: Sequence[Graded],
    unknown: Sequence[object],
    missing: Sequence[Submission],
    note: str,
    notes: Sequence[str] = (),
) -> str:
    """Return one page that needs nothing else.

    Parameters
    ----------
    graded : sequence of Graded
        What was judged.
    unknown : sequence
        What was not judged, each with a reason (`groundup.exercises.submissions.LeftOut`).
    missing : sequence of Submission
        What was not judged any more.
    note : str
        How the answers were kept apart.
    notes : sequence of str
        How names were understood where there was more than one way.
    """
    style = Path(__file__).with_name("reports.css").read_text(encoding="utf-8")
    right = sum(one.verdict["accepted"] for one in graded)
    learners = len({one.submission.learner for one in graded})
    summary = f"{right} of {len(graded)} answers accepted · {learners} {'learner' if learners == 1 else 'learners'}"
    parts = [
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>groundup grade</title><style>{style}</style></head><body><main>",
        f"<h1>Grades</h1><p class=lead>{summary}</p>",
        _write_table(graded),
        _write_mistakes(graded),
        _write_verdicts(graded),
    ]
    if missing:
        parts.append("<h2>Not judged any more</h2>" + _write_list(str(one.path) for one in missing))
    if notes:
        parts.append("<h2>How names were understood</h2>" + _write_list(notes))
    if unknown:
        text = "Name answers LEARNER/EXERCISE.py or LEARNER_EXERCISE.py."
        parts.append(f"<h2>Not recognised, or left out</h2><p>{text}</p>" + _write_list(map(str, unknown)))
    parts.append(f"<footer>{_text(note)}</footer></main></body></html>\n")
    return "\n".join(part for part in parts if part)


def _text(value: object) -> str:
    return escape(clean(value), quote=True)


def _write_list(items: Any) -> str:
    return "<ul class=files>" + "".join(f"<li><code>{_text(item)}</code></li>" for item in items) + "</ul>"


def _write_table(graded: Sequence[Graded]) -> str:
    used = {one.submission.exercise for one in graded}
    exercises = [name for name in list_names() if name in used]
    numbers = {id(one): number for number, one in enumerate(graded)}
    head = "".join(f"<th scope=col><span>{_text(name)}</span></th>" for name in exercises)
    rows = []
    for learner, answers in _group(graded).items():
        cells = []
        for name in exercises:
            own = [one for one in answers.values() if one.submission.exercise == name]
            cells.append(_write_cell(own, numbers))
        done = sum(one.verdict["accepted"] for one in answers.values())
        count = f"<td class=count>{done}/{len(answers)}</td>"
        rows.append(f'<tr><th scope=row title="{_text(learner)}">{_text(learner)}</th>{count}{"".join(cells)}</tr>')
    top = f"<thead><tr><th scope=col>learner</th><th scope=col>right</th>{head}</tr></thead>"
    return f"<div class=wide tabindex=0><table class=grid>{top}<tbody>{''.join(rows)}</tbody></table></div>"


def _write_cell(own: Sequence[Graded], numbers: Mapping[int, int]) -> str:
    """Return what the table says of a learner's answers to one exercise: where they differ, that they do."""
    if not own:
        return '<td class=none><span title="no answer">·</span></td>'
    wrong = [one for one in own if not one.verdict["accepted"]]
    several = f"{len(own)} answers, {len(own) - len(wrong)} of them accepted: " if len(own) > 1 else ""
    files = ", ".join(str(one.submission.path) for one in own)
    if not wrong:
        return f'<td class=yes><span title="{_text(several + files if several else "accepted")}">✓</span></td>'
    title = several + files if several else wrong[0].verdict["headline"]
    sign = "✗" if len(wrong) == len(own) else "✓✗"
    return f'<td class=no><a href="#v{numbers[id(wrong[0])]}" title="{_text(title)}">{sign}</a></td>'


def _write_mistakes(graded: Sequence[Graded]) -> str:
    common = count_mistakes(graded)
    if not common:
        return ""
    most = max(number for _, _, number, _ in common)
    items = [
        f"<li><div class=bar style='--part:{number / most:.3f}'><b>{number}</b> <span>{_text(name)}</span> "
        f"<i>{_text(exercise)}</i></div>{f'<p>{_text(says)}</p>' if says else ''}</li>"
        for exercise, name, number, says in common
    ]
    return f"<h2>Commonest mistakes</h2><ol class=mistakes>{''.join(items)}</ol>"


def _write_verdicts(graded: Sequence[Graded]) -> str:
    blocks = []
    for number, one in enumerate(graded):
        verdict = one.verdict
        if verdict["accepted"]:
            continue
        body = "".join(f"<p>{_text(finding)}</p>" for finding in verdict["findings"])
        body += "".join(f"<p class=remark>{_text(remark)}</p>" for remark in verdict["remarks"])
        if values := _list_values(verdict):
            cells = "".join(f"<dt>{_text(name)}</dt><dd><pre>{_text(value)}</pre></dd>" for name, value in values)
            body += f"<h3>The smallest failing input that was found</h3><dl>{cells}</dl>"
        body += f"<p class=file><code>{_text(one.submission.path)}</code></p>"
        who = f"<b>{_text(one.submission.learner)}</b> <i>{_text(verdict['exercise'])}</i>"
        blocks.append(
            f"<details id=v{number}><summary>{who} <span>{_text(verdict['headline'])}</span></summary>{body}</details>"
        )
    return f"<h2>Answers that are not right yet</h2>{''.join(blocks)}" if blocks else ""
