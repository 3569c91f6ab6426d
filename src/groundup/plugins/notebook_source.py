"""What is judged of a notebook that runs: a cell or a definition, with what it takes from other cells."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from groundup.exercises.cells import cut_out, leave_out_magics
from groundup.exercises.extracts import Extract, Fragment, lay_out
from groundup.exercises.program import is_python, read_statements, slice_program
from groundup.plugins.notebook_values import CellContext, is_own

FUTURE = "from __future__ import annotations"


def complete(
    source: str, namespace: Mapping[str, Any], entries: Iterable[Sequence[str]], lazy_annotations: bool = False
) -> Extract:
    r"""Return a cell's answer as a source that stands alone: with what it uses of other cells.

    What does not lead to the answer (calls, prints, magics, plots) is left out. What other cells give is taken as it
    is now: imports, functions and classes by their source, values by what they are.

    Parameters
    ----------
    source : str
        Python, without the line that says ``%%check``: lines are counted from it on. What is no Python is returned as
        it is, for the judge to say so.
    namespace : mapping
        The notebook's names.
    entries : iterable of sequence of str
        The names that each function or class asked for may have.
    lazy_annotations : bool
        Whether some cell said ``from __future__ import annotations``.

    Examples
    --------
    >>> cell = "def half(z):\n    return np.exp(z) / PARTS\nprint(half(1))"
    >>> print(complete(cell, {"np": ast, "PARTS": 2}, [["half"]]).text)
    PARTS = 2
    import ast as np
    def half(z):
        return np.exp(z) / PARTS
    <BLANKLINE>
    """
    if not is_python(source):
        return Extract("\n" + source)
    known = list(entries)
    text = leave_out_magics(source)
    statements = read_statements(ast.parse(text))
    bound = {name for statement in statements for name in statement.binds}
    wanted = bound & {"Solution", *(name for several in known for name in several)}
    if not wanted:
        return Extract("")
    sliced = slice_program(statements, sorted(wanted))
    context = CellContext(namespace)
    context.take(sorted(sliced.missing))
    if "Solution" not in wanted:
        lacking = [several for several in known if not wanted & set(several)]
        context.take([name for several in lacking for name in _find_own(several, namespace)])
    pieces = [Fragment(FUTURE)] if lazy_annotations else []
    pieces += context.pieces
    for place in sliced.order:
        part, first = cut_out(text, statements[place])
        pieces.append(Fragment(part, first + 1))
    return lay_out(pieces, context.lost)


def find_definitions(
    entries: Iterable[Sequence[str]], namespace: Mapping[str, Any], lazy_annotations: bool = False
) -> Extract | None:
    """Return a notebook's answer to an exercise, complete as in `complete`; None if there is none.

    Parameters
    ----------
    entries, namespace, lazy_annotations
        As for `complete`. A class ``Solution`` counts where none of the others is there.
    """
    names = [name for known in entries for name in _find_own(known, namespace)] or _find_own(["Solution"], namespace)
    if not names:
        return None
    context = CellContext(namespace)
    context.take(names)
    return lay_out([*([Fragment(FUTURE)] if lazy_annotations else []), *context.pieces], context.lost)


def _find_own(known: Sequence[str], namespace: Mapping[str, Any]) -> list[str]:
    """Return the first of some names that the notebook itself defines, if it defines one."""
    return next(([name] for name in known if name in namespace and is_own(namespace[name])), [])
