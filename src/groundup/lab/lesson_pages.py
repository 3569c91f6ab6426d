"""The lessons as pages: their text, the frames of their views, and the views that train."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Template
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from groundup.base.allocation import give_back_freed
from groundup.base.errors import UserError
from groundup.course import find_lesson_chapter
from groundup.lab.kept_files import send_kept
from groundup.lab.requests import finite_json, read_json, text_of
from groundup.lessons.page_loading import describe_views, load_text, load_views
from groundup.lessons.registry import LESSONS, PAGES
from groundup.lessons.streams import Streams
from groundup.lessons.views import View
from groundup.lessons.watching import RIGHT_OF_WAY, stop_training
from groundup.tasks.forms import is_whole
from groundup.training.threads import use_threads

MOST_FRAMES = 16
LATER_SECONDS = 1.0
# What the script of a lesson may import: a page names them all, so that the browser need not find one after the other.
MODULES = sorted(path.name for path in (Path(__file__).parent / "static" / "views").glob("*.js"))
# The letters of formulas: a page names them, too; the browser would find them only when it has drawn one.
FONTS = ("KaTeX_Main-Regular", "KaTeX_Math-Italic")


def compute_frame(view: View, values: dict[str, Any], whole: bool = True) -> dict[str, Any]:
    """Return what a view answers, computed by one thread: its tensors are small, and the page has other work."""
    with RIGHT_OF_WAY.taken(), use_threads(1):
        frame = view.answer(values, whole)
    if "waiting" not in frame:  # a page that only asks how far a training is does not hold it up
        RIGHT_OF_WAY.keep()
    return frame


def prepare(*lessons: str) -> None:
    """Read the texts of lessons and compute the first frames of their views, so that their pages open at once."""
    for lesson in lessons:
        RIGHT_OF_WAY.wait()
        load_text(lesson)
        RIGHT_OF_WAY.wait()
        describe_views(lesson)
    give_back_freed()


def prepare_later(lesson: str) -> None:
    """Prepare a lesson when the page that leads to it has loaded and rests: both at once would take twice as long."""
    timer = threading.Timer(LATER_SECONDS, prepare, (lesson,))
    timer.daemon = True
    timer.start()


def send_page(template: Template, facts: dict[str, Any]) -> Iterator[str]:
    """Yield a page in the parts that the template's ``send`` ends.

    While the text is read and the first pictures are computed, the browser loads already what its head names.
    """
    ends: list[str] = []

    def send() -> str:
        ends.append("here")
        return ""

    pieces = template.generate({**facts, "send": send})
    goes_on = True
    while goes_on:
        part: list[str] = []
        with RIGHT_OF_WAY.taken():  # not while the browser takes a part: it may never come for the next
            while not ends and (goes_on := (piece := next(pieces, None)) is not None):
                part.append(piece)
        ends.clear()
        yield "".join(part)
    RIGHT_OF_WAY.keep()
    if facts["after"] is not None:  # while this one is read, the next is made ready
        prepare_later(facts["after"].name)


def list_routes(
    templates: Jinja2Templates, list_states: Callable[[str], list[dict[str, Any]]], streams: Streams
) -> list[Route]:
    """Return the routes of the lessons.

    Parameters
    ----------
    templates : Jinja2Templates
        Where ``lesson.html`` is.
    list_states : callable
        Takes a lesson's name, returns its exercises: name, title, state, and the chapter if it is a later one.
    streams : Streams
        The views that train.
    """
    places = {lesson.name: place for place, lesson in enumerate(LESSONS)}

    def find(request: Request) -> str:
        name: str = request.path_params["lesson"]
        if name not in places:
            raise HTTPException(404, f"There is no lesson {name}.")
        return name

    def show_page(request: Request) -> Response:
        name = find(request)
        place = places[name]
        facts = {
            "lesson": LESSONS[place],
            "chapter": find_lesson_chapter(name).name,
            "load_text": partial(load_text, name),
            "describe_views": partial(describe_views, name),
            "exercises": list_states(name),
            "modules": MODULES,
            "fonts": FONTS,
            "before": LESSONS[place - 1] if place else None,
            "after": LESSONS[place + 1] if place + 1 < len(LESSONS) else None,
        }
        return StreamingResponse(send_page(templates.get_template("lesson.html"), facts), media_type="text/html")

    async def show_script(request: Request) -> Response:
        return send_kept(PAGES / find(request) / "views.js", request)

    async def compute(request: Request) -> Response:
        name, values = find(request), await read_json(request)

        def answer_hand() -> tuple[View, dict[str, Any]]:
            view = load_views(name).get(request.path_params["view"])
            if view is None:
                raise HTTPException(404, "There is no such view.")
            return view, compute_frame(view, values, "whole" in request.query_params)

        view, frame = await run_in_threadpool(answer_hand)
        answer = finite_json(frame)
        if view.lazy:  # it may have read a model, or a long text
            answer.background = BackgroundTask(give_back_freed)
        return answer

    async def start(request: Request) -> Response:
        values = await read_json(request)
        number = await run_in_threadpool(streams.start, find(request), request.path_params["view"], values)
        return JSONResponse({"stream": number}, 201)

    async def pull(request: Request) -> Response:
        most = (await read_json(request)).get("frames", 1)
        if not is_whole(most) or not 1 <= most <= MOST_FRAMES:
            raise UserError(f"frames: must be a whole number from 1 to {MOST_FRAMES}.")
        return finite_json(await run_in_threadpool(streams.pull, request.path_params["stream"], most))

    def stop(request: Request) -> Response:
        streams.stop(request.path_params["stream"])
        return JSONResponse({"stopped": True}, 202)

    async def stop_model(request: Request) -> Response:
        asked = await read_json(request)
        stop_training(text_of(asked, "model"), stop=asked.get("stop") is True)
        return JSONResponse({"stopping": asked.get("stop") is True}, 202)

    return [
        Route("/lessons/{lesson}/", show_page),
        Route("/lessons/{lesson}/views.js", show_script),
        Route("/api/lessons/{lesson}/views/{view}", compute, methods=["POST"]),
        Route("/api/lessons/{lesson}/streams/{view}", start, methods=["POST"]),
        Route("/api/lessons/models", stop_model, methods=["POST"]),
        Route("/api/streams/{stream}", pull, methods=["POST"]),
        Route("/api/streams/{stream}/stop", stop, methods=["POST"]),
    ]
