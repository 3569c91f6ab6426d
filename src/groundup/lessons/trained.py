"""The models that views look into: the learner's newest run, or a small one that is trained once and kept."""

from __future__ import annotations

import functools
import math
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

from groundup import __version__
from groundup.base.cache import cache_folder
from groundup.base.errors import UserError
from groundup.base.writing import write_atomically
from groundup.data.corpus.tokens import Tokenizer
from groundup.lessons.watching import TrainingStoppedError, Watch, WatchReporter, find_watch
from groundup.runs.folder import Run, list_runs
from groundup.runs.locking import HeldElsewhereError
from groundup.steps.c6_gpt.gpt import GPT
from groundup.tasks.gpt.runs import open_gpt
from groundup.tasks.launch import launch
from groundup.tasks.reports import finished_report
from groundup.training.threads import ALL_THREADS, use_threads

RUNS = "GROUNDUP_RUNS"
# A training that the reader stops goes on from the last checkpoint.
CHECKPOINT_SECONDS = 3
# A model that another process trains is asked for so often.
ASK_SECONDS = 1.0
# A model of characters that only knows how often each occurs has about 0.8 of the loss of one that knows nothing.
LEARNED = 0.75
Trained = TypeVar("Trained", covariant=True)


class Trainable(Protocol[Trained]):
    """What a page trains once and then keeps: `SmallModel` is one."""

    @property
    def name(self) -> str:
        """No two have the same."""

    def find(self) -> Trained | None:
        """Return it if it is trained."""

    def train(self, watch: Watch) -> Trained:
        """Train it while ``watch`` follows, and return it."""


@dataclass(frozen=True)
class SmallModel:
    """A model that is trained for lessons, in less than a minute.

    Attributes
    ----------
    name : str
        The name of its run.
    task : str
        What trains it.
    settings : tuple of str
        As ``--set`` takes them.
    write_text : callable, optional
        Returns the text that it is trained on; the task's own data if left out.
    """

    name: str
    task: str
    settings: tuple[str, ...] = ()
    write_text: Callable[[], str] | None = None

    def find(self) -> Run | None:
        """Return its run if it is trained."""
        root = models_folder()
        if not (root / self.name).is_dir():
            return None
        run = Run.open(root, self.name)
        return run if finished_report(run) else None

    def train(self, watch: Watch) -> Run:
        """Return its run, trained now or before; one that was stopped goes on."""
        root, data = models_folder(), None
        if self.write_text is not None:
            root.mkdir(parents=True, exist_ok=True)
            path = root / f"{self.name}.txt"
            write_atomically(path, self.write_text().encode())
            data = str(path)
        if not watch.losses and (root / self.name).is_dir():
            figures = Run.open(root, self.name).read_figures().found
            watch.losses = [(one["step"], one["loss"]) for one in figures if "loss" in one]
        pairs, reporter = (*self.settings, f"checkpoint_seconds={CHECKPOINT_SECONDS}"), WatchReporter(watch)
        run, _ = launch(self.task, root=root, name=self.name, data=data, pairs=pairs, resume=True, reporter=reporter)
        return run


SMALL_GPT = SmallModel(
    "small-gpt",
    "gpt",
    ("layers=2", "width=144", "steps=300", "evaluate_every=25", "measured_tokens=4096", "sample_tokens=0"),
)


class StillTrainingError(Exception):
    """The model called ``name`` that the lessons train is not ready; ``watch`` knows how far it is."""

    def __init__(self, name: str, watch: Watch) -> None:
        super().__init__(f"{name} is being trained")
        self.name, self.watch = name, watch


_threads: dict[str, threading.Thread] = {}
_errors: dict[str, Exception] = {}
_starting = threading.Lock()
# Views look into a model by hooks, which would also see what another view computes with it at the same time.
_looking = threading.Lock()


def models_folder() -> Path:
    """Return where the lessons' models are kept."""
    return cache_folder() / f"lessons-{__version__}"


def find_runs_folder() -> Path:
    """Return the folder of the learner's runs, which the lab names."""
    return Path(os.environ.get(RUNS, "runs"))


def find_newest(task: str, quantised: bool = True) -> Run | None:
    """Return the learner's run of a task that finished last; ``quantised``: whether it may have int8 weights.

    A run that learned next to nothing, such as one of a single step, is passed over: its pictures would show noise.
    """
    mine = [run for run, report in _list_finished(task) if _has_learned(report)]
    if not quantised:
        mine = [run for run in mine if run.quantised_from is None]
    return max(mine, key=_read_end, default=None)


def _list_finished(task: str) -> list[tuple[Run, dict[str, Any]]]:
    """Return the learner's runs of a task that ended, each with its report."""
    runs = [(run, finished_report(run)) for run in list_runs(find_runs_folder()) if run.config["task"] == task]
    return [(run, report) for run, report in runs if report]


def _read_end(run: Run) -> int:
    """Return when a run ended, to compare it with others."""
    return run.path("report.json").stat().st_mtime_ns


def _has_learned(report: dict[str, Any]) -> bool:
    """Return whether a model of texts is clearly better than one that knows nothing; True where nothing tells."""
    loss, vocabulary = report.get("best_validation_loss"), report.get("vocabulary")
    return not (loss and vocabulary) or loss < LEARNED * math.log(vocabulary)


def open_small(model: Trainable[Trained]) -> Trained:
    """Return what was trained for a page, such as the run of a small model; begin its training, in a thread, before.

    Raises
    ------
    StillTrainingError
        It is not ready: ask again.
    UserError
        It cannot be trained.
    """
    with _starting:
        found = model.find()
        if found is not None:
            return found
        if error := _errors.pop(model.name, None):
            _threads.pop(model.name, None)
            raise UserError(f"The model of this page cannot be trained: {error}")
        watch = find_watch(model.name)
        if model.name not in _threads and not watch.stopped.is_set():
            _threads[model.name] = threading.Thread(target=_train, args=(model, watch), daemon=True)
            _threads[model.name].start()
    raise StillTrainingError(model.name, watch)


def _train(model: Trainable[Any], watch: Watch) -> None:
    try:
        with use_threads(ALL_THREADS):  # the view that asks for it computes with one
            _train_or_wait(model, watch)
    except TrainingStoppedError:
        pass
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told to whoever asks next
        _errors[model.name] = error
    finally:
        _threads.pop(model.name, None)


def _train_or_wait(model: Trainable[Any], watch: Watch) -> None:
    """Train a model; while another process trains it, wait until it is ready, or go on where that process stopped."""
    while True:
        try:
            model.train(watch)
            return
        except HeldElsewhereError:
            watch.elsewhere = True
            if watch.stopped.wait(ASK_SECONDS):
                raise TrainingStoppedError from None


@dataclass(frozen=True)
class OpenedGPT:
    """A GPT, ready to be looked into.

    Attributes
    ----------
    model, tokenizer
        As of `groundup.tasks.gpt.runs.open_gpt`.
    whose : str
        Whose run it is, for the page.
    run : Run or None
        The run itself; None where a model was made without one.
    """

    model: GPT
    tokenizer: Tokenizer
    whose: str
    run: Run | None = None


def open_newest_gpt(quantised: bool = True) -> OpenedGPT:
    """Return the learner's newest GPT, or the lessons' small one; ``quantised`` as of `find_newest`.

    Errors as of `open_small`.
    """
    run = find_newest("gpt", quantised)
    if run is not None:
        return _open(run, f"Your run {run.name}.")
    return _open(open_small(SMALL_GPT), f"A small model of these lessons. {_say_missing()}")


def _say_missing() -> str:
    """Say why no run of the learner's is shown."""
    known = [(run, report) for run, report in _list_finished("gpt") if not _has_learned(report)]
    if not known:
        return "Once you have trained a gpt, yours is shown."
    run, report = max(known, key=lambda one: _read_end(one[0]))
    loss, vocabulary = report["best_validation_loss"], report["vocabulary"]
    return (
        f"Your run {run.name} is not shown, since its pictures would be noise: on new text its loss is {loss:.2f}, and "
        f"that of a choice among all {vocabulary} tokens {math.log(vocabulary):.2f}."
    )


def open_small_gpt(model: SmallModel) -> OpenedGPT:
    """Return a small GPT; errors as of `open_small`."""
    return _open(open_small(model), "A small model that was trained for this lesson.")


def _open(run: Run, whose: str) -> OpenedGPT:
    return _open_once(run.folder, _read_end(run), whose)


@lru_cache(maxsize=4)
def _open_once(folder: Path, _changed: int, whose: str) -> OpenedGPT:
    run = Run.open(folder.parent, folder.name)
    model, tokenizer, _ = open_gpt(run)
    return OpenedGPT(model, tokenizer, whose, run)


def tell_waiting(compute: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Let a view's function return how far the training is while its model is not ready: ``waiting``, and ``says``.

    ``waiting`` is what `groundup.lessons.watching.Watch.describe` returns, and the ``model``'s name.

    One view computes at a time.
    """

    @functools.wraps(compute)
    def answer(**controls: Any) -> dict[str, Any]:
        try:
            with _looking:
                return compute(**controls)
        except StillTrainingError as error:
            told = "A small model is trained for this page, once. Read on: its picture appears here when it is ready."
            if error.watch.elsewhere:
                told = "Another process is training the model of this page. Read on: it is shown here when it is ready."
            if error.watch.stopped.is_set():
                told = "The training of a small model for this page is stopped. This picture needs the model."
            return {"waiting": {"model": error.name, **error.watch.describe()}, "says": told}

    return answer
