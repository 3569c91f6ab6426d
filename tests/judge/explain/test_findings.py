"""What is said of wrong outputs: every sentence where it holds, and nowhere else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from groundup.judge.answer import Raised
from groundup.judge.compare import Tolerance, to_plain
from groundup.judge.explain.findings import find
from groundup.judge.isolation.messages import Opaque
from groundup.judge.verdict import WRONG_KIND, CaseResult

CLOSE = Tolerance(relative=1e-6)
RIGHT = [
    np.array([[0.31, -1.42], [2.53, 0.77], [-0.28, 3.9]]),
    np.array([[1.13, 0.21], [-0.91, 2.2], [0.4, 0.6]]),
    np.array([[7.1, -0.33], [1.9, 4.4], [-2.6, 0.15]]),
]
CASES = [(np.full(n, float(n)),) for n in (2, 3, 5)]


def told(change, right=RIGHT, cases=CASES, passed=(), **more):
    """Return what is said of an answer that changes the right output."""
    case_results = [
        CaseResult("c", case, to_plain(change(wanted)), to_plain(wanted), False)
        for case, wanted in zip(cases, right, strict=True)
    ]
    passing = [CaseResult("c", case, wanted, wanted, True) for case, wanted in passed]
    return find([*case_results, *passing], CLOSE, **more)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: -x, "wrong sign"),
        (lambda x: 2 * x, "2 times what is asked for"),
        (lambda x: x / 3, "1/3 of what is asked for"),
        (lambda x: x + 0.5, "0.5 too large"),
        (lambda x: x - 0.25, "0.25 too small"),
        (lambda x: x.T, "it is transposed, with the right values"),
        (lambda x: x[None], "a dimension of length 1 is left over, the values are right"),
        (lambda x: x.ravel(), "a dimension is lost, the values are right"),
        (lambda x: x.sum(), "summed or averaged into one number"),
        (lambda x: x.sum(0), "a dimension was summed or picked away"),
        (lambda x: x[:-1], "dimension 0 has 2 places, 1 too few"),
        (lambda x: x[::-1], "in reverse order"),
        (lambda x: x[:, ::-1], "with the last dimension reversed"),
        (lambda x: x[[1, 2, 0]], "in another order"),
        (np.square, "the square of what is asked for"),
        (np.abs, "the absolute value of what is asked for"),
        (np.trunc, "cut to whole numbers"),
        (lambda x: np.trunc(x).astype(int), "dtype is that of whole numbers"),
        (lambda x: np.round(x, 1), "rounded to 1 places"),
        (lambda x: x * (1 + 3e-4 * np.sin(9 * x)), "nearly right"),
        (lambda x: x * np.nan, "NaN"),
        (lambda x: x / 0, "infinity"),
        (lambda x: 0 * x, "0 in every failing case"),
        (lambda x: np.array([[1.0, 2], [3, 4], [5, 6]]), "whatever the input"),
        (lambda x: np.vstack([x[:1] + x[1:2], x[1:]]), "Only the first row is wrong"),
        (lambda x: np.maximum(x, 0), "wrong exactly where the right value is negative"),
        (lambda x: None, "is a return statement missing"),
        (lambda x: Raised("IndexError", "out of range", 3), "It raises IndexError: out of range (line 3)"),
        (lambda x: Raised("NotImplementedError", "", 3), "not written yet"),
        (lambda x: Raised(WRONG_KIND, "no length", None), "not of the kind that is asked for: no length"),
        (lambda x: Opaque("module"), "It returns a module; numbers of shape (3, 2) is asked for"),
        (lambda x: Opaque("iterator"), "It returns an iterator; numbers of shape (3, 2) is asked for"),
        (lambda x: "text", "It gives text"),
    ],
)
def test_a_sentence_for_every_kind_of_wrong(change, words):
    with np.errstate(all="ignore"):
        assert any(words in finding for finding in told(change))


def test_an_empty_list_is_told_where_things_are_asked_for():
    pairs = [["ab", "c"], ["a", "bc", "d"], ["x"]]
    assert told(lambda _: [], right=pairs)[0] == "It returns an empty list in every failing case."
    assert "It returns an empty list in every failing case." not in told(lambda x: x[:1] if len(x) > 2 else [], pairs)


def test_a_factor_that_is_a_size_is_named_by_it():
    sizes = {2: 2, 3: 3, 5: 5}
    scaled = [wanted * sizes[len(case[0])] for case, wanted in zip(CASES, RIGHT, strict=True)]
    case_results = [
        CaseResult("c", case, got, wanted, False) for case, got, wanted in zip(CASES, scaled, RIGHT, strict=True)
    ]
    assert find(case_results, CLOSE, lambda x: {"N": len(x)})[0] == (
        "Every value is N times what is asked for (N = 2 in the failing case)."
    )


def test_results_are_named():
    right = [[wanted, wanted[0] - 7.0] for wanted in RIGHT]
    assert "Only the bias is wrong; the rest of the result is right." in told(
        lambda x: [x[0], 2 * x[1]], right, results=("the weights", "the bias")
    )
    assert told(lambda x: [2 * x[0], x[1]], right)[1].startswith("the first result: Every value is 2 times")


def test_results_that_are_exchanged():
    right = [[wanted, wanted + 1.0] for wanted in RIGHT]
    exchanged = [to_plain(item) for item in right]
    found = told(lambda x: {"a": x["b"], "b": x["a"]}, [{"a": item[0], "b": item[1]} for item in exchanged])
    assert found == ["'a' and 'b' are exchanged."]


def test_parts_of_dictionaries():
    right = [{"a": wanted, "b": wanted + 1} for wanted in RIGHT]
    assert told(lambda x: {"a": x["a"]}, right)[0] == "The result has no 'b'."
    assert told(lambda x: {**x, "c": 1}, right)[0] == "The result has 'c', which is not asked for."


@pytest.mark.parametrize(
    ("fails", "passes", "words"),
    [
        (["Big a", "B", "No way"], ["a b", "c", "no way"], "holds capital letters"),
        (["a, b", "x!", "so?"], ["a b", "x", "so"], "holds punctuation"),
        (["a a", "b c b", "d d d"], ["a b", "c", "e f"], "holds a word more than once"),
        ([" a", "b ", " c d"], ["a b", "c", "e f"], "begins or ends with a space"),
        (["", "", ""], ["a b", "c", "e f"], "is empty"),
    ],
)
def test_where_it_fails_on_text(fails, passes, words):
    wanted = np.array([1.0, 2.0])
    found = told(
        lambda x: x + np.array([0.3, -9.0]), [wanted] * 3, [(t,) for t in fails], [((t,), wanted) for t in passes]
    )
    assert f"It fails only where input 1 {words}." in found


@given(
    arrays(float, (3, 2), elements=st.floats(-5, 5, width=32)), st.floats(0.01, 50).filter(lambda x: abs(x - 1) > 0.01)
)
def test_a_constant_factor_is_never_called_anything_else(wanted, factor):
    right = [wanted + number for number in RIGHT]
    found = told(lambda x: factor * x, right)
    assert "what is asked for" in found[0]
    assert not any("transposed" in finding or "order" in finding or "NaN" in finding for finding in found)
