"""The lab's pages and what they ask for, put together."""

from __future__ import annotations

import contextlib
import importlib
import threading
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from groundup import __version__
from groundup.base.errors import UserError
from groundup.base.faults import explain
from groundup.course import CHAPTERS, find_chapter, find_lesson_chapter, list_exercises
from groundup.exercises.practice.desk import Desk
from groundup.exercises.registry import load_exercise, read_title
from groundup.exercises.workspace import Workspace
from groundup.judge.warm_judge import WarmJudge
from groundup.lab.auth import Guard
from groundup.lab.exercise_pages import ExercisePages
from groundup.lab.kept_files import KeptFiles
from groundup.lab.lesson_pages import list_routes, prepare
from groundup.lab.practice_pages import PracticePages
from groundup.lab.predict_api import look, play, stream_text
from groundup.lab.requests import finite_json, read_json, text_of
from groundup.lab.run_status import (
    describe_curves,
    describe_run,
    describe_runs,
    describe_settings,
    estimate_seconds_left,
    has_just_begun,
)
from groundup.lab.training_processes import Jobs
from groundup.lessons.processes import Fresh, Starter
from groundup.lessons.registry import LESSONS
from groundup.lessons.streams import Streams
from groundup.runs.folder import Run, check_name
from groundup.tasks.listing import find_steps
from groundup.tasks.opening import open_run
from groundup.tasks.registry import find_about, find_task, list_tasks
from groundup.tasks.reports import read_words

HERE = Path(__file__).parent
MOST_POINTS, MOST_SAMPLES = 2000, 8


@dataclass(frozen=True)
class Lab:
    """What the lab works on.

    Attributes
    ----------
    runs, answers : Path
        The folders of all runs and of the learner's answers.
    jobs : Jobs
        The trainings it has started.
    """

    runs: Path
    answers: Path
    jobs: Jobs

    def map_course(self, states: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return the chapters with their lessons, each with its exercises and their states."""
        chapters = []
        for chapter in CHAPTERS:
            lessons = [lesson for lesson in LESSONS if find_lesson_chapter(lesson.name) is chapter]
            rows = [{"lesson": lesson, "exercises": describe_exercises(lesson.name, states)} for lesson in lessons]
            if rows:
                chapters.append({"chapter": chapter, "lessons": rows})
        return chapters

    def list_states(self, lesson: str) -> list[dict[str, str]]:
        """Return the exercises of a lesson, each with its name, title and state."""
        return describe_exercises(lesson, Workspace(self.answers).list_states())

    def open(self, request: Request, settings: bool = False) -> Run:
        """Return the run that an address names; 404 if there is none."""
        name = request.path_params["name"]
        try:
            check_name(name)
            return open_run(self.runs, str((self.runs / name).absolute()), settings)
        except UserError as error:
            raise HTTPException(404, str(error)) from error

    def open_trained(self, request: Request) -> Run:
        """Return the run that an address names; refuse one whose first training goes on."""
        run = self.open(request, settings=True)
        if has_just_begun(run):
            raise UserError("It is still training: try it when it has finished.")
        return run


def build_app(lab: Lab, port: int, token: str | None = None, starter: Starter | None = None) -> Guard:
    """Return the lab as an ASGI application that listens on a port of this computer.

    Parameters
    ----------
    lab : Lab
        What it works on.
    port : int
        Where it will listen: addresses with another one are refused.
    token : str, optional
        As of `groundup.lab.auth.Guard`.
    starter : Starter, optional
        Starts the processes of views that train.
    """
    loader = jinja2.FileSystemLoader(HERE / "templates")
    environment = jinja2.Environment(autoescape=True, loader=loader, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.globals |= {"version": __version__}
    templates = Jinja2Templates(env=environment)

    streams = Streams(starter or Fresh())
    judge = WarmJudge(load_exercise)
    exercises = ExercisePages(lab.answers, templates, judge)
    practice = PracticePages(Desk(Workspace(lab.answers), judge), templates)

    def home(request: Request) -> Response:
        states = Workspace(lab.answers).list_states()
        following = next((name for name, state in states.items() if state != "done"), None)
        facts = {
            "course": lab.map_course(states),
            "done": list(states.values()).count("done"),
            "all": len(states),
            "first": LESSONS[0],
            "following": {"name": following, "title": read_title(following)}
            if any(states.values()) and following
            else None,
            "tasks": list_tasks(),
            "due": count_due(practice.desk),
        }
        return templates.TemplateResponse(request, "home.html", facts)

    def run_page(request: Request) -> Response:
        run = lab.open(request)
        about = find_about(run.config["task"])
        facts = {"run": run, "task": about, "form": find_task(about.name).describe_form(run)}
        return templates.TemplateResponse(request, "run.html", facts)

    def list_all(request: Request) -> Response:  # noqa: ARG001 - Starlette's signature
        return finite_json({"runs": describe_runs(lab.runs)})

    def send_run(request: Request) -> Response:
        run = lab.open(request)
        try:
            after = float(request.query_params.get("after", "-1"))
        except ValueError:
            raise HTTPException(400, "after: a step's number is asked for.") from None
        metrics = run.metrics()
        thin = -(-len(metrics) // MOST_POINTS) or 1
        kept = [line for place, line in enumerate(metrics) if line.get("step", 0) > after and not place % thin]
        name = request.path_params["name"]
        facts = describe_run(lab.runs, name) | lab.jobs.describe(name)
        facts |= {"metrics": kept, "samples": run.samples()[-MOST_SAMPLES:]}
        facts["seconds_left"] = estimate_seconds_left(run, metrics) if facts["state"] == "training" else None
        facts["words"] = read_words(run) if facts["state"] == "finished" else []
        facts |= {"curves": describe_curves(run.config["task"]), "settings": describe_settings(run)}
        return finite_json({**facts, "steps": find_steps(run)})

    async def start_run(request: Request) -> Response:
        asked = await read_json(request)
        minutes = asked.get("minutes")
        if minutes is not None and not (isinstance(minutes, int | float) and 0 < minutes < 10_000):
            raise UserError("minutes: a number above 0 is asked for.")
        task, name, resume = text_of(asked, "task"), text_of(asked, "name"), asked.get("resume") is True
        name = await run_in_threadpool(lab.jobs.start, task, name, minutes, resume)
        return JSONResponse({"name": name}, 201)

    def stop_run(request: Request) -> Response:
        lab.jobs.stop(request.path_params["name"])
        return JSONResponse({"stopping": True}, 202)

    async def play_run(request: Request) -> Response:
        run = lab.open_trained(request)
        return finite_json(await play(run, await read_json(request)))

    async def talk(request: Request) -> Response:
        run = lab.open_trained(request)
        return await stream_text(run, await read_json(request), request.is_disconnected)

    async def look_run(request: Request) -> Response:
        run = lab.open_trained(request)
        return finite_json(await look(run, await read_json(request)))

    def picture(request: Request) -> Response:
        path = lab.open(request).path("curves.png")
        if not path.is_file() or path.is_symlink():  # a link could show any file of this computer
            raise HTTPException(404, "There is no picture yet.")
        return FileResponse(path)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        threading.Thread(target=warm_up, args=(streams,), daemon=True).start()
        yield
        streams.close()
        judge.close()
        lab.jobs.close()

    app = Starlette(
        routes=[
            Route("/", home),
            Route("/runs/{name}", run_page),
            Route("/api/runs", list_all),
            Route("/api/runs", start_run, methods=["POST"]),
            Route("/api/runs/{name}", send_run),
            Route("/api/runs/{name}/stop", stop_run, methods=["POST"]),
            Route("/api/runs/{name}/play", play_run, methods=["POST"]),
            Route("/api/runs/{name}/talk", talk, methods=["POST"]),
            Route("/api/runs/{name}/inside", look_run, methods=["POST"]),
            Route("/api/runs/{name}/curves.png", picture),
            *list_routes(templates, lab.list_states, streams),
            *exercises.list_routes(),
            *practice.list_routes(),
            Route("/static/{path:path}", KeptFiles(HERE / "static").show),
        ],
        exception_handlers={HTTPException: refuse, UserError: refuse, Exception: fail},
        lifespan=lifespan,
    )
    return Guard(app, port, token)


def count_due(desk: Desk) -> int:
    """Return how many reviews are due today; 0 where the journal is damaged: its own pages say so."""
    try:
        return len(desk.list_due())
    except UserError:
        return 0


def describe_exercises(lesson: str, states: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the exercises of a lesson, each with name, title, state, and chapter if that is a later one."""
    here = find_lesson_chapter(lesson)
    found = []
    for name in list_exercises(lesson):
        chapter = find_chapter(name)
        later = f"chapter {chapter.number}" if chapter.number > here.number else ""
        found.append({"name": name, "title": read_title(name), "state": states[name], "later": later})
    return found


def warm_up(streams: Streams) -> None:
    """Load what the first lessons, views that train and views of a trained model need, before one is opened."""
    prepare(LESSONS[0].name)
    streams.warm()
    importlib.import_module("groundup.lessons.trained")
    prepare(LESSONS[1].name)  # its formulas need SymPy, which takes long to load


def refuse(request: Request, error: Exception) -> Response:  # noqa: ARG001 - Starlette's signature
    """Return what is wrong: for a program as JSON, for a person as a page."""
    status = error.status_code if isinstance(error, HTTPException) else 400
    said = error.detail if isinstance(error, HTTPException) else str(error)
    return finite_json({"error": said}, status)


def fail(request: Request, error: Exception) -> Response:  # noqa: ARG001 - Starlette's signature
    """Return what the system refuses; for a fault of groundup, where to find more about it."""
    said = explain(error) or "This is a fault of the lab. The terminal in which you started it shows the details."
    return finite_json({"error": said}, 500)
