"""Sums as text: what is written is right, what is held out is never trained on, and bad questions are refused."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from groundup.base.errors import UserError
from groundup.tasks.sums.problems import ALPHABET, MOST_DIGITS, Problems, Questions, is_held_out

KINDS = [(1, "plus"), (3, "plus"), (18, "plus"), (1, "times"), (2, "times"), (9, "times")]


@pytest.mark.parametrize("order", ["reversed", "reading"])
@pytest.mark.parametrize(("digits", "operation"), KINDS)
def test_what_is_written_is_what_python_computes(digits, operation, order):
    problems = Problems(digits, operation, order)
    for text in problems.write(problems.draw(200, (1,))):
        question, _, answer = text.partition("=")
        left, right = map(int, question.split(problems.sign))
        assert len(question) == problems.question_length - 1
        assert len(answer) == problems.answer_length
        assert int(answer[::-1] if order == "reversed" else answer) == (
            left + right if operation == "plus" else left * right
        )


def read_term(text, order):
    return int(text[::-1] if order == "reversed" else text)


@settings(max_examples=60)
@given(st.integers(2, 9), st.sampled_from(["reversed", "reading"]), st.data())
def test_a_working_adds_up_and_every_part_of_what_is_written_is_read_back(digits, order, data):
    problems = Problems(digits, "times", order, working=True)
    number = st.integers(0, 10**digits - 1)
    pairs = data.draw(st.lists(st.tuples(number, number), min_size=1, max_size=4))
    questions = Questions(*np.array(pairs).T)
    written = problems.encode_written(questions)
    assert written.shape == (len(pairs), problems.written_length)
    assert problems.decode_answers(problems.find_answers(written)) == [str(left * right) for left, right in pairs]
    read = zip(pairs, problems.write(questions), problems.decode_working(written), strict=True)
    for (left, right), text, shown in read:
        question, first, *totals = text.split("=")
        assert question == f"{left:0{digits}}*{right:0{digits}}"
        partial = [read_term(first.split("+")[0], order)]
        steps = []
        for before, after in zip([first, *totals], totals, strict=False):
            total, added = (read_term(term, order) for term in before.split("+"))
            partial.append(added)
            assert total + added == read_term(after.split("+")[0], order)
            steps.append(f"{total} + {added} = {read_term(after.split('+')[0], order)}")
        assert partial == [left * int(digit) * 10**place for place, digit in enumerate(f"{right:0{digits}}"[::-1])]
        assert sum(partial) == left * right == read_term(totals[-1], order)
        assert f"{shown} = {left * right}" == ", ".join(steps)


@given(st.sampled_from([(3, "plus"), (18, "plus"), (1, "times")]), st.sampled_from(["reversed", "reading"]))
def test_where_nothing_is_worked_out_the_answer_alone_is_written(kind, order):
    problems, without = (Problems(*kind, order, working) for working in (True, False))
    questions = problems.draw(5, (1,))
    assert problems.write(questions) == without.write(questions)
    assert problems.written_length == without.written_length == problems.answer_length
    assert problems.decode_working(problems.encode_written(questions)) == [""] * 5


def test_what_the_model_wrote_as_its_working_is_shown_as_it_stands():
    problems = Problems(2, "times", working=True)
    row = [ALPHABET.index(letter) for letter in "28+*0141=2961"]
    assert problems.decode_working(torch.tensor([row])) == ["+82 * 1410"]


@pytest.mark.parametrize(("digits", "operation"), [(1, "plus"), (2, "times"), (10, "plus")])
def test_no_held_out_question_is_ever_in_a_batch(digits, operation):
    problems = Problems(digits, operation)
    drawn = problems.draw_test(500, 3)
    test = set(zip(drawn.left.tolist(), drawn.right.tolist(), strict=True))
    assert len(test) == len(drawn) > 5
    seen = set()
    for step in range(20):
        inputs, _ = problems.batch(300, 3, step)
        for row in inputs[:, : problems.question_length - 1].tolist():
            left, right = "".join(ALPHABET[token] for token in row).split(problems.sign)
            seen |= {(int(left), int(right)), (int(right), int(left))}
    assert not test & seen


def test_what_was_in_a_batch_is_found_again_whichever_number_comes_first():
    problems = Problems(2)
    drawn = problems.draw(30, (3, 0, 4))
    asked = Questions(np.append(drawn.right, 98), np.append(drawn.left, 98))
    assert (98, 98) not in zip(drawn.left.tolist(), drawn.right.tolist(), strict=True)
    assert problems.find_drawn(asked, 30, seed=3, steps=5) == [True] * 30 + [False]
    assert not all(problems.find_drawn(asked, 30, seed=3, steps=4))


def test_a_tenth_is_held_out_whichever_number_comes_first():
    numbers = np.random.default_rng(0).integers(0, 10**6, (2, 50_000))
    held_out = is_held_out(Questions(*numbers))
    assert 0.09 < held_out.mean() < 0.11
    assert (held_out == is_held_out(Questions(*numbers[::-1]))).all()


@pytest.mark.parametrize("problems", [Problems(), Problems(2, "times", working=True)])
def test_a_batch_depends_on_seed_and_step_alone(problems):
    inputs, targets = problems.batch(8, 1, 5)
    again, _ = problems.batch(8, 1, 5)
    assert inputs.equal(again)
    assert not inputs.equal(problems.batch(8, 1, 6)[0])
    assert not inputs.equal(problems.batch(8, 2, 5)[0])
    assert targets[:, :-1].equal(inputs[:, problems.question_length :])


@pytest.mark.parametrize(
    ("text", "left", "right"), [("12+34", 12, 34), (" 7 + 005= ", 7, 5), ("0+0", 0, 0), ("12+34=46", 12, 34)]
)
def test_a_question_is_read_as_people_type_it(text, left, right):
    found = Problems().read(text)
    assert (int(found.left[0]), int(found.right[0])) == (left, right)


@pytest.mark.parametrize("sign", ["*", "x", "×", "·"])
def test_signs_of_multiplication(sign):
    assert int(Problems(2, "times").solve(Problems(2, "times").read(f"3{sign}14"))[0]) == 42


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Write two whole numbers, such as 12+34"),
        ("12", "not a question"),
        ("1.5+2", "not a question"),
        ("-1+2", "not a question"),
        ("1+2+3", "not a question"),
        ("٣+٤", "not a question"),
        ("12*34", "learned sums only"),
        ("1234+1", "at most 3 digits"),
        ("1" * 5000 + "+1", "at most 3 digits"),
    ],
)
def test_what_is_no_question_is_refused(text, words):
    with pytest.raises(UserError, match=words.replace("+", r"\+")) as told:
        Problems().read(text)
    assert len(str(told.value)) < 200


@pytest.mark.parametrize(("operation", "most"), MOST_DIGITS.items())
def test_more_digits_than_fit_are_refused(operation, most):
    problems = Problems(most, operation)
    largest = Questions(*np.full((2, 1), 10**most - 1))
    wanted = 2 * (10**most - 1) if operation == "plus" else (10**most - 1) ** 2
    assert problems.decode_answers(problems.encode_answers(problems.solve(largest))) == [str(wanted)]
    with pytest.raises(UserError, match=f"at most {most} digits"):
        Problems(most + 1, operation)
