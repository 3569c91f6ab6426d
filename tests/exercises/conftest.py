"""Answers are read by tests as texts: they are no modules of the suite, and may need what is not installed."""

from pathlib import Path

import jaxtyping
import pytest

from groundup.exercises.registry import LADDER

collect_ignore = ["answers", "wrong"]
HERE = Path(__file__).parent
PLACES = {name: place for place, name in enumerate(LADDER)}


def pytest_collection_modifyitems(items):
    """Put all tests that judge answers to one exercise side by side, from whatever file they are.

    A process keeps what is the same for every answer: drawn cases, what the reference gives for them, candidates. So
    one worker should judge all answers to an exercise.
    """
    places = {number: place for number, item in enumerate(items) if (place := find_place(item)) is not None}
    ordered = sorted(places, key=places.__getitem__)
    found = [items[number] for number in ordered]
    for number, item in zip(places, found, strict=True):
        items[number] = item


def find_place(item):
    """Return the place in the course of the exercise that a test of this folder names; None where it names none."""
    if item.path.parent != HERE or not hasattr(item, "callspec"):
        return None
    given = item.callspec.params
    about = given["path"].parent.name if "path" in given else str(given.get("name")).replace("-", "_")
    return PLACES.get(about)


@pytest.fixture(autouse=True)
def shapes_checked_once(request):
    """Let the reference's shapes be checked only where it is judged itself, not again beside every answer."""
    about_references = "reference" in request.node.originalname
    jaxtyping.config.update("jaxtyping_disable", not about_references)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)
