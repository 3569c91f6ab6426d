"""A learner's week: ten exercises, thirty bugs, reviews on their days, another machine, and kill -9 in between."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from fsrs import Card, Rating, Scheduler

from groundup.exercises.practice.desk import Desk
from groundup.exercises.practice.journal import FILE, Journal
from groundup.exercises.registry import load_exercise, read_model_answer
from groundup.exercises.workspace import PROGRESS, Workspace
from groundup.judge.judging import CheckOptions
from groundup.judge.warm_judge import WarmJudge

MONDAY = datetime(2026, 3, 2, 18, tzinfo=UTC)
TEN = [
    "gradient-descent",
    "descent-in-several-variables",
    "gradient-check",
    "regression-forward",
    "regression-training",
    "training-loop",
    "logistic-regression",
    "activations",
    "softmax",
    "cross-entropy",
]
FORGETS = {"gradient-check", "softmax"}
QUICK = CheckOptions(share=0.1, shrink_seconds=0.0, naming_seconds=0.0)


class Learner:
    """Works at a desk, and plans the reviews of all exercises a second time, from what was done alone."""

    def __init__(self, folder, warm):
        self.now, self.folder, self.warm = MONDAY, folder, warm
        self.cards, self.answered = {}, 0
        self.sit_down(folder)

    def sit_down(self, folder):
        self.desk = Desk(Workspace(folder), self.warm, clock=lambda: self.now)

    def plan(self, name, right):
        scheduler = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
        card = self.cards.get(name) or Card(card_id=1, due=self.now)
        self.cards[name], _ = scheduler.review_card(card, Rating.Good if right else Rating.Again, self.now)

    def solve(self, name):
        path = self.desk.workspace.start(name)
        path.write_text(read_model_answer(name))
        verdict = self.desk.judge(name, path.read_text(), QUICK)
        self.desk.workspace.record(name, path, verdict.accepted)
        assert self.desk.workspace.find_state(name) == "done"
        if name not in self.cards:
            self.plan(name, right=True)

    def review(self):
        """Answer what is due; return it."""
        due = self.desk.list_due()
        end = self.now.replace(hour=0) + timedelta(days=1)
        assert sorted(due) == sorted(name for name, card in self.cards.items() if card.due < end)
        for name in due:
            asked = self.desk.ask(name, None, review=True)
            right = name not in FORGETS or self.answered % 2 == 0
            choice = asked.question.right if right else (asked.question.right + 1) % len(asked.question.choices)
            self.now += timedelta(minutes=2)
            assert self.desk.answer(asked, choice).right == right
            self.plan(name, right)
            self.answered += 1
        assert self.desk.list_due() == []
        return due

    def mend(self, name, seed, gives_up):
        bug = self.desk.plant(name, seed)
        path = self.desk.bug_path(name)
        lines = path.read_text().splitlines()
        assert lines[bug["line"] - 1].strip() == bug["wrong"]
        if not gives_up:
            path.write_text(read_model_answer(name))
            assert self.desk.judge(name, path.read_text(), QUICK).accepted
        self.now += timedelta(minutes=5)
        mended = self.desk.finish_bug(name, bug, right=not gives_up)
        assert mended.belongs != bug["wrong"]
        if gives_up:
            self.plan(name, right=False)
        self.answered += 1


def test_a_week_on_two_machines(tmp_path):
    with WarmJudge(load_exercise) as warm:
        learner, seen = Learner(tmp_path / "first", warm), []
        for day in range(7):
            learner.now = MONDAY + timedelta(days=day)
            if day == 4:  # the folder is copied to another machine, and the first one is gone
                before = learner.desk.journal.read(), learner.desk.workspace.list_states()
                shutil.copytree(tmp_path / "first", tmp_path / "second")
                shutil.rmtree(tmp_path / "first")
                learner.sit_down(tmp_path / "second")
                assert (learner.desk.journal.read(), learner.desk.workspace.list_states()) == before
            seen.append(learner.review())
            for name in TEN[2 * day : 2 * day + 2]:
                learner.solve(name)
            learner.desk.list_due()  # what is solved becomes a card
            for number in range(30 * day // 7, 30 * (day + 1) // 7):
                known = TEN[: 2 * day + 2]
                learner.mend(known[number % len(known)], seed=number, gives_up=number % 6 == 5)
    kept = learner.desk.journal.read()
    assert [state for state in learner.desk.workspace.list_states().values() if state] == ["done"] * 10
    assert sum(line["kind"] == "bug" for line in kept.log) == 30
    assert len(kept.log) == learner.answered
    assert {name: datetime.fromisoformat(card["due"]) for name, card in kept.cards.items()} == {
        name: card.due for name, card in learner.cards.items()
    }
    assert kept.bugs == {}
    assert seen[0] == []
    assert sum(map(len, seen)) > 5
    moments = [line["when"] for line in kept.log]
    assert moments == sorted(moments)


WRITES = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from groundup.exercises.practice.journal import Journal
from groundup.exercises.practice.review import record
from groundup.exercises.workspace import Workspace

folder = Path(sys.argv[1])
for number in range(int(sys.argv[2]), 10**6):
    with Journal(folder).change() as practice:
        record(practice, "softmax", "result", number, True, datetime(2026, 3, 2, tzinfo=UTC), plan=number % 5 == 0)
    Workspace(folder).record_hint("softmax", number + 1)
    print(number, flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="there is no kill -9")
def test_what_was_said_to_be_kept_is_kept_whenever_the_process_is_killed(tmp_path):
    chance, number = random.Random(7), 0
    for _ in range(6):
        command = [sys.executable, "-c", WRITES, str(tmp_path), str(number)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            for _ in range(chance.randint(2, 12)):
                last = int(process.stdout.readline())
            for _ in range(chance.randrange(40_000)):  # somewhere in the next writing
                pass
            process.send_signal(signal.SIGKILL)
            last = max([last, *map(int, process.stdout.read().split("\n")[:-1])])
        log = Journal(tmp_path).read().log
        assert [line["seed"] for line in log] == list(range(len(log)))
        assert last + 1 <= len(log) <= last + 2  # at most the one that was being written
        assert Workspace(tmp_path).count_hints("softmax") in (last + 1, last + 2)
        number = len(log)
    for name in (FILE, PROGRESS):
        json.loads((tmp_path / name).read_text())
