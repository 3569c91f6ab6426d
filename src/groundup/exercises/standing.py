"""How far a learner is: in a chapter, in the whole course, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass

from groundup.course import find_chapter
from groundup.exercises.workspace import Workspace


@dataclass(frozen=True)
class Standing:
    """How far a learner is behind one exercise.

    Attributes
    ----------
    done, all : int
        Exercises of the course that are done, and all.
    chapter : str
        The exercise's chapter.
    chapter_done, chapter_all : int
        The same in this chapter.
    following : str or None
        The next exercise that is not done; None if all are.
    begun : bool
        Whether there is an answer to that one already.
    """

    done: int
    all: int
    chapter: str
    chapter_done: int
    chapter_all: int
    following: str | None
    begun: bool


def find_standing(workspace: Workspace, name: str) -> Standing:
    """Return how far the learner is, and what comes behind an exercise."""
    chapter, states = find_chapter(name), workspace.list_states()
    done = [one for one, state in states.items() if state == "done"]
    following = workspace.find_following(name)
    return Standing(
        done=len(done),
        all=len(states),
        chapter=chapter.name,
        chapter_done=sum(one in chapter.exercises for one in done),
        chapter_all=len(chapter.exercises),
        following=following,
        begun=following is not None and states[following] != "",
    )
