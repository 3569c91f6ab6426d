"""Mistakes are named on evidence alone: by values, on many inputs, whatever the answer makes the search do."""

import time

import numpy as np
import pytest

from groundup.exercises.registry import load_exercise
from groundup.judge.answer import Raised
from groundup.judge.explain.edits import find_terms
from groundup.judge.explain.known_mistakes import KNOWN, build_candidate, name_mistakes, overflows_as
from groundup.judge.explain.mutations import list_changes, watch
from groundup.judge.isolation.trials import run_apart
from groundup.judge.judging import CheckOptions, judge
from groundup.judge.searching import Search


def ask(fork_server, name, source, **more):
    return judge(load_exercise(name), source, fork_server, CheckOptions(**{"seed": 1, **more}))


NEURON = """
import numpy as np

def forward(x, w, b, activation):
    z = SUM
    return z * (z > 0) if activation == "relu" else 1 / (1 + np.exp(-z))
"""


@pytest.mark.parametrize(
    "name", ["vocabulary", "softmax", "regression-training", "byte-pair", "text-data-set", "layer-norm", "neuron"]
)
def test_a_bare_error_is_no_mistake_that_anybody_knows(name, fork_server):
    stub = load_exercise(name).read("stub.py")
    verdict = ask(fork_server, name, stub.replace("NotImplementedError", "TypeError('anything')"))
    assert not verdict.accepted
    assert verdict.mistakes == []
    assert any("TypeError: anything" in finding for finding in verdict.findings)


def test_an_error_for_some_inputs_alone_is_named_where_it_is_known(fork_server):
    source = "def tokenize_numbers(numbers, vocabulary):\n    return [[c for c in str(n)] for n in numbers]\n"
    verdict = ask(fork_server, "tokenizer-edges", source)
    assert not verdict.accepted


@pytest.mark.parametrize(
    ("total", "words"),
    [
        ("w @ x", "b"),  # the bias left out
        ("w @ x - b", "b"),
        ("w @ x + 0.1", "b"),
    ],
)
def test_what_nobody_wrote_down_is_told_in_terms_of_the_model_answer(total, words, fork_server):
    verdict = ask(fork_server, "neuron", NEURON.replace("SUM", total))
    assert not verdict.accepted
    assert len(verdict.mistakes) == 1
    assert words in verdict.mistakes[0]


def test_an_epsilon_of_ones_own_is_named_by_its_number(fork_server):
    source = (
        "import numpy as np\ndef forward(x, gamma, beta):\n    m = x.mean(-1, keepdims=True)\n"
        "    v = x.var(-1, keepdims=True)\n    return gamma * (x - m) / np.sqrt(v + 1e-3) + beta\n"
    )
    assert ask(fork_server, "layer-norm", source).mistakes == ["ε of 10⁻³"]
    verdict = ask(fork_server, "layer-norm", source.replace("1e-3", "1e-2"))
    assert "0.01" in verdict.mistakes[0]


def test_a_number_that_the_results_do_not_tell_is_not_named_by_its_number():
    exercise = load_exercise("layer-norm")
    reference, check = build_candidate(exercise, ()), exercise.checks[0]
    seen = watch(lambda: check.observe(reference, check.edges[0]))
    change = next(one for one in list_changes(seen) if one.replacement.name.startswith("`0.01` where "))
    numbers = [one.replacement.new.value for one in change.vary()]
    assert numbers == [0.005, 0.02]
    name, says = change.replacement.vaguely
    assert name.startswith("another number where ")
    assert "0.01" not in name + says


@pytest.mark.parametrize(
    ("error", "value", "alike"),
    [
        (Raised("OverflowError", "math range error", 1), [np.inf, 1.0], True),
        (Raised("ZeroDivisionError", "float division by zero", 1), np.nan, True),
        (Raised("ValueError", "math domain error", 1), -np.inf, True),
        (Raised("ValueError", "too many values to unpack", 1), np.nan, False),
        (Raised("OverflowError", "math range error", 1), [0.5, 1.0], False),
        (np.array(np.nan), np.nan, False),
    ],
)
def test_plain_python_raises_where_arrays_give_no_number(error, value, alike):
    assert overflows_as(error, np.array(value)) is alike
    assert overflows_as(error, [np.zeros(2), {"loss": np.array(value)}]) is alike


def test_two_changes_of_one_term_are_no_explanation(fork_server):
    # (1 − p)² is what two known mistakes in the slope p (1 − p) would make of it, but neither of them was made.
    source = load_exercise("neuron-backward").read("model_answer.py")
    wrong = source.replace("prediction * (1 - prediction)", "(1 - prediction) ** 2")
    assert wrong != source
    assert len(ask(fork_server, "neuron-backward", wrong).mistakes) < 2


def test_what_another_function_contradicts_is_no_explanation(fork_server):
    # The order of the neighbors is as if 1e-8 had been added; the cosines themselves are further off.
    source = load_exercise("cosine-neighbours").read("model_answer.py")
    wrong = source.replace("np.where(lengths == 0, 1, lengths)", "(lengths + 1e-3)")
    assert wrong != source
    assert not any("1e-" in name for name in ask(fork_server, "cosine-neighbours", wrong).mistakes)


def test_mistakes_know_the_terms_that_they_change():
    exercise = load_exercise("optimiser")
    terms = {one.name: find_terms(exercise, one) for one in exercise.mistakes}
    # 1 − β₁ᵗ is one term, in which two changes may make a third.
    assert terms["corrected by 1 + βᵗ"] & terms["β times the step instead of its power"]
    assert not terms["gradient not squared"] & terms["root forgotten"]
    assert not terms["learning rate ignored in descent"] & terms["β times the step instead of its power"]


def test_the_judge_answers_soon_whatever_an_answer_makes_it_try(fork_server):
    # It stops when the slope is small, at a whole number: an edit of the reference squares it, sixty times.
    source = """
def get_minimizer(iterations, learning_rate, init):
    guess = init
    for _ in range(iterations):
        if abs(2 * guess) < 1e-3:
            break
        guess = guess - learning_rate * 2 * guess
    return round(guess, 5)
"""
    started = time.process_time()
    verdict = ask(fork_server, "gradient-descent", source)
    assert not verdict.accepted
    assert time.process_time() - started < 10
    assert verdict.seconds < 600


@pytest.mark.parametrize("seed", range(4))
def test_names_do_not_depend_on_the_seed(seed, fork_server):
    verdict = ask(fork_server, "neuron", NEURON.replace("SUM", "w @ x"), seed=seed)
    assert verdict.mistakes == ask(fork_server, "neuron", NEURON.replace("SUM", "w @ x"), seed=99).mistakes != []


def test_an_edge_tells_two_mistakes_apart_however_many_smaller_cases_fail():
    exercise = load_exercise("cross-entropy")
    first, second = (place for place, one in enumerate(exercise.mistakes) if one.name.startswith("only clipped below"))
    check = next(one for one in exercise.checks if one.name == "two classes, probabilities of exactly 0 and 1")
    answer, reference = build_candidate(exercise, (second,)), build_candidate(exercise, ())
    search = Search(exercise, check, answer, reference, CheckOptions(), short=False, process=None)
    alike = [(np.array([0.0, truth]), np.array([1.0, p])) for truth in (0.0, 1.0) for p in (0.0, 0.2, 0.3, 0.4, 0.5)]
    results = [search.try_case(case) for case in (*alike, *check.edges)]
    assert not any(one.agrees for one in results)
    named, _ = name_mistakes(exercise, results, 20.0, KNOWN)
    assert [one.name for one in named] == [exercise.mistakes[second].name] != [exercise.mistakes[first].name]


def test_attempts_that_hang_crash_or_swallow_memory_are_left_behind():
    def attempts():
        yield lambda: 7 ** (7**20)
        yield lambda: [bytearray(2**28) for _ in range(10)] and "swallowed"
        yield lambda: 1 / 0
        yield lambda: __import__("os").abort()
        yield lambda: None
        yield lambda: "found"
        yield lambda: "not looked at"

    found, spent = run_apart(attempts, 0.3, 5.0, 1)
    assert found == ["found"]
    assert spent < 3


def test_a_result_that_is_told_to_be_the_last_one_ends_the_search():
    found, _ = run_apart(lambda: iter([lambda: 1, lambda: 2, lambda: 3]), 1.0, 5.0, 3, lambda result: result == 2)
    assert found == [1, 2]


def test_what_attempts_change_is_changed_nowhere_else():
    held = [1]
    assert run_apart(lambda: iter([lambda: held.append(2) or list(held)]), 1.0, 1.0, 1)[0] == [[1, 2]]
    assert held == [1]


def test_time_for_all_attempts_together_is_bounded():
    def spin():
        end = time.process_time() + 0.2
        while time.process_time() < end:
            pass

    found, spent = run_apart(lambda: iter([spin] * 100 + [lambda: "late"]), 1.0, 0.5, 1)
    assert found == []
    assert spent < 2


def test_changes_are_of_what_ran_and_are_undone():
    reference = build_candidate(load_exercise("softmax"), ())
    case = [1.0, 2.0]

    def run():
        import numpy as np

        return reference.call("softmax", np.array(case)).tolist()

    before = run()
    changes = list(list_changes(watch(run)))
    assert {change.function.__qualname__ for change in changes} == {"softmax"}
    assert len(changes) > 30
    told = {change.replacement.name for change in changes}
    assert "`exp2` where `exp` belongs" in told
    results = set()
    for change in changes:
        with change.made():
            try:
                results.add(str(run()))
            except Exception as error:  # noqa: BLE001 - an answer may return anything
                results.add(type(error).__name__)
        assert run() == before
    assert len(results) > 10


def test_loops_and_what_stands_in_comprehensions_are_changed_too():
    exercise = load_exercise("descent-in-several-variables")
    reference, check = build_candidate(exercise, ()), exercise.checks[0]
    seen = watch(lambda: check.observe(reference, check.edges[0]))
    # No change is kept: the code of the next one may lie where its code lay.
    told = {change.replacement.name for change in list_changes(seen)}
    assert {"the loop ends after its first round", "`learning_rate` negated", "`coordinate` negated"} <= told
    assert {change.replacement.name for change in list_changes(seen)} == told


ENGINE = """
import math

class Value:
    def __init__(self, data, inputs=(), slopes=()):
        self.data, self.grad, self.inputs, self.slopes = data, 0.0, inputs, slopes

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, n):
        return Value(self.data ** n, (self,), (POWER,))

    def tanh(self):
        t = math.tanh(self.data)
        return Value(t, (self,), (1 - t * t,))

    def relu(self):
        return Value(max(self.data, 0.0), (self,), (RELU,))

    def exp(self):
        return Value(math.exp(self.data), (self,), (math.exp(self.data),))

    def backward(self):
        order, seen = [], set()
        def visit(one):
            if one not in seen:
                seen.add(one)
                for other in one.inputs:
                    visit(other)
                order.append(one)
        visit(self)
        self.grad = 1.0
        for one in reversed(order):
            for other, slope in zip(one.inputs, one.slopes):
                other.grad += slope * one.grad
"""


def test_two_mistakes_that_show_in_different_cases_are_both_named_before_the_time_is_up(fork_server):
    source = ENGINE.replace("POWER", "self.data ** (n - 1)").replace("RELU", "1.0")
    verdict = ask(fork_server, "autograd-engine", source, naming_seconds=1.5)
    assert verdict.mistakes == ["the exponent not brought down", "relu passes all of the gradient on"]


def test_what_it_takes_to_make_attempts_ready_counts():
    def attempts():
        while True:
            until = time.process_time() + 0.05
            while time.process_time() < until:
                pass
            yield lambda: None

    assert run_apart(attempts, 1.0, 0.3)[1] >= 0.25
