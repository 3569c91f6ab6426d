"""CPython's miscount of a syntax tree's depth is met by asking again; every other error is told as it is."""

import ast

import pytest

from groundup.lab.ast_retry import ATTEMPTS, parse_patiently, try_again


def miscount(times):
    calls = []

    def parse(source, mode="exec"):
        calls.append(source)
        if len(calls) <= times:
            raise SystemError("AST constructor recursion depth mismatch (before=207, after=103)")
        return ast.parse(source, mode=mode)

    return parse, calls


def test_a_miscounted_tree_is_asked_for_again():
    parse, calls = miscount(3)
    assert ast.dump(try_again(parse)("1 + 2", mode="eval")) == ast.dump(ast.parse("1 + 2", mode="eval"))
    assert len(calls) == 4


def test_it_does_not_ask_for_ever():
    parse, calls = miscount(10**9)
    with pytest.raises(SystemError):
        try_again(parse)("1")
    assert len(calls) == ATTEMPTS


def test_what_is_wrong_with_the_source_is_told_at_once(monkeypatch):
    monkeypatch.setattr(ast, "parse", ast.parse)  # put back at the end
    parse_patiently()
    first = ast.parse
    parse_patiently()
    assert ast.parse is first
    with pytest.raises(SyntaxError):
        ast.parse("1 +")
