"""Practice in the browser: questions, reviews, bugs to find, and how far the learner is."""

from __future__ import annotations

import dataclasses
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from groundup.base.errors import UserError
from groundup.course import CHAPTERS
from groundup.exercises.practice.desk import Asked, Desk, Mended, draw_seed, format_day, write_planted
from groundup.exercises.practice.progress import describe_progress, format_time, suggest
from groundup.exercises.practice.review import find_next_due
from groundup.exercises.registry import find_folder, read_title
from groundup.exercises.transcript import write_transcript
from groundup.judge.judging import CheckOptions
from groundup.lab.requests import finite_json, read_json, text_of
from groundup.lessons.answers import load_answer, save_answer
from groundup.lessons.source import highlight_lines
from groundup.tasks.forms import is_whole

# So many exercises make a day's review; who wants more goes on.
A_DAY = 5
PLACES = {"review": "/practice/review/", "bug": "/practice/bug/", "find": "/practice/bug/", "quiz": "/practice/quiz/"}


@dataclass(frozen=True)
class PracticePages:
    """The pages of practice at one desk."""

    desk: Desk
    templates: Jinja2Templates

    def list_routes(self) -> list[Route]:
        """Return the routes."""
        asked = {
            "ask": self.ask,
            "answer": self.answer,
            "bug": self.open_bug,
            "bug/line": self.judge_line,
            "bug/save": self.save_bug,
            "bug/judge": self.judge_bug,
            "bug/give-up": self.give_up,
        }
        return [
            Route("/practice/", self.show_first),
            Route("/practice/review/", self.show_review),
            Route("/practice/quiz/", self.show_quiz),
            Route("/practice/bug/", self.show_bug),
            Route("/progress/", self.show_progress),
            Route("/progress/transcript.json", self.send_transcript),
            *[
                Route(f"/api/practice/{path}", _answer_with(compute), methods=["POST"])
                for path, compute in asked.items()
            ],
        ]

    # Pages

    def show_first(self, request: Request) -> Response:  # noqa: ARG002 - Starlette's signature
        """Lead to the reviews if some are due, else to the quiz."""
        return RedirectResponse(PLACES["review" if self.desk.list_due() else "quiz"], 303)

    def show_review(self, request: Request) -> Response:
        """Answer with the page of the day's reviews."""
        return self.templates.TemplateResponse(request, "quiz.html", {"place": "review", "a_day": A_DAY})

    def show_quiz(self, request: Request) -> Response:
        """Answer with the page of questions."""
        return self.templates.TemplateResponse(request, "quiz.html", {"place": "quiz", **self._offer(request)})

    def show_bug(self, request: Request) -> Response:
        """Answer with the page of bugs."""
        return self.templates.TemplateResponse(request, "bug.html", {"place": "bug", **self._offer(request)})

    def _offer(self, request: Request) -> dict[str, Any]:
        """Return the exercises that can be chosen, by chapter, and the one that the address names."""
        states = self.desk.workspace.list_states()
        chapters = [
            {
                "name": chapter.name,
                "exercises": [{"name": name, "title": read_title(name)} for name in chapter.exercises],
            }
            for chapter in CHAPTERS
        ]
        named = request.query_params.get("exercise", "")
        return {"chapters": chapters, "any_done": "done" in states.values(), "named": named if named in states else ""}

    def show_progress(self, request: Request) -> Response:
        """Answer with the page that shows how far the learner is."""
        desk = self.desk
        due, now = desk.list_due(), desk.clock()
        practice = desk.journal.read()
        chapters = describe_progress(desk.workspace, practice)
        exercises = [one for chapter in chapters for one in chapter.exercises]
        suggestions = [
            {"text": one.text, "address": PLACES.get(one.kind, f"/exercises/{one.exercise}/")}
            for one in suggest(desk.workspace, practice, due)
        ]
        facts = {
            "place": "progress",
            "chapters": chapters,
            "suggestions": suggestions,
            "due": due,
            "done": sum(chapter.done for chapter in chapters),
            "all": len(exercises),
            "seconds": sum(chapter.seconds for chapter in chapters),
            "asked": sum(chapter.asked for chapter in chapters),
            "right": sum(chapter.right for chapter in chapters),
            "days": plan_days([one.due for one in exercises if one.due is not None], now),
            "format_day": lambda day: format_day(day, now),
            "format_time": format_time,
        }
        return self.templates.TemplateResponse(request, "progress.html", facts)

    def send_transcript(self, request: Request) -> Response:  # noqa: ARG002 - Starlette's signature
        """Answer with the transcript, as `groundup learn transcript` writes it."""
        facts = write_transcript(self.desk.workspace, self.desk.clock())
        told = json.dumps(facts, indent=1, ensure_ascii=True) + "\n"
        headers = {"content-disposition": 'attachment; filename="transcript.json"'}
        return Response(told, media_type="application/json", headers=headers)

    # Questions

    def ask(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the question that waits, or else a new one."""
        review = body.get("review") is True
        if review:
            return self._ask_due()
        wanted = text_of(body, "exercise")
        exercise = find_exercise(wanted) if wanted else ""
        asked = self.desk.find_asked(review=False)
        if asked is None or exercise not in ("", asked.question.exercise):
            chosen = self.desk.choose(exercise or None)
            asked = self.desk.ask(chosen, None, review=False)
            if asked is None:
                raise UserError(f"No question could be made of {chosen} now. Try another exercise.")
        return {"question": describe(asked)}

    def _ask_due(self) -> dict[str, Any]:
        due = self.desk.list_due()
        waiting = self.desk.find_asked(review=True)
        if waiting is not None and waiting.question.exercise in due:
            return {"question": describe(waiting), "left": len(due)}
        for exercise in due:
            if (asked := self.desk.ask(exercise, None, review=True)) is not None:
                return {"question": describe(asked), "left": len(due)}
        following = find_next_due(self.desk.journal.read())
        when = format_day(following, self.desk.clock()) if following else ""
        return {"question": None, "left": 0, "next": when}

    def answer(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Keep an answer, and tell whether it is right and why."""
        exercise = find_exercise(text_of(body, "exercise"))
        seed, choice = read_whole(body, "seed", 2**63), read_whole(body, "choice", 2)
        question = self.desk.make(exercise, seed)
        if question is None:
            raise UserError("The question could not be made again. Ask for another one.")
        answered = self.desk.answer(Asked(question, seed, body.get("review") is True), choice)
        due = format_day(answered.due, self.desk.clock()) if answered.due and answered.planned else ""
        facts = {"correct": answered.right, "right": question.right, "due": due}
        return {**facts, "explanation": question.explanation}

    # Bugs

    def open_bug(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the bug of an exercise that is not mended yet, or else plant one."""
        bugs = self.desk.journal.read().bugs
        wanted = text_of(body, "exercise")
        exercise = self.desk.choose(find_exercise(wanted) if wanted else next(reversed(bugs), None))
        bug = bugs.get(exercise) or self.desk.plant(exercise, None)
        page = secrets.token_hex(8)
        planted = write_planted(exercise, bug)
        text, note = load_answer(self.desk.bug_workspace, exercise, page)
        return {
            "exercise": exercise,
            "title": read_title(exercise),
            "page": page,
            "lines": highlight_lines(planted),
            "planted": planted,
            "text": planted if text is None else text,
            "note": note.removeprefix(". "),
            "inputs": bug["inputs"],
            "got": bug["got"],
            "expected": bug["expected"],
        }

    def _find_bug(self, body: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        exercise = find_exercise(text_of(body, "exercise"))
        bug = self.desk.journal.read().bugs.get(exercise)
        if bug is None:
            raise UserError(f"The bug in {exercise} is done with. Ask for another one.")
        return exercise, bug

    def judge_line(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Tell whether a line is the one that was changed."""
        _, bug = self._find_bug(body)
        return {"right": read_whole(body, "line", 10**6) == bug["line"]}

    def save_bug(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Save what is typed into the file with the bug."""
        exercise, _ = self._find_bug(body)
        saved = save_answer(self.desk.bug_workspace, exercise, text_of(body, "page"), text_of(body, "text"))
        return {"file": f"bugs/{saved.path.name}", "note": saved.note}

    def judge_bug(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Save the mended file, and tell what the judge says of it; if it is right, the bug is done."""
        exercise, bug = self._find_bug(body)
        saved = self.save_bug(body)
        text = text_of(body, "text")
        verdict = self.desk.judge_bug(exercise, text, CheckOptions(seed=draw_seed(None), shrink_seconds=0.2))
        mended = self.desk.finish_bug(exercise, bug, right=True) if verdict.accepted else None
        return {**verdict.to_json(), **saved, "mended": describe_mended(mended) if mended else None}

    def give_up(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Show the mistake; the exercise comes back sooner."""
        exercise, bug = self._find_bug(body)
        return {"mended": describe_mended(self.desk.finish_bug(exercise, bug, right=False))}


def _answer_with(compute: Callable[[Mapping[str, Any]], dict[str, Any]]) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        return finite_json(await run_in_threadpool(compute, await read_json(request)))

    return endpoint


def find_exercise(name: str) -> str:
    """Return an exercise's name as the course has it.

    Raises
    ------
    UserError
        There is no such exercise.
    """
    return find_folder(name).replace("_", "-")


def read_whole(body: Mapping[str, Any], name: str, most: int) -> int:
    """Return a whole number that a page sends, from 0.

    Raises
    ------
    UserError
        It is none, or too large.
    """
    found: Any = body.get(name)
    if not is_whole(found) or not 0 <= found <= most:
        raise UserError(f"{name}: must be a whole number from 0 to {most}.")
    return int(found)


def describe(asked: Asked) -> dict[str, Any]:
    """Return a question for its page, without the answer."""
    question = asked.question
    *given, wanted = question.text.split("\n")
    return {
        "exercise": question.exercise,
        "title": read_title(question.exercise),
        "kind": question.kind,
        "given": "\n".join(given),
        "wanted": wanted,
        "choices": [highlight_lines(choice.strip()) if question.is_code else choice for choice in question.choices],
        "is_code": question.is_code,
        "curves": dataclasses.asdict(question.curves) if question.curves is not None else None,
        "seed": asked.seed,
        "review": asked.review,
    }


def describe_mended(mended: Mended) -> dict[str, Any]:
    """Return what the mistake was."""
    facts = {"line": mended.line, "mistake": mended.mistake}
    return {**facts, "wrong": highlight_lines(mended.wrong)[0], "belongs": highlight_lines(mended.belongs or " ")[0]}


def plan_days(dues: list[datetime], now: datetime, days: int = 14) -> list[dict[str, Any]]:
    """Return how many reviews are due on each of the coming days; what is overdue is due today."""
    counts = [0] * days
    for due in dues:
        place = max(0, (due.astimezone(now.tzinfo).date() - now.date()).days)
        if place < days:
            counts[place] += 1
    return [{"day": place, "count": count} for place, count in enumerate(counts)]
