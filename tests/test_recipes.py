"""The recipes of docs/recipes.md are followed in a copy of the package, to the letter, and what comes out works."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import groundup

PACKAGE = Path(groundup.__file__).parent
PAGE = PACKAGE.parents[1] / "docs" / "recipes.md"
if not PAGE.is_file():
    pytest.skip("installed without its repository", allow_module_level=True)


class Copy:
    """A copy of the package, in which recipes are followed."""

    def __init__(self, root):
        self.root = root
        shutil.copytree(PACKAGE, root / "src" / "groundup")

    def follow(self, recipe):
        """Make each change of a recipe, and return what its command printed, and its exit code."""
        blocks = re.findall(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", read_recipe(recipe), re.M | re.S)
        assert blocks[-1][0] == "sh"
        for kind, name, text in blocks:
            if kind == "sh":
                return self.run(text)
            path = self.root / name
            if kind == "diff":
                self.change(path, text)
            else:
                assert not path.exists(), f"{name} is there already"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8")
        raise AssertionError("no command")

    def change(self, path, text):
        source = path.read_text("utf-8")
        for old, new in re.findall(r"((?:^-.*\n)+)((?:^\+.*\n)+)", text, re.M):
            old, new = ("\n".join(line[1:] for line in part.splitlines()) for part in (old, new))
            assert source.count(old) == 1, f"{path.name} has this {source.count(old)} times: {old}"
            source = source.replace(old, new)
        path.write_text(source, "utf-8")

    def run(self, line):
        program, *words = shlex.split(line)
        command = [sys.executable, *(["-m", "groundup"] if program == "groundup" else []), *words]
        environment = {**os.environ, "PYTHONPATH": str(self.root / "src"), "GROUNDUP_CACHE": str(self.root / "cache")}
        done = subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True)
        return done.stdout + done.stderr, done.returncode


def read_recipe(name):
    """Return a recipe's text, headings inside its blocks included."""
    text = PAGE.read_text("utf-8")
    names = ["An exercise", "A mistake", "A lesson"]
    start = text.index(f"\n## {name}\n")
    ends = [text.find(f"\n## {other}\n", start + 1) for other in names]
    return text[start : min([end for end in ends if end > 0], default=None)]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    return Copy(tmp_path_factory.mktemp("copy"))


@pytest.fixture(scope="module")
def exercise(copy):
    return copy.follow("An exercise")


@pytest.fixture(scope="module")
def mistake(copy, exercise):
    return copy.follow("A mistake")


def test_the_exercise_is_on_the_ladder_and_judges(copy, exercise):
    said, code = exercise
    assert code == 0, said
    assert "Accepted" in said
    told, code = copy.run("groundup learn")
    assert code == 0, told
    assert "mean-error" in told


def test_the_mistake_is_named(mistake):
    said, code = mistake
    assert code == 1, said
    assert "not divided by N" in said


def test_the_lesson_is_listed_and_computes_its_views(copy, mistake):
    said, code = copy.follow("A lesson")
    assert code == 0, said
    assert "The predictions miss by 1 and 1: the error is 1." in said
    listed = "from groundup.lessons.registry import LESSONS; print([lesson.name for lesson in LESSONS])"
    told, code = copy.run(f"python -c {shlex.quote(listed)}")
    assert code == 0, told
    assert "'errors'" in told
