"""Exercises in one window: the statement, an editor over the learner's own file, and the verdict."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from groundup.base.errors import UserError
from groundup.course import EXERCISES, find_chapter, find_next
from groundup.exercises.registry import (
    ABOUT_STEP,
    choose_libraries,
    find_folder,
    load_exercise,
    read_model_answer,
    read_stub,
    read_title,
)
from groundup.exercises.workspace import Workspace
from groundup.judge.explain.edits import read_source
from groundup.judge.judging import CheckOptions
from groundup.judge.warm_judge import WarmJudge
from groundup.lab.requests import finite_json, read_json, text_of
from groundup.lessons.answers import load_answer, record_verdict, save_answer
from groundup.lessons.markdown import render
from groundup.lessons.registry import LESSONS
from groundup.lessons.source import drop_docstrings, highlight_python

# As quick as a person waits without noticing; the terminal looks longer for a known mistake.
EFFORT = CheckOptions(shrink_seconds=0.2, naming_seconds=1.0, measure=True)
# Where a page that asks about exercises leads back to: its address, and what it is called.
BACK = {
    "quiz": {"address": "/practice/quiz/", "title": "the quiz"},
    "review": {"address": "/practice/review/", "title": "the review"},
    "bug": {"address": "/practice/bug/", "title": "the bug"},
}
_TITLES = {lesson.name: lesson.title for lesson in LESSONS}


@dataclass(frozen=True)
class ExercisePages:
    """The pages of all exercises over one folder of answers."""

    answers: Path
    templates: Jinja2Templates
    judge: WarmJudge

    @property
    def workspace(self) -> Workspace:
        """The learner's folder."""
        return Workspace(self.answers)

    def list_routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/exercises/", self.show_current),
            Route("/exercises/{name}/", self.show),
            Route("/api/exercises/{name}/load", self.load, methods=["POST"]),
            Route("/api/exercises/{name}/save", self.save, methods=["POST"]),
            Route("/api/exercises/{name}/judge", self.judge_answer, methods=["POST"]),
            Route("/api/exercises/{name}/hints/{stage:int}", self.open_hint, methods=["POST"]),
            Route("/api/exercises/{name}/solution", self.solution),
        ]

    def find(self, request: Request) -> str:
        """Return the exercise that an address names; 404 where there is none."""
        try:
            return find_folder(request.path_params["name"]).replace("_", "-")
        except UserError as error:
            raise HTTPException(404, str(error)) from error

    def show_current(self, request: Request) -> Response:  # noqa: ARG002 - Starlette's signature
        """Lead to the first exercise that is not done."""
        return RedirectResponse(f"/exercises/{self.workspace.find_following() or EXERCISES[0]}/", 303)

    def show(self, request: Request) -> Response:
        """Answer with an exercise's page."""
        name = self.find(request)
        page = secrets.token_hex(8)
        text, note = load_answer(self.workspace, name, page)
        stub = read_stub(name)
        exercise = load_exercise(name)
        facts = {
            "name": name,
            "title": exercise.title,
            "number": EXERCISES.index(name) + 1,
            "all": len(EXERCISES),
            "lesson": find_lesson(name),
            "back": BACK.get(request.query_params.get("from", "")),
            "chapter": find_chapter(name).name,
            "statement": render(exercise.read("statement.md").partition("\n")[2]),
            "hints": [show_hint(hint) for hint in exercise.hints()],
            "seen": min(self.workspace.count_hints(name), len(exercise.hints())),
            "state": self.workspace.find_state(name),
            "in_class": stub.startswith("class Solution") or "\nclass Solution" in stub,
            "following": self.describe_next(name),
            "data": {
                "name": name,
                "page": page,
                "stub": stub,
                "text": stub if text is None else text,
                "note": note.removeprefix(". "),
                "file": self.workspace.path(name).name,
            },
        }
        return self.templates.TemplateResponse(request, "exercise.html", facts)

    def describe_next(self, name: str) -> Mapping[str, str] | None:
        """Return address and title of the lesson or exercise that follows in the course; None behind the last."""
        found = find_next(name)
        if found is None:
            return None
        kind, following = found
        title = _TITLES[following] if kind == "lesson" else read_title(following)
        return {"address": f"/{kind}s/{following}/", "title": title}

    async def load(self, request: Request) -> Response:
        """Answer with the learner's file as it is now."""
        name, page = self.find(request), text_of(await read_json(request), "page")
        text, note = await run_in_threadpool(load_answer, self.workspace, name, page)
        return finite_json({"text": read_stub(name) if text is None else text, "note": note.removeprefix(". ")})

    async def save(self, request: Request) -> Response:
        """Save what is typed."""
        asked = await read_json(request)
        name = self.find(request)
        saved = await run_in_threadpool(
            save_answer, self.workspace, name, text_of(asked, "page"), text_of(asked, "text")
        )
        return finite_json({"file": saved.path.name, "note": saved.note})

    async def judge_answer(self, request: Request) -> Response:
        """Save an answer, and tell what the judge says of it."""
        asked = await read_json(request)
        return finite_json(await run_in_threadpool(self._judge, self.find(request), asked))

    def _judge(self, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        text = text_of(asked, "text")
        saved = save_answer(self.workspace, name, text_of(asked, "page"), text)
        libraries = choose_libraries(name, text)
        verdict = self.judge.judge(name, text, EFFORT, libraries)
        record_verdict(self.workspace, name, text, verdict.accepted)
        states = list(self.workspace.list_states().values())
        return {
            **verdict.to_json(),
            "file": saved.path.name,
            "note": saved.note,
            "done": states.count("done"),
            "all": len(states),
        }

    def open_hint(self, request: Request) -> Response:
        """Answer with one stage of an exercise's hints, and count it as seen: the terminal goes on behind it."""
        name = self.find(request)
        hints, stage = load_exercise(name).hints(), request.path_params["stage"]
        if not 1 <= stage <= len(hints):
            raise HTTPException(404, f"There are {len(hints)} hints.")
        note = ""
        try:
            self.workspace.record_hint(name, max(stage, self.workspace.count_hints(name)))
        except UserError as error:
            note = f"Which hint you saw could not be saved: {error}"
        return finite_json({**show_hint(hints[stage - 1]), "note": note})

    def solution(self, request: Request) -> Response:
        """Answer with the model answer, and the step that answers are compared with."""
        exercise = load_exercise(self.find(request))
        shown = [
            {"module": module, "html": highlight_python(drop_docstrings(read_source(module)).strip())}
            for module in exercise.modules
        ]
        answer = highlight_python(read_model_answer(exercise.name).strip())
        return finite_json({"answer": answer, "about": ABOUT_STEP, "modules": shown})


def show_hint(hint: str) -> dict[str, str]:
    """Return title and text of a hint, as HTML."""
    title, _, text = hint.partition("\n")
    return {"title": title, "html": render(text)}


def find_lesson(exercise: str) -> Mapping[str, str] | None:
    """Return name and title of the lesson that leads to an exercise."""
    found = (lesson for lesson in LESSONS if exercise in lesson.exercises)
    return next(({"name": lesson.name, "title": lesson.title} for lesson in found), None)
