"""Formulas are computed as Python computes them, differentiated rightly, and nothing else is ever run."""

import contextlib
import math
import time

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.base.errors import UserError
from groundup.formulas.expression import FUNCTIONS, parse_expression

NUMBERS = st.sampled_from(["1", "2", "3", "0.5", "1.5", "x", "y", "pi"])
FORMULAS = st.recursive(
    NUMBERS,
    lambda inner: (
        st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(lambda t: f"({t[0]}{t[1]}{t[2]})")
        | inner.map(lambda f: f"(-{f})")
        | inner.map(lambda f: f"({f})**2")
        | st.tuples(st.sampled_from(["sin", "cos", "tanh", "sigmoid"]), inner).map(lambda t: f"{t[0]}({t[1]})")
    ),
    max_leaves=8,
).map(lambda f: f"{f}+0*x+0*y")
COORDINATES = st.floats(-2, 2)
PLAIN = {name: getattr(math, name) for name in ("sin", "cos", "tanh", "pi")}
PLAIN["sigmoid"] = lambda x: 1 / (1 + math.exp(-x))


@given(FORMULAS, COORDINATES, COORDINATES)
def test_the_value_is_pythons(formula, x, y):
    value = parse_expression(formula)(torch.tensor([x, y], dtype=torch.float64))
    assert math.isclose(value.item(), eval(formula, {}, {**PLAIN, "x": x, "y": y}), rel_tol=1e-9, abs_tol=1e-9)


@given(FORMULAS, COORDINATES, COORDINATES)
def test_the_symbolic_derivative_is_autograds(formula, x, y):
    import sympy

    expression = parse_expression(formula)
    point = torch.tensor([x, y], dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(expression(point), point)
    for place, derivative in enumerate(expression.derivatives().values()):
        symbolic = float(sympy.sympify(derivative).evalf(subs={"x": x, "y": y}))
        assert math.isclose(gradient[place].item(), symbolic, rel_tol=1e-6, abs_tol=1e-6)


def test_every_function_has_its_derivative():
    for name in FUNCTIONS:
        expression = parse_expression(f"{name}(x)")
        point = torch.tensor([0.7], dtype=torch.float64, requires_grad=True)
        (gradient,) = torch.autograd.grad(expression(point), point)
        import sympy

        derivative = sympy.sympify(expression.derivatives()["x"]).evalf(subs={"x": 0.7})
        assert gradient.item() == pytest.approx(float(derivative))


def test_both_signs_for_power():
    assert parse_expression("x^2").derivatives() == parse_expression("x**2").derivatives() == {"x": "2*x"}
    assert parse_expression("x² + y³").derivatives() == {"x": "2*x", "y": "3*y**2"}


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "x.__class__",
        "(lambda: x)()",
        "[x for x in (1,)]",
        "x if x else 1",
        "x == 1",
        "x and 1",
        "f'{x}'",
        "print(x)",
        "sin",
        "sin()",
        "sin(x, x)",
        "sin(x=1)",
        "sin(*x)",
        "x[0]",
        "True + x",
        "1j * x",
        "'a' * x",
        "x // 2",
        "x % 2",
        "x @ x",
        "~x",
        "not x",
        "await x",
        "2x",
        "x y",
        "x;x",
        "x\n+1; x",
        "(x",
        "",
        "   ",
        "3",
        "pi",
        "1e999 * x",
        "x\x00",
        "x + 9**9**9**9",
        "x + 1/0",
        "x + (-8)**0.5",
        "x" + "+x" * 400,
        "(" * 300 + "x" + ")" * 300,
        "-" * 100 + "x",
        "{x}",
        "x := 3",
        "...",
    ],
)
def test_everything_else_is_refused_in_one_line(text):
    with pytest.raises(UserError) as caught:
        parse_expression(text)
    assert len(str(caught.value).splitlines()) == 1


@given(st.text(alphabet="xy()+-*/^.,123 sincoexp_'\"[]{}:=!~@#", max_size=30))
def test_any_text_gives_a_formula_or_one_error(text):
    try:
        expression = parse_expression(text)
    except UserError:
        return
    expression(torch.ones(len(expression.variables), dtype=torch.float64))


@pytest.mark.parametrize(
    "text",
    [
        "7**7**10**9 * x",
        "x**10**10**10",
        "(7*x)**7**7",
        "(((7*x)**99)**99)**99",
        "(1e-9**(-1**x))**7**7",
        "cos(x/tan((1e-9**(-1**x))**7**7))",
        "exp(9**5) * x",
        "tan(exp(3e9 - y**0)) + x",
        "x * " + "9" * 290,
        "x ** " + "9" * 290,
        "abs(sqrt(log(sin(tan(x**y**x**y)))))*relu(x*y*relu(x-y*relu(y/x)))",
        "tanh(sigmoid(sqrt(exp(log(1e-9)*-abs(2)*cos(cos(z)**-z)*(x-tan(e)**2)))-(pi-x**--log(tanh(y)-0.5--e*pi))))",
        "*".join(f"sin(x+{number})" for number in range(40)),
        "sin(" * 58 + "x" + ")" * 58,
        "x" + "**x" * 59,
        "relu(log(0*x)) + abs(1/(x-x)) + x",
    ],
)
def test_every_formula_has_its_slope_before_anybody_gives_up(text):
    started = time.process_time()
    with contextlib.suppress(UserError):
        assert parse_expression(text).derivatives()
    assert time.process_time() - started < 20


DEEP = st.recursive(
    st.sampled_from(["x", "y", "0", "-1", "0.5", "3", "e", "1e-9", "10**9", "7**7"]),
    lambda inner: (
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "**"]), inner).map(lambda t: f"({t[0]}{t[1]}{t[2]})")
        | st.tuples(st.sampled_from(sorted(FUNCTIONS)), inner).map(lambda t: f"{t[0]}({t[1]})")
    ),
    max_leaves=20,
)


@given(DEEP)
def test_every_nest_of_functions_has_its_slope_soon(text):
    started = time.process_time()
    with contextlib.suppress(UserError):
        expression = parse_expression(text)
        expression.derivatives()
        expression(torch.full((len(expression.variables),), 0.7, dtype=torch.float64))
    assert time.process_time() - started < 20


@pytest.mark.parametrize(
    ("text", "slopes"),
    [
        ("sin(3*x) + x**2/4", {"x": "x/2 + 3*cos(3*x)"}),
        ("(1-x)**2 + 10*(y-x**2)**2", {"x": "-40*x*(-x**2 + y) + 2*x - 2", "y": "-20*x**2 + 20*y"}),
        ("relu(x) + abs(y)", {"x": "Heaviside(x)", "y": "sign(y)"}),
        ("exp(-x**2)", {"x": "-2*x*exp(-x**2)"}),
        ("log(2*x)", {"x": "1/x"}),
    ],
)
def test_slopes_are_written_as_people_write_them(text, slopes):
    assert parse_expression(text).derivatives() == slopes
