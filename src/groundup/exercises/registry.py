"""Every exercise in the order of the course, found by name without importing the others."""

from __future__ import annotations

import difflib
import importlib
from functools import cache
from importlib.resources import files

from groundup.base.errors import UserError
from groundup.course import EXERCISES
from groundup.judge.exercise import Exercise, split_hints

LADDER = tuple(name.replace("-", "_") for name in EXERCISES)

# Stands between the model answer and the step, wherever both are shown.
ABOUT_STEP = (
    "The judge compares your answer with this code of the course. It computes the same, under groundup's own names:"
)


def list_names() -> list[str]:
    """Return the exercises' names in the order of the course."""
    return list(EXERCISES)


@cache
def load_exercise(name: str) -> Exercise:
    """Return an exercise by its name; underscores do as well as hyphens.

    Raises
    ------
    UserError
        There is none of that name.
    """
    exercise = importlib.import_module(f"groundup.exercises.{find_folder(name)}").exercise
    assert isinstance(exercise, Exercise)
    return exercise


def find_folder(name: str) -> str:
    """Return the folder of an exercise; errors as in `load_exercise`."""
    folder = name.replace("-", "_")
    if folder not in LADDER:
        near = difflib.get_close_matches(name, list_names(), n=1)
        hint = f"Did you mean {near[0]}?" if near else "`groundup learn` lists them."
        raise UserError(f"There is no exercise named {name}. {hint}")
    return folder


def read_stub(name: str) -> str:
    """Return what a learner begins with; errors as in `load_exercise`."""
    return _read(name, "stub.py")


def read_model_answer(name: str) -> str:
    """Return a right answer under the exercise's own signature, as a text; errors as in `load_exercise`."""
    return _read(name, "model_answer.py")


def read_statement(name: str) -> str:
    """Return an exercise's statement, without importing the exercise; errors as in `load_exercise`."""
    return _read(name, "statement.md")


def read_title(name: str) -> str:
    """Return an exercise's title as its statement has it, without importing it; errors as in `load_exercise`."""
    return read_statement(name).partition("\n")[0].removeprefix("# ")


def read_hints(name: str) -> list[str]:
    """Return an exercise's hints, one per stage, without importing the exercise; errors as in `load_exercise`."""
    return split_hints(_read(name, "hints.md"))


def _read(name: str, file: str) -> str:
    return files("groundup.exercises").joinpath(find_folder(name), file).read_text("utf-8")


def choose_libraries(name: str, source: str) -> tuple[str, ...]:
    """Return what the judge's other process should load for an answer, without importing the exercise.

    Parameters
    ----------
    name : str
        The exercise's.
    source : str
        The answer. Where the exercise is of NumPy, one that does without PyTorch is not made to wait for it.
    """
    if "torch" not in read_stub(name) + source:
        return ("numpy",)
    # The first optimiser loads this, in a second, and every answer's process would do so again.
    return ("numpy", "torch", "torch._dynamo") if "optim." in source else ("numpy", "torch")


PARTS = {
    "linear": "linear",
    "activation": "activations",
    "dropout": "dropout",
    "loss": "loss-from-logits",
    "optimiser": "optimiser",
    "tokenizer": "byte-pair",
    "embedding": "embedding",
    "attention": "self-attention",
    "multi-head-attention": "multi-head-attention",
    "block": "transformer-block",
    "sampler": "sampling",
    "answer-loss": "answer-loss",
    "advantage": "advantage",
    "policy-loss": "policy-loss",
    "experts": "mixture-of-experts",
}


# Parts of presets in which only these can be exchanged: preset → part → exercise.
PRESET_PARTS = {"modern": {"block": "modern-block", "experts": "mixture-of-experts"}}


def find_part(part: str, preset: str | None = None) -> str:
    """Return the exercise whose answer can stand in for a part of a real model.

    Parameters
    ----------
    part : str
        The part's name.
    preset : str, optional
        The model's, where it is one of `PRESET_PARTS`.

    Raises
    ------
    UserError
        None can.
    """
    if part not in PARTS:
        raise UserError(f"No exercise asks for a part called {part}. There are: {', '.join(PARTS)}.")
    return PRESET_PARTS.get(preset or "", {}).get(part, PARTS[part])
