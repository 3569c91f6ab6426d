"""Questions have exactly one right answer, bugs are found and mended, and exercises come back on the right days."""

import json
import os
import random
import re
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest

from groundup.base.errors import UserError
from groundup.exercises.gradient_check import CUBIC
from groundup.exercises.practice import review
from groundup.exercises.practice.bugs import explain, find_bug, list_changes
from groundup.exercises.practice.curves import MARGIN, choose_curves, draw, measure_distance
from groundup.exercises.practice.journal import FILE, Journal, Practice
from groundup.exercises.practice.questions import CHOICES, KINDS, make_question
from groundup.exercises.practice.trainings import STEPS, TRAININGS
from groundup.exercises.registry import choose_libraries, list_names, load_exercise, read_model_answer
from groundup.judge.explain.mutation_places import BY_THE_STEP
from groundup.judge.explain.showing import name_arguments
from groundup.judge.judging import CheckOptions
from groundup.judge.verdict import Shown, Verdict

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
SOME = ["gradient-descent", "softmax", "self-attention"]  # of numbers, of arrays, a module


@pytest.fixture
def judge(standing_judge):
    def judged(name):
        libraries = choose_libraries(name, read_model_answer(name))
        return lambda source, effort: standing_judge.judge(name, source, effort, libraries)

    return judged


@pytest.mark.parametrize("name", SOME)
def test_a_bug_is_rejected_and_its_line_put_right_is_accepted(name, judge):
    judged = judge(name)
    bug = find_bug(read_model_answer(name), judged, random.Random(3))
    assert bug.shown.got != bug.shown.expected
    lines = bug.change.source.splitlines()
    assert lines[bug.change.line - 1].strip() == bug.change.wrong
    lines[bug.change.line - 1] = lines[bug.change.line - 1].replace(bug.change.wrong, bug.change.right)
    assert judged("\n".join(lines), CheckOptions(share=0.3)).accepted


def test_no_bug_is_a_branch_that_is_never_taken():
    source = "def sign(x):\n    if x > 0:\n        return 1\n    elif x < 0:\n        return -1\n    return 0\n"
    assert not [change for change in list_changes(source) if re.search("if (True|False)", change.wrong)]


def test_no_bug_gives_what_reads_like_the_right_value():
    shown = Shown("a check", [], "[0.]", "[0.]", [])
    judged = [replace(shown, got=got) for got in ("[0.]", "[0.]", "[1.]")]
    verdicts = (Verdict("softmax", False, "", shown=one) for one in judged)
    bug = find_bug(read_model_answer("softmax"), lambda source, effort: next(verdicts), random.Random(0))
    assert bug.shown.got == "[1.]"


@pytest.mark.parametrize("name", SOME)
@pytest.mark.parametrize("kind", KINDS)
def test_a_question_has_one_right_choice_and_is_made_again_from_its_seed(name, kind, judge):
    exercise, model_answer, judged = load_exercise(name), read_model_answer(name), judge(name)
    question = make_question(exercise, model_answer, judged, 7, [kind])
    if question is None:
        assert kind != "code", "code can be asked about everything"
        return
    assert question.kind == kind
    assert len(set(question.choices)) == len(question.choices) == CHOICES
    assert 0 <= question.right < CHOICES
    assert question.explanation
    assert make_question(exercise, model_answer, judged, 7, [kind]) == question
    if kind == "code":
        accepted = [judged(choice, CheckOptions(share=0.5)).accepted for choice in question.choices]
        assert accepted == [place == question.right for place in range(CHOICES)]


@pytest.mark.parametrize("name", TRAININGS)
def test_curves_come_from_mistakes_and_are_told_apart(name):
    exercise = load_exercise(name)
    for training in TRAININGS[name]:
        found = None
        for seed in range(4):  # a seed may draw too few mistakes that show
            found = choose_curves(exercise, random.Random(seed), CHOICES)
            if found is not None and found[0] is training:
                break
        training, curves, numbers = found
        assert len(set(numbers)) == len({exercise.mistakes[number].name for number in numbers}) == CHOICES
        assert len(curves.right) == STEPS + 1
        for one, other in combinations([curves.right, *curves.choices], 2):
            assert measure_distance(one, other, curves.low, curves.high) >= MARGIN
        assert curves.low <= min(map(min, curves.choices)) <= max(map(max, curves.choices)) <= curves.high
        for curve in curves.choices:
            rows = draw(curve, curves).splitlines()
            assert max(map(len, rows)) <= 60
            assert sum(row.count("*") + row.count("^") for row in rows) == len(curve)
            assert rows[-1].split() == ["0", "10", "20", "30", "40", "steps"]
        assert curves.about.startswith(training.about)


@pytest.mark.parametrize(
    ("name", "height"),
    {
        "gradient-descent": lambda x: x**2,
        "descent-in-several-variables": lambda x, y: x**2 + x * y + 1.5 * y**2,
        "optimiser": lambda x, y: 0.5 * x**2 + 0.05 * y**2,
        "gradient-clipping": lambda *weights: 1 + sum(w**4 for w in weights),
    }.items(),
)
def test_a_question_on_curves_tells_where_the_curve_starts(name, height):
    training, curves, _ = choose_curves(load_exercise(name), random.Random(1), CHOICES)
    told = curves.about.removeprefix(training.about)
    start = [float(number) for number in re.findall(r"\d+\.\d\d", told)]
    assert height(*start) == pytest.approx(curves.right[0], rel=0.02)


def test_what_is_left_of_a_bug_is_told_with_the_files_names():
    model_answer = read_model_answer("gradient-check")
    change = next(one for one in list_changes(model_answer) if one.wrong == "up, down = (x, x.astype(float))")
    said = [f"{BY_THE_STEP} with `point` in place of `point.astype(float)`."]
    verdict = Verdict("gradient-check", False, "Not right yet: `above` is missing.", ["`above` is missing"], said)
    told = explain(change.source, model_answer, verdict)
    assert told.findings == [f"Line {change.line}: `x` stands in place of `x.astype(float)`."]
    assert told.headline == f"Not right yet: {told.mistakes[0]}."
    assert not told.accepted
    moved = explain(f"# mine\n{change.source}", model_answer, verdict)
    assert moved.findings == ["`x` stands in place of `x.astype(float)`."]
    other = explain(change.source.replace(change.wrong, "up, down = (f, 3)"), model_answer, verdict)
    assert (other.mistakes, other.findings) == (
        [],
        ["`up, down = (f, 3)` is wrong. All other lines are as they should be."],
    )
    known = replace(verdict, findings=["You divide by h."])
    assert explain(change.source, model_answer, known) is known


def test_the_function_behind_an_input_is_told_where_the_input_is_shown():
    check = load_exercise("gradient-check").checks[0]
    a, B, x, _ = case = check.edges[2]
    names = name_arguments(load_exercise("gradient-check"), SimpleNamespace(check=check.name, case=case))
    formula = re.search(r"where f\(x\) is (.*)\)$", names[0])[1]
    made = {}
    exec(CUBIC, made)
    assert eval(formula, {"a": a, "B": B, "x": x, "sum": sum}) == pytest.approx(made["make"](a, B)(x))
    assert names[1:] == ["B", "x", "h"]


def test_an_exercise_without_a_training_has_no_curves():
    assert choose_curves(load_exercise("softmax"), random.Random(0), CHOICES) is None


def test_the_right_result_in_a_question_is_that_of_the_reference():
    exercise = load_exercise("softmax")
    for seed in range(4):
        question = make_question(exercise, "", None, seed, ["result"])
        z = np.array(eval(question.text.partition("\n")[0].removeprefix("z = ")))
        powers = np.exp(z - z.max())
        shown = np.array(eval(question.choices[question.right].split(" (shape")[0]))
        assert shown == pytest.approx(powers / powers.sum(), abs=1e-4)


def test_solved_exercises_come_back_after_longer_and_longer_pauses_and_missed_ones_sooner():
    practice, now, days = Practice(), MONDAY, {"softmax": [], "linear": []}
    review.add_solved(practice, days, now)
    assert review.list_due(practice, now, days) == []
    for _ in range(40):
        now += timedelta(days=1)
        for name in review.list_due(practice, now, days):
            right = name == "softmax" or len(days[name]) % 2 == 1
            review.record(practice, name, "result", 1, right, now)
            days[name].append((now - MONDAY).days)
    pauses = [later - earlier for earlier, later in zip([0, *days["softmax"]], days["softmax"], strict=False)]
    assert pauses == sorted(pauses)
    assert pauses[-1] > 7
    assert len(days["linear"]) > len(days["softmax"])


def test_an_answer_outside_of_a_review_does_not_lengthen_the_pause():
    practice = Practice()
    review.add_solved(practice, ["softmax"], MONDAY)
    before = dict(practice.cards["softmax"])
    review.record(practice, "softmax", "code", 1, True, MONDAY, plan=False)
    assert practice.cards["softmax"] == before
    assert practice.log[-1]["right"]


def test_the_order_of_a_day_is_mixed_and_cards_of_other_versions_are_left_alone():
    practice, names = Practice(), list_names()
    review.add_solved(practice, [*names, "of-the-future"], MONDAY)
    orders = {tuple(review.list_due(practice, MONDAY + timedelta(days=day), names)) for day in (30, 31, 32)}
    assert len(orders) == 3
    assert all(sorted(order) == sorted(names) for order in orders)


def test_the_journal_can_be_carried_to_another_machine(tmp_path):
    with Journal(tmp_path / "a").change() as practice:
        review.add_solved(practice, ["softmax"], MONDAY)
        review.record(practice, "softmax", "shape", 5, False, MONDAY)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / FILE).write_bytes((tmp_path / "a" / FILE).read_bytes())
    assert Journal(tmp_path / "b").read() == practice


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"format": 2}', '{"format": 1, "cards": 3}', '{"format": 1, "log": [{"when": "x"}]}', "\xff"],
)
def test_a_damaged_journal_is_told_and_kept(tmp_path, content):
    path = tmp_path / FILE
    path.write_text(content, encoding="latin-1")
    with pytest.raises(UserError, match="damaged"), Journal(tmp_path).change():
        pass
    assert path.read_text(encoding="latin-1") == content


def test_a_damaged_card_is_told():
    with pytest.raises(UserError, match="card of softmax is damaged"):
        review.find_next_due(Practice(cards={"softmax": {"due": 3}}))


def test_a_process_killed_while_it_writes_loses_nothing(tmp_path):
    code = (
        "import sys; from pathlib import Path; from groundup.exercises.practice.journal import Journal\n"
        "journal = Journal(Path(sys.argv[1])); print('ready', flush=True)\n"
        "for number in range(100_000):\n"
        "    with journal.change() as practice:\n"
        "        entry = dict(when='2026-03-02T09:00:00+00:00', exercise='softmax', kind='bug', right=True)\n"
        "        entry['seed'] = number\n"
        "        practice.log = [*practice.log[-50:], entry]\n"
    )
    last = -1
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
        process.stdout.readline()
        while not (tmp_path / FILE).exists() or len(Journal(tmp_path).read().log) < 3:
            pass
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        log = Journal(tmp_path).read().log
        seeds = [line["seed"] for line in log]
        assert seeds[-1] != last or len(seeds) > 1
        last = seeds[-1]
    json.loads((tmp_path / FILE).read_text())
