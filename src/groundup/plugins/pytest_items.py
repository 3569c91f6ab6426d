"""Answers as pytest's items: one item per answer, whose outcome is the judge's verdict."""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Iterator
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from groundup.base.errors import UserError
from groundup.exercises.answer_files import list_checked, read_answer
from groundup.exercises.file_names import read_name
from groundup.exercises.registry import load_exercise
from groundup.exercises.sources import is_answer_file, is_notebook
from groundup.exercises.submissions import infer_exercise
from groundup.exercises.workspace import is_untouched
from groundup.judge.isolation.system import require_processes
from groundup.judge.judging import CheckOptions
from groundup.judge.warm_judge import WarmJudge

ROOTS, SEED = "groundup_roots", "groundup_seed"
_EFFORT = pytest.StashKey[CheckOptions]()


class AnswersPlugin:
    """Finds answers among the files that pytest collects, and keeps the judge.

    Parameters
    ----------
    config : pytest.Config
        Without paths on the command line the folder of answers is added to what pytest looks through.

    Raises
    ------
    pytest.UsageError
        There is no folder of answers, or no answer can be judged on this system.
    """

    def __init__(self, config: pytest.Config) -> None:
        try:
            require_processes()
        except UserError as error:
            raise pytest.UsageError(str(error)) from error
        self.judge = WarmJudge(load_exercise)
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
        config.stash[_EFFORT] = CheckOptions(seed=given[SEED], measure=True)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Give a pytest-xdist worker the facts that it cannot find itself."""
        node.workerinput.update(self.given)

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
        """Replace whatever other item would be made of an answer's file: no other plugin may import it."""
        found = yield
        exercises = self.name_exercises(file_path, parent.config)
        if not exercises:
            return found
        return [AnswerFile.from_parent(parent, path=file_path, exercises=exercises, judge=self.judge)]

    def pytest_report_header(self) -> str:
        """Say what the random cases are drawn from."""
        return f"groundup: judging answers, --groundup-seed={self.given[SEED]}"

    def pytest_unconfigure(self) -> None:
        """End the process that answers run in."""
        self.judge.close()

    def name_exercises(self, path: Path, config: pytest.Config) -> tuple[str, ...]:
        """Return the exercises that a file answers, of which only a notebook may have several.

        There is none for any other file, and for tests.
        """
        if not is_answer_file(path) or path.name[0] in "._" or path.name == "conftest.py":
            return ()
        if any(fnmatch(path.name, pattern) for pattern in config.getini("python_files")):
            return ()
        for root in self.roots:
            if path.is_relative_to(root):
                found = infer_exercise(path.relative_to(path.parent if path == root else root))
                if not found:
                    # The folder's own name counts: softmax/ada.py, where softmax/ is asked for.
                    told = read_name((path.parent if path == root else root).name)
                    found = () if told.person else told.exercises
                if not found and is_notebook(path):
                    return list_checked(path)
                return found if len(found) == 1 else ()
        return ()


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
            f"--groundup: there is no folder {folder}. Start with `groundup learn start gradient-descent`, "
            "or name the paths of your answers."
        )
    return [folder]


class AnswerFile(pytest.File):
    """A learner's file.

    Parameters
    ----------
    exercises : tuple of str
        Their names.
    judge : WarmJudge
        Who judges it.
    """

    def __init__(self, *, exercises: tuple[str, ...], judge: WarmJudge, **more: Any) -> None:
        super().__init__(**more)
        self.exercises, self.judge = exercises, judge

    def collect(self) -> Iterator[AnswerItem]:
        """Yield one item per exercise, marked if there is nothing to judge yet."""
        for exercise in self.exercises:
            item = AnswerItem.from_parent(self, name=exercise)
            if not is_notebook(self.path):
                with suppress(UserError):  # told as the item's failure
                    if is_untouched(exercise, read_answer(self.path, exercise).text):
                        item.add_marker(pytest.mark.skip(reason="not begun: the file is the stub as it was"))
            yield item


class AnswerItem(pytest.Item):
    """One answer to one exercise. An unchanged stub is skipped; a wrong answer fails in the judge's words."""

    parent: AnswerFile

    def setup(self) -> None:
        """Read the file, and load what judging it takes: none of that is the answer's time."""
        from groundup.exercises.registry import choose_libraries

        self.refused = ""
        try:
            self.extract = read_answer(self.path, self.name)
        except UserError as error:
            self.refused = f"The file cannot be read: {error}"
            return
        self.libraries = choose_libraries(self.name, self.extract.text)
        self.parent.judge.warm(self.libraries)
        self.exercise = load_exercise(self.name)

    def runtest(self) -> None:
        """Judge the answer."""
        from groundup.judge.explain.printing import write_text

        if self.refused:
            pytest.fail(self.refused, pytrace=False)
        effort = self.config.stash[_EFFORT]
        verdict = self.parent.judge.judge(self.name, self.extract.text, effort, self.libraries)
        verdict = self.extract.retell(verdict)
        place = os.path.relpath(self.path, self.config.rootpath)
        told = write_text(self.exercise, verdict, f"{place}, {self.extract.where}" if self.extract.where else place)
        if not verdict.accepted:
            pytest.fail(told, pytrace=False)
        self.add_report_section("call", "verdict", told)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the place that an editor jumps to."""
        return self.path, 0, self.name
