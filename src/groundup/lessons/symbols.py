"""Ties the symbols of a formula to the names that hold them in the code below it.

The last paragraph of a block ``:::formula`` states the pairs: ``In the code: $b$ `bias`, …``. A pair may
have several symbols and several names. The page marks all of them when one is pointed at.
"""

from __future__ import annotations

import html
import io
import itertools
import re
import tokenize
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

_OPENING = "In the code: "
_PAIR = re.compile(r"((?:\$[^$]+\$ )+)(`[^`]+`(?: `[^`]+`)*)(?:, |\.?\Z)")
# A word in letters of its own is one token: its letters are no symbols. Spaces are none at all.
_TEX = re.compile(
    r"(?:\\[,;:! ]|\s)+|(\\(?:text|texttt|mathrm|operatorname|begin|end)\*?\{[^{}]*\}|\\[a-zA-Z]+|\\.|.)", re.DOTALL
)
_ACCENTS = {r"\hat", r"\bar", r"\tilde", r"\vec", r"\dot"}
_SHOWN_TEX = re.compile(r'(<(?:div|span) class="tex[^>]*)>([^<]*)<')
_SHOWN_WORD = re.compile(r'(?:<span class="(\w+)">)?([^<]+)(?:</span>)?')
_SHOWN_NAME = re.compile(r"<code>([^<]*)</code>")


@dataclass(frozen=True)
class Pair:
    """Symbols of a formula, and the names that hold them in the code: TeX, and Python."""

    symbols: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Token:
    """A part of a formula or of code, and where it stands."""

    text: str
    begin: int
    end: int


@dataclass(frozen=True)
class Mark:
    """The characters where the pair ``number`` stands, as ``written``; marks lie apart or inside of each other."""

    number: int
    written: str
    begin: int
    end: int


def split_pairs(body: str) -> tuple[str, list[Pair]]:
    r"""Return a formula's text without its last paragraph, and the pairs that it states; none if it states none.

    Raises
    ------
    ValueError
        The paragraph is written in another way.

    Examples
    --------
    >>> split_pairs("$$ a b $$\n\nIn the code: $a$ `left`, $b$ `right`.")
    ('$$ a b $$', [Pair(symbols=('a',), names=('left',)), Pair(symbols=('b',), names=('right',))])
    """
    before, _, last = body.strip().rpartition("\n\n")
    if not last.startswith(_OPENING):
        return body, []
    stated = " ".join(last.removeprefix(_OPENING).split())
    pairs, place = [], 0
    while place < len(stated):
        found = _PAIR.match(stated, place)
        if found is None:
            raise ValueError(f"after {_OPENING!r} stand pairs such as $a$ `left`, not {stated[place:]!r}")
        pairs.append(Pair(tuple(re.findall(r"\$([^$]+)\$", found[1])), tuple(re.findall("`([^`]+)`", found[2]))))
        place = found.end()
    for told in (
        [symbol for pair in pairs for symbol in pair.symbols],
        [name for pair in pairs for name in pair.names],
    ):
        if twice := next((one for one in told if told.count(one) > 1), None):
            raise ValueError(f"{twice} stands in two pairs")
    return before, pairs


def mark_formula(shown: str, pairs: Sequence[Pair]) -> str:
    """Return a formula's HTML with its symbols, and the names in its text, marked.

    Raises
    ------
    ValueError
        A symbol does not occur.
    """
    seen: set[str] = set()

    def mark_tex(found: re.Match[str]) -> str:
        tex = html.unescape(found[2])
        marks = find_symbols(tex, pairs)
        seen.update(mark.written for mark in marks)
        return f'{found[1]} data-marked="{html.escape(wrap_symbols(tex, marks))}">{found[2]}<'

    def mark_name(found: re.Match[str]) -> str:
        name = html.unescape(found[1])
        number = next((number for number, pair in enumerate(pairs) if name in pair.names), None)
        return found[0] if number is None else f'<code data-symbol="{number}">{found[1]}</code>'

    shown = _SHOWN_TEX.sub(mark_tex, shown)
    if missing := [symbol for pair in pairs for symbol in pair.symbols if symbol not in seen]:
        raise ValueError(f"the formula has no symbol {missing[0]}")
    return _SHOWN_NAME.sub(mark_name, shown)


def find_symbols(tex: str, pairs: Sequence[Pair]) -> list[Mark]:
    r"""Return where the symbols of pairs stand in TeX; with its exponent, a symbol is one mark.

    Examples
    --------
    >>> find_symbols(r"e^x + \exp x_1", [Pair(("x",), ("power",))])
    [Mark(number=0, written='x', begin=2, end=3)]
    """
    tokens = list(split_tex(tex))

    def stands_alone(begin: int, end: int) -> bool:
        before = [token.text for token in tokens[max(0, begin - 2) : begin]]
        accented = before[-1:] and (before[-1] in _ACCENTS or (before[-1] == "{" and before[0] in _ACCENTS))
        longer = end < len(tokens) and tokens[end].text in ("_", "'")
        return not accented and before[-1:] != [r"\mathrm{d}"] and not longer

    def extend(end: int) -> int:
        if end + 1 >= len(tokens) or tokens[end].text != "^":
            return end
        depth, end = 0, end + 1
        while True:
            depth += (tokens[end].text == "{") - (tokens[end].text == "}")
            end += 1
            if depth == 0:
                return end

    symbols = [(number, symbol, split_tex(symbol)) for number, pair in enumerate(pairs) for symbol in pair.symbols]
    return _find(tokens, symbols, stands_alone, extend)


def wrap_symbols(tex: str, marks: Sequence[Mark]) -> str:
    r"""Return TeX in which KaTeX gives each mark the attribute ``data-symbol``.

    Examples
    --------
    >>> wrap_symbols("a_x", [Mark(4, "x", 2, 3)])
    'a_{\\htmlData{symbol=4}{x}}'
    """
    # An argument without braces, as in `x^t` and `\sqrt d`, takes one token: the command needs braces around it.
    bare = re.compile(r"(?:[_^]|\\[a-zA-Z]+)\s*\Z|\\frac\s*\w\s*\Z")
    parts, place = [], 0
    events = sorted(
        [(mark.begin, 1, -mark.end, mark) for mark in marks] + [(mark.end, 0, -mark.begin, mark) for mark in marks],
        key=lambda event: event[:3],
    )
    for where, opens, _, mark in events:
        parts.append(tex[place:where])
        place = where
        braces = bare.search(tex[: mark.begin]) is not None
        if opens:
            parts.append("{" * braces + rf"\htmlData{{symbol={mark.number}}}{{")
        else:
            parts.append("}" + "}" * braces)
    return "".join([*parts, tex[place:]])


def find_names(source: str, pairs: Sequence[Pair]) -> list[Mark]:
    """Return where the names of pairs stand in Python source, attributes of other things aside.

    Raises
    ------
    ValueError
        A name does not occur.

    Examples
    --------
    >>> find_names("z = x.mean() + mean", [Pair(("m",), ("mean",))])
    [Mark(number=0, written='mean', begin=15, end=19)]
    """
    tokens = list(split_python(source))

    def is_variable(begin: int, _: int) -> bool:
        return tokens[begin].text == "." or begin == 0 or tokens[begin - 1].text != "."

    names = [(number, name, split_python(name)) for number, pair in enumerate(pairs) for name in pair.names]
    marks = _find(tokens, names, is_variable, lambda end: end)
    seen = {mark.written for mark in marks}
    if missing := [name for _, name, _ in names if name not in seen]:
        raise ValueError(f"the code has no name {missing[0]}")
    return marks


def mark_code(shown: str, marks: Sequence[Mark]) -> str:
    """Return highlighted source, an element for each word and none inside of another one, with its marks.

    Examples
    --------
    >>> mark_code('<span class="n">x</span> <span class="o">+</span> y', [Mark(0, "x", 0, 1)])
    '<span data-symbol="0"><span class="n">x</span></span> <span class="o">+</span> y'
    """
    parts, place = [], 0
    bounds = {where for mark in marks for where in (mark.begin, mark.end)}
    for kind, text in _SHOWN_WORD.findall(shown):
        word = html.unescape(text)
        cuts = [0, *(cut for cut in range(1, len(word)) if place + cut in bounds), len(word)]
        for begin, end in itertools.pairwise(cuts):
            piece = html.escape(word[begin:end], quote=False)
            parts += ["</span>" for mark in marks if mark.end == place + begin]
            opened = sorted((mark for mark in marks if mark.begin == place + begin), key=lambda mark: -mark.end)
            parts += [f'<span data-symbol="{mark.number}">' for mark in opened]
            parts.append(f'<span class="{kind}">{piece}</span>' if kind else piece)
        place += len(word)
    parts += ["</span>" for mark in marks if mark.end == place]
    return "".join(parts)


def split_tex(tex: str) -> Iterator[Token]:
    """Yield the tokens of TeX."""
    for found in _TEX.finditer(tex):
        if found[1]:
            yield Token(found[1], *found.span(1))


def split_python(source: str) -> Iterator[Token]:
    """Yield the tokens of Python, comments and the ends of lines aside."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    skipped = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in skipped:
            begin, end = starts[token.start[0] - 1] + token.start[1], starts[token.end[0] - 1] + token.end[1]
            yield Token(token.string, begin, end)


def _find(
    tokens: Sequence[Token],
    wanted: Iterable[tuple[int, str, Iterable[Token]]],
    fits: Callable[[int, int], bool],
    extend: Callable[[int], int],
) -> list[Mark]:
    """Return the marks of wanted rows of tokens, the longest first, and of those inside of them."""
    marks: list[Mark] = []
    texts = [token.text for token in tokens]
    rows = [(number, written, [token.text for token in row]) for number, written, row in wanted]
    rows.sort(key=lambda row: -len(row[2]))

    def search(begin: int, end: int, most: int) -> None:
        while begin < end:
            for number, written, row in rows:
                stop = begin + len(row)
                if len(row) < most and stop <= end and texts[begin:stop] == row and fits(begin, stop):
                    whole = min(end, extend(stop))
                    marks.append(Mark(number, written, tokens[begin].begin, tokens[whole - 1].end))
                    search(begin, stop, len(row))
                    search(stop, whole, len(tokens) + 1)
                    begin = whole
                    break
            else:
                begin += 1

    search(0, len(tokens), len(tokens) + 1)
    return marks
