"""Shows a step's own source on a page: what runs is what is shown."""

from __future__ import annotations

import ast
import html
import importlib
import inspect
import itertools
import re
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from groundup.course import find_step
from groundup.lessons.symbols import Pair, find_names, mark_code

# What fits into a page of a lesson.
MOST_COLUMNS = 100
_ROLE = re.compile(r":math:`([^`]+)`")
_DOUBLE = re.compile(r"``([^`]+)``")
_SINGLE = re.compile(r"`(?:[\w.]*\.)?(\w+)`")


def highlight_python(source: str, pairs: Sequence[Pair] = ()) -> str:
    """Return Python source as HTML with a class per kind of word; the names of ``pairs`` are marked.

    Errors as of `groundup.lessons.symbols.find_names`.
    """
    shown: str = highlight(source, PythonLexer(), HtmlFormatter(nowrap=True))
    marked = mark_code(shown.rstrip(), find_names(source, pairs)) if pairs else shown.rstrip()
    return f'<pre class="code" tabindex="0"><code>{marked}</code></pre>'


def highlight_lines(source: str) -> list[str]:
    """Return each line of Python source as HTML with a class per kind of word."""
    shown: str = highlight(source, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True))
    return shown.removesuffix("\n").split("\n")


def show_lines(reference: str, pairs: Sequence[Pair] = ()) -> str:
    """Return the lines of a step's function, class or method, and where they stand.

    Docstrings, annotations and refusals (an ``if`` that only raises) are left out.

    Parameters
    ----------
    reference : str
        ``step.name`` or ``step.Class.method``; a step is found in `groundup.course`.
    pairs : sequence of Pair
        The names to mark.

    Raises
    ------
    KeyError, AttributeError, ValueError
        There is no such step, it has no such name, or these lines hold no name of a pair.
    """
    step, _, name = reference.partition(".")
    module = importlib.import_module(find_step(step))
    found: Any = module
    for part in name.split("."):
        found = getattr(found, part)
    found = inspect.unwrap(found)
    lines, first = inspect.getsourcelines(found)
    whole = drop_annotations(drop_docstrings(textwrap.dedent("".join(lines))))
    source = drop_refusals(whole)
    place = f"{Path(str(module.__file__)).parent.name}/{step}.py, line {first}"
    place += "" if source == whole else ", without the check of its arguments"
    return f'<div class="lines">{highlight_python(source, pairs)}<p class="place">steps/{place}</p></div>'


def show_step(step: str) -> str:
    """Return a whole step, folded: its docstring as text, and its source."""
    module = importlib.import_module(find_step(step))
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    place = f"steps/{Path(str(module.__file__)).parent.name}/{step}.py"
    told = show_docstring(module.__doc__ or "")
    code = highlight_python(source.split('"""', 2)[2].strip())
    return (
        f'<details class="step"><summary>The whole file: <code>{place}</code></summary>'
        f'<div class="docstring">{told}</div>{code}</details>'
    )


def drop_docstrings(source: str) -> str:
    """Return source without the docstrings of its functions and classes, and without the blank line after each."""
    lines = source.splitlines(keepends=True)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            told = node.body[0]
            _empty(lines, told)
            after = told.end_lineno or 0
            if len(node.body) > 1 and after < len(lines) and not lines[after].strip():
                lines[after] = ""
    return "".join(lines)


def drop_refusals(source: str) -> str:
    r"""Return source without each ``if`` that does nothing but raise.

    Examples
    --------
    >>> drop_refusals("def half(x):\n    if x < 0:\n        raise ValueError(x)\n    return x / 2\n")
    'def half(x):\n    return x / 2\n'
    """
    lines = source.splitlines(keepends=True)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.If) and not node.orelse and [type(part) for part in node.body] == [ast.Raise]:
            _empty(lines, node)
    return "".join(lines)


def _empty(lines: list[str], node: ast.stmt) -> None:
    """Empty the lines that a statement stands in."""
    first, last = node.lineno - 1, node.end_lineno or node.lineno
    lines[first:last] = [""] * (last - first)


def drop_annotations(source: str) -> str:
    r"""Return source without the types of arguments and results: beside a formula they are more than what is computed.

    Examples
    --------
    >>> drop_annotations("def half(x: float, parts: int = 2) -> float:\n    return x / parts\n")
    'def half(x, parts=2):\n    return x / parts\n'
    """
    lines = [line.encode() for line in source.splitlines(keepends=True)]  # the parser counts bytes
    starts = [0, *itertools.accumulate(map(len, lines))]
    cuts: list[tuple[int, int, bytes]] = []

    def locate(line: int | None, column: int | None) -> int:
        return starts[(line or 1) - 1] + (column or 0)

    whole = b"".join(lines)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.arg) and node.annotation is not None:
            begin, end = (
                locate(node.lineno, node.col_offset) + len(node.arg.encode()),
                locate(node.end_lineno, node.end_col_offset),
            )
            cuts.append((begin, end, b""))
            if default := re.match(rb" = ", whole[end:]):
                cuts.append((end, end + len(default[0]), b"="))
        elif isinstance(node, ast.FunctionDef) and node.returns is not None:
            end = locate(node.returns.end_lineno, node.returns.end_col_offset)
            begin = whole.rindex(b"->", 0, locate(node.returns.lineno, node.returns.col_offset))
            cuts.append((len(whole[:begin].rstrip()), end, b""))
    for begin, end, instead in sorted(cuts, reverse=True):
        whole = whole[:begin] + instead + whole[end:]
    return join_signatures(whole.decode())


def join_signatures(source: str) -> str:
    r"""Return source with the signature of each function in one line, if there is room for it.

    Examples
    --------
    >>> join_signatures("def half(\n    x,\n):\n    return x / 2\n")
    'def half(x):\n    return x / 2\n'
    """
    lines = source.splitlines(keepends=True)
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef):
            continue
        first, last = node.lineno - 1, node.lineno - 1
        while not lines[last].rstrip().endswith(":"):
            last += 1
        joined = f"{' ' * node.col_offset}def {node.name}({ast.unparse(node.args)}):\n"
        if last > first and len(joined) <= MOST_COLUMNS:
            lines[first : last + 1] = [joined, *[""] * (last - first)]  # as many, so that the others keep their numbers
    return "".join(lines)


def show_docstring(text: str) -> str:
    """Return a module's docstring as HTML: paragraphs, formulas (``.. math::``), and indented blocks as they are."""
    parts = []
    for block in re.split(r"\n\s*\n", inspect.cleandoc(text)):
        lines = block.splitlines()
        if lines[0].startswith(".. math::"):
            tex = "\n".join([lines[0].removeprefix(".. math::"), *lines[1:]]).strip()
            parts.append(show_math(tex, display=True))
        elif lines[0].startswith(("    ", "===")):
            parts.append(f'<pre tabindex="0">{html.escape(textwrap.dedent(block))}</pre>')
        else:
            told = html.escape(" ".join(line.strip() for line in lines), quote=False)
            told = _ROLE.sub(lambda found: show_math(html.unescape(found[1])), told)
            told = _SINGLE.sub(r"<code>\1</code>", _DOUBLE.sub(r"<code>\1</code>", told))
            parts.append(f"<p>{told}</p>")
    return "".join(parts)


def show_math(tex: str, display: bool = False) -> str:
    """Return a formula for the page, which draws it with KaTeX; until then its TeX can be read."""
    tag, kind = ("div", 'class="tex display" tabindex="0"') if display else ("span", 'class="tex"')
    return f"<{tag} {kind}>{html.escape(tex.strip())}</{tag}>"
