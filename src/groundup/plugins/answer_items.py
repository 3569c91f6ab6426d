"""Answers as pytest's items: an item an answer, its outcome the judge's verdict."""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Iterator
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from groundup.errors import UserError
from groundup.exercises.submissions import read_source, recognise
from groundup.exercises.workspace import is_untouched
from groundup.judge.judging import Effort
from groundup.judge.standing import StandingJudge

ROOTS, SEED = "groundup_roots", "groundup_seed"
_EFFORT = pytest.StashKey[Effort]()


class AnswersPlugin:
    """Finds answers among the files that pytest comes by, and holds the judge.

    Parameters
    ----------
    config : pytest.Config
        Without paths on the command line the folder of answers is added to what pytest looks through.

    Raises
    ------
    pytest.UsageError
        There is no folder of answers.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.judge = StandingJudge()
        # Workers of pytest-xdist look for what the first process found, and draw the same cases.
        given: dict[str, Any] = getattr(config, "workerinput", {})
        if ROOTS not in given:
            seed = config.getoption("--groundup-seed")
            given = {ROOTS: [str(path) for path in _find_roots(config)]}
            given[SEED] = time.time_ns() % 2**32 if seed is None else seed
        self.given = {key: given[key] for key in (ROOTS, SEED)}
        self.roots = [Path(text) for text in given[ROOTS]]
        places = [_locate(config, text) for text in config.args]
        for root in self.roots:
            if not any(root.is_relative_to(place) for place in places):
                config.args.append(str(root))
        config.stash[_EFFORT] = Effort(seed=given[SEED], measure=True)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Hand on to a worker of pytest-xdist what it cannot find out by itself."""
        node.workerinput.update(self.given)

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
        """Put an answer in the place of whatever else would be made of its file: nobody else may import it."""
        found = yield
        exercise = self.name_exercise(file_path, parent.config)
        if exercise is None:
            return found
        return [AnswerFile.from_parent(parent, path=file_path, exercise=exercise, judge=self.judge)]

    def pytest_report_header(self) -> str:
        """Say what the random cases are drawn from."""
        return f"groundup: judging answers, --groundup-seed={self.given[SEED]}"

    def pytest_unconfigure(self) -> None:
        """End the process that answers run in."""
        self.judge.close()

    def name_exercise(self, path: Path, config: pytest.Config) -> str | None:
        """Return the exercise that a file answers; None for any other file, and for tests."""
        if path.suffix != ".py" or path.name[0] in "._" or path.name == "conftest.py":
            return None
        if any(fnmatch(path.name, pattern) for pattern in config.getini("python_files")):
            return None
        for root in self.roots:
            if path.is_relative_to(root):
                # The folder's own name counts: answers/softmax.py, and softmax/ada.py where softmax/ is asked for.
                found = recognise(path, path.relative_to(path.parent.parent if path == root else root.parent))
                if found is not None:
                    return found.exercise
        return None


def _locate(config: pytest.Config, argument: str) -> Path:
    """Return the path that an argument (``answers/softmax.py::softmax``) names."""
    return Path(os.path.abspath(config.invocation_params.dir / argument.split("::")[0]))


def _find_roots(config: pytest.Config) -> list[Path]:
    """Return the files and folders in which answers are looked for."""
    if config.args_source is pytest.Config.ArgsSource.ARGS:
        return [_locate(config, text) for text in config.args]
    folder = _locate(config, os.environ.get("GROUNDUP_ANSWERS", "answers"))
    if not folder.is_dir():
        raise pytest.UsageError(
            f"--groundup: there is no folder {folder}. Begin with `groundup learn start gradient-descent`, "
            "or name the paths of your answers."
        )
    return [folder]


class AnswerFile(pytest.File):
    """A learner's file.

    Parameters
    ----------
    exercise : str
        Its name.
    judge : StandingJudge
        Who judges it.
    """

    def __init__(self, *, exercise: str, judge: StandingJudge, **more: Any) -> None:
        super().__init__(**more)
        self.exercise, self.judge = exercise, judge

    def collect(self) -> Iterator[AnswerItem]:
        """Yield the one item, marked where nothing is to be judged yet."""
        item = AnswerItem.from_parent(self, name=self.exercise)
        with suppress(UserError):  # told as the item's failure
            if is_untouched(self.exercise, read_source(self.path)):
                item.add_marker(pytest.mark.skip(reason="not begun: the file is the stub as it was"))
        yield item


class AnswerItem(pytest.Item):
    """One answer to one exercise. A stub that nobody touched is skipped; a wrong answer fails in the judge's words."""

    parent: AnswerFile

    def setup(self) -> None:
        """Read the file, and load what judging it takes: none of that is the answer's time."""
        from groundup.exercises.registry import choose_libraries, load_exercise

        self.refused = ""
        try:
            self.source = read_source(self.path)
        except UserError as error:
            self.refused = f"The file cannot be read: {error}"
            return
        self.libraries = choose_libraries(self.name, self.source.encode())
        nursery = self.parent.judge.warm(self.libraries)
        self.exercise = load_exercise(self.name)
        nursery.wait()

    def runtest(self) -> None:
        """Judge the answer."""
        from groundup.exercises.telling import write_text

        if self.refused:
            pytest.fail(self.refused, pytrace=False)
        effort = self.config.stash[_EFFORT]
        verdict = self.parent.judge.judge(self.exercise, self.source, effort, self.libraries)
        told = write_text(self.exercise, verdict, Path(os.path.relpath(self.path, self.config.rootpath)))
        if not verdict.accepted:
            pytest.fail(told, pytrace=False)
        self.add_report_section("call", "verdict", told)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the place that an editor jumps to."""
        return self.path, 0, self.name
