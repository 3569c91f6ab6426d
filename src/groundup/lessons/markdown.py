"""Reads ``lesson.md``: Markdown with formulas, and blocks that hold the place of views, questions and code.

A block begins with a line ``:::kind argument`` and ends with a line ``:::``. The kinds:

- ``view NAME``: a view of the lesson; the body is its caption.
- ``question NAME {controls}``: asked before the view is set to these controls; ``- [x]`` marks the right answer, what
  follows the list explains it. A view right below its question is covered until somebody answers.
- ``try NAME {controls}``: a button that sets the view; the body is its label. Where the text names the label in
  quotation marks, that name is such a button, too.
- ``formula STEP.FUNCTION``: the body stands above the lines of that function. Its last paragraph says which names there
  hold which symbols (`groundup.lessons.symbols`): ``In the code: $b$ `bias`, …``
- ``byhand TITLE``: an example worked by hand.
- ``step STEP``: a whole step, folded.
- ``recall``: questions to answer from memory; the indented paragraph under each is the answer, folded.
- ``next``: the question that the next lesson answers.
"""

from __future__ import annotations

import html
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from groundup.lessons.registry import LessonError, read_front
from groundup.lessons.source import highlight_python, show_lines, show_math, show_step
from groundup.lessons.symbols import Pair, mark_formula, split_pairs

_BEGIN = re.compile(r"^:::(\w+) *(.*)$")
_ITEM = re.compile(r"^- \[([ x])\] (.*)$")
_PUNCTUATED = re.compile(r'([("“]*)(<span class="math inline"><span class="tex">([^<]*)</span></span>)([,.;:?!)"”’]*)')
_LONGEST_JOINED = 20
# Tags, and what holds no running text or may hold no button.
_APART = r"<(?:pre|code|button|summary|h\d)\b.*?</(?:pre|code|button|summary|h\d)>|<[^>]*>"
# What may stand beside the main view, on the first screen.
_BESIDE = ("question", "try")


@dataclass(frozen=True)
class Block:
    """A part of a lesson's text.

    Attributes
    ----------
    kind : str
        ``"text"``, or as listed in this module's docstring.
    argument, body : str
        What stands behind the kind, and below it.
    line : int
        Where it begins, from 1.
    """

    kind: str
    argument: str
    body: str
    line: int


@dataclass(frozen=True)
class LessonText:
    """A lesson as a page shows it.

    Attributes
    ----------
    title, question, about : str
        Its name, the question that it answers, and one sentence for its card.
    lead, stage, beside, text : str
        HTML: the first paragraph; the main view; its questions and buttons; everything below.
    views : tuple of str
        The views in the text, in order.
    blocks : tuple of Block
        All its parts, in order.
    """

    title: str
    question: str
    about: str
    lead: str
    stage: str
    beside: str
    text: str
    views: tuple[str, ...]
    blocks: tuple[Block, ...]

    @property
    def words(self) -> int:
        """How many words a reader reads: formulas count, code does not."""
        return sum(len(split_pairs(block.body)[0].split()) for block in self.blocks)

    @property
    def settings(self) -> tuple[tuple[str, dict[str, Any]], ...]:
        """What questions and buttons set: views, and values of their controls."""
        return tuple(read_target(block.argument) for block in self.blocks if block.kind in _BESIDE)


@cache
def _parser() -> MarkdownIt:
    found = MarkdownIt("commonmark", {"html": False, "highlight": _highlight}).enable("table")
    dollarmath_plugin(found, allow_space=False, double_inline=True, renderer=_render_math)
    return found


def _highlight(code: str, *_: str) -> str:
    return highlight_python(code.rstrip())


def _render_math(tex: str, options: dict[str, bool]) -> str:
    return show_math(tex, options["display_mode"])


def render(text: str) -> str:
    """Return Markdown with formulas as HTML; raw HTML in it is shown, not obeyed."""
    found: str = _parser().render(text)
    found = join_punctuation(found.replace("<th></th>", "<td></td>"))
    return found.replace("<table>", '<div class="scroll" tabindex="0"><table>').replace("</table>", "</table></div>")


def render_inline(text: str) -> str:
    """Return one line of Markdown as HTML, without a paragraph around it."""
    return join_punctuation(_parser().renderInline(text.strip()))


def join_punctuation(shown: str) -> str:
    """Return HTML in which a short formula and the punctuation at it stay on one line: browsers break between them.

    Examples
    --------
    >>> join_punctuation('at <span class="math inline"><span class="tex">x</span></span>, or')
    'at <span class="joined"><span class="math inline"><span class="tex">x</span></span>,</span> or'
    """

    def join(found: re.Match[str]) -> str:
        before, formula, tex, after = found.groups()
        if not (before or after) or len(tex) > _LONGEST_JOINED:
            return found[0]
        return f'<span class="joined">{before}{formula}{after}</span>'

    return _PUNCTUATED.sub(join, shown)


def read_lesson(path: Path) -> LessonText:
    """Read a lesson.

    Raises
    ------
    LessonError
        A block is unknown or incomplete.
    """
    front, text, offset = read_front(path)
    blocks = list(split_blocks(text, offset, path))
    lead, _, rest = blocks[0].body.strip().partition("\n\n") if blocks and blocks[0].kind == "text" else ("", "", "")
    first = next((number for number, block in enumerate(blocks) if block.kind == "view"), None)
    if not lead or first is None:
        raise LessonError(f"{path}: a lesson begins with a paragraph, and a :::view follows.")
    after = first + 1
    while after < len(blocks) and (blocks[after].kind in _BESIDE or not blocks[after].body.strip()):
        after += 1
    below = [Block("text", "", rest, 1), *blocks[1:first], *blocks[after:]]
    return LessonText(
        title=front["title"],
        question=front["question"],
        about=front["about"],
        lead=render_inline(lead.replace("\n", " ")),
        stage=_show(blocks[first], path),
        beside=_show_all(blocks[first + 1 : after], path),
        text=name_buttons(_show_all(below, path), blocks),
        views=tuple(dict.fromkeys(block.argument for block in blocks if block.kind == "view")),
        blocks=tuple(blocks),
    )


def split_blocks(text: str, offset: int, path: Path) -> Iterator[Block]:
    """Yield the parts of a text in order; ``offset`` lines stand before it in its file. Errors as in `read_lesson`."""
    kind, argument, began = "text", "", 1
    lines: list[str] = []
    fenced = False
    for number, line in enumerate(text.splitlines(), start=offset + 1):
        fenced ^= line.startswith("```")
        begins = None if fenced else _BEGIN.match(line)
        if begins or (line.rstrip() == ":::" and not fenced):
            if bool(begins) != (kind == "text"):
                wrong = "a block begins inside of another one" if begins else "no block ends here"
                raise LessonError(f"{path}, line {number}: {wrong}.")
            yield Block(kind, argument, "\n".join(lines), began)
            kind, argument = (begins[1], begins[2].strip()) if begins else ("text", "")
            lines, began = [], number
        else:
            lines.append(line)
    if kind != "text":
        raise LessonError(f"{path}, line {began}: the block :::{kind} is never closed by a line :::")
    yield Block(kind, argument, "\n".join(lines), began)


def _show_all(blocks: list[Block], path: Path) -> str:
    """Return blocks as HTML; buttons that follow each other stand in one row."""
    parts: list[str] = []
    row: list[str] = []
    for block in blocks:
        if block.kind == "try":
            row.append(_show(block, path))
            continue
        if row and (block.kind != "text" or block.body.strip()):
            parts.append(_wrap_tries(row))
            row = []
        parts.append(_show(block, path))
    if row:
        parts.append(_wrap_tries(row))
    return "".join(parts)


def _wrap_tries(buttons: list[str]) -> str:
    return f'<div class="tries" role="group" aria-label="Try this"><span>Try this</span>{"".join(buttons)}</div>'


def _show(block: Block, path: Path) -> str:
    try:
        return _KINDS[block.kind](block)
    except KeyError as error:
        if block.kind not in _KINDS:
            raise LessonError(f"{path}, line {block.line}: there is no block :::{block.kind}") from None
        raise LessonError(f"{path}, line {block.line}: there is no step {error}") from error
    except (AttributeError, ValueError) as error:
        raise LessonError(f"{path}, line {block.line}: :::{block.kind} {block.argument}: {error}") from error


def _show_view(block: Block) -> str:
    caption = f"<figcaption>{render_inline(' '.join(block.body.split()))}</figcaption>" if block.body.strip() else ""
    name = html.escape(block.argument)
    return f'<figure class="view" data-view="{name}" id="view-{name}"><div class="picture"></div>{caption}</figure>'


def read_target(argument: str) -> tuple[str, dict[str, Any]]:
    """Return a view's name and the values of controls, from what stands behind ``:::try``; ValueError if it is none."""
    name, _, values = argument.partition(" ")
    found = json.loads(values or "{}")
    if not isinstance(found, dict):
        raise ValueError("controls are an object: {…}")
    return name, found


def _target(argument: str) -> str:
    name, values = read_target(argument)
    return f'data-target="{html.escape(name)}" data-set="{html.escape(json.dumps(values))}"'


def _show_question(block: Block) -> str:
    asked: list[str] = []
    explained: list[str] = []
    answers: list[tuple[bool, str]] = []
    for line in block.body.strip().splitlines():
        if item := _ITEM.match(line):
            answers.append((item[1] == "x", item[2]))
        elif answers and line.startswith("  ") and not explained:
            answers[-1] = answers[-1][0], f"{answers[-1][1]} {line.strip()}"
        else:
            (explained if answers else asked).append(line)
    if sum(right for right, _ in answers) != 1 or len(answers) < 2:
        raise ValueError("a question has two or more answers - [ ], and exactly one that is right: - [x]")
    if not "".join(explained).strip():
        raise ValueError("the answer is explained below the list")
    random.Random("".join(asked)).shuffle(answers)  # the place of the right one is no hint
    button = '<button type="button" data-right="{}">{}</button>'
    buttons = "".join(button.format(str(right).lower(), render_inline(text)) for right, text in answers)
    told = render("\n".join(explained))
    return (
        f'<section class="question" {_target(block.argument)}><p class="kicker">Predict first</p>'
        f'{render(chr(10).join(asked))}<div class="answers">{buttons}</div>'
        f'<div class="why" hidden><p class="judged" role="status"></p>{told}</div></section>'
    )


def _show_try(block: Block) -> str:
    return f'<button type="button" class="try" {_target(block.argument)}>{render_inline(block.body)}</button>'


def name_buttons(shown: str, blocks: list[Block]) -> str:
    """Return HTML in which each label of a button, where the text names it in quotation marks, is such a button."""
    targets = {render_inline(block.body): _target(block.argument) for block in blocks if block.kind == "try"}

    names = "|".join(map(re.escape, targets))

    def name(found: re.Match[str]) -> str:
        if not (label := found["label"]):
            return found[0]
        return f'<button type="button" class="try named" {targets[label]}>{label}</button>'

    return re.sub(rf"{_APART}|&quot;(?P<label>{names})&quot;", name, shown, flags=re.DOTALL)


def _show_formula(block: Block) -> str:
    body, pairs = split_pairs(block.body)
    if not pairs:
        raise ValueError("the last paragraph says which name holds which symbol: In the code: $a$ `left`, …")
    shown, lines = mark_formula(render(body), pairs), show_lines(block.argument, pairs)
    return f'<div class="formula"><div>{shown}</div>{_show_pairs(pairs)}{lines}</div>'


def _show_pairs(pairs: list[Pair]) -> str:
    """Return a button per pair: for the keyboard, and for fingers that the symbols are too small for."""
    buttons = []
    for number, pair in enumerate(pairs):
        names = (f"<code>{html.escape(name)}</code>" for name in pair.names)
        told = " ".join([*map(show_math, pair.symbols), *names])
        buttons.append(f'<button type="button" data-symbol="{number}" aria-pressed="false">{told}</button>')
    return f'<div class="pairs" role="group" aria-label="In the code"><span>In the code</span>{"".join(buttons)}</div>'


def _show_byhand(block: Block) -> str:
    title = render_inline(block.argument)
    return f'<section class="byhand"><p class="kicker">By hand</p><h3>{title}</h3>{render(block.body)}</section>'


def _show_recall(block: Block) -> str:
    items = [item for item in re.split(r"^- ", block.body.strip(), flags=re.MULTILINE) if item.strip()]
    shown = []
    for item in items:
        asked, _, answer = item.partition("\n\n")
        if not answer.strip():
            raise ValueError("the answer of each question is an indented paragraph below it")
        told = render(re.sub(r"^ {2}", "", answer, flags=re.MULTILINE))
        asked = render_inline(" ".join(asked.split()))
        shown.append(f"<details><summary>{asked}</summary>{told}</details>")
    return f'<section class="recall"><h2>Tomorrow, from memory</h2>{"".join(shown)}</section>'


_KINDS: dict[str, Callable[[Block], str]] = {
    "text": lambda block: render(block.body),
    "view": _show_view,
    "question": _show_question,
    "try": _show_try,
    "formula": _show_formula,
    "byhand": _show_byhand,
    "step": lambda block: show_step(block.argument),
    "recall": _show_recall,
    "next": lambda block: f'<section class="next"><p class="kicker">Still missing</p>{render(block.body)}</section>',
}
