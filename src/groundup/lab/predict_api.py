"""The playgrounds: what a trained run makes of what is typed or drawn on its page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import anyio
import torch
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.responses import Response, StreamingResponse

from groundup.base.errors import UserError
from groundup.base.shape import fields, is_number, list_of, one_of, text
from groundup.runs.folder import Run
from groundup.tasks.forms import is_whole, limit_text
from groundup.tasks.registry import find_about, find_task

# Models compute on every core there is: more at once would only wait for each other.
_turns = anyio.CapacityLimiter(2)
MOST_TOKENS = 1_000
# Looking inside runs a model a hundred times and more, while somebody waits.
MOST_LOOKED_AT, MOST_MEASURED = 128, 2048
_MESSAGES = list_of(fields({"role": one_of("user", "assistant"), "content": text}))


async def play(run: Run, asked: dict[str, Any]) -> dict[str, Any]:
    """Return a run's prediction of what was typed or drawn in its form; see `groundup.tasks.protocol.Task.read_form`.

    Raises
    ------
    UserError
        What is asked cannot be predicted.
    """
    async with _turns:
        return await run_in_threadpool(_predict, run, asked)


def _predict(run: Run, asked: dict[str, Any]) -> dict[str, Any]:
    task = find_task(run.config["task"])
    return task.predict(run, task.read_form(run, asked)).report().facts


async def look(run: Run, asked: dict[str, Any]) -> dict[str, Any]:
    """Return what goes on inside a GPT while it reads a text; see `groundup.tasks.gpt.inside_report.list_facts`.

    Parameters
    ----------
    run : Run
        Of any task whose runs write.
    asked : dict
        ``text``, and ``on``: ``"text"`` or ``"validation"``.

    Raises
    ------
    UserError
        It is no GPT, or as of `groundup.tasks.gpt.inside.look_inside`.
    """
    typed, on = asked.get("text"), asked.get("on", "text")
    if not isinstance(typed, str) or on not in ("text", "validation"):
        raise UserError("text is a text; on is text or validation.")
    async with _turns:
        return await run_in_threadpool(_look, run, limit_text(typed), on)


def _look(run: Run, typed: str, on: str) -> dict[str, Any]:
    from groundup.tasks.gpt.inside import look_inside
    from groundup.tasks.gpt.inside_report import list_facts

    return list_facts(look_inside(run, typed, on, MOST_MEASURED, longest=MOST_LOOKED_AT))


async def stream_text(run: Run, asked: dict[str, Any], is_gone: Callable[[], Awaitable[bool]]) -> Response:
    """Return a GPT's text as it is written: what follows the prompt, or the answer to it.

    Parameters
    ----------
    run : Run
        Of a gpt, or of a chat.
    asked : dict
        ``prompt``, ``tokens``, ``temperature``, ``top_k``, ``top_p`` and ``seed``; of a chat also ``messages``: what
        was said before.
    is_gone : callable
        Whether the reader has gone.
    """
    from groundup.tasks.gpt.runs import check_sampling

    about = find_about(run.config["task"])
    if about.form not in _WRITERS:
        raise UserError(f"{run.name} is a run of {about.name}: it writes no text.")
    prompt, tokens = asked.get("prompt", ""), asked.get("tokens", 200)
    top_k, top_p = asked.get("top_k"), asked.get("top_p")
    temperature, seed = asked.get("temperature", 0.8), asked.get("seed", 0)
    if not (isinstance(prompt, str) and is_whole(tokens) and is_whole(seed) and (top_k is None or is_whole(top_k))):
        raise UserError("prompt is a text; tokens, seed and top_k are whole numbers.")
    if not (is_number(temperature) and (top_p is None or is_number(top_p))):
        raise UserError("temperature and top_p are numbers.")
    if not 1 <= tokens <= MOST_TOKENS:
        raise UserError(f"tokens: from 1 to {MOST_TOKENS}.")
    check_sampling(tokens, temperature, top_k, top_p)
    generator = torch.Generator().manual_seed(seed % 2**63)
    options: dict[str, Any] = {"temperature": float(temperature), "top_k": top_k, "top_p": top_p}
    options |= {"tokens": tokens, "generator": generator}
    messages = _read_messages(asked.get("messages", []))
    async with _turns:  # what cannot be drawn is refused before anything is sent
        drawn = await run_in_threadpool(_WRITERS[about.form], run, limit_text(prompt), messages, options)
        first = await run_in_threadpool(next, drawn, "")

    async def pieces() -> AsyncIterator[str]:
        yield first
        async with _turns:
            try:
                async for piece in iterate_in_threadpool(drawn):
                    if await is_gone():
                        return
                    yield piece
            except UserError as error:
                yield f"\n{error}"

    return StreamingResponse(pieces(), media_type="text/plain; charset=utf-8")


def _read_messages(found: Any) -> list[dict[str, str]]:
    try:
        _MESSAGES(found, "messages")
    except ValueError as error:
        raise UserError(f"{error}.") from error
    return [{"role": message["role"], "content": limit_text(message["content"])} for message in found]


def _continue(run: Run, prompt: str, _: list[dict[str, str]], options: dict[str, Any]) -> Iterator[str]:
    from groundup.tasks.gpt.runs import continue_text, encode_prompt, open_gpt

    model, tokenizer = open_gpt(run)[:2]
    for _token, piece in continue_text(model, tokenizer, encode_prompt(prompt, tokenizer), **options):
        yield piece


def _answer(run: Run, prompt: str, messages: list[dict[str, str]], options: dict[str, Any]) -> Iterator[str]:
    from groundup.tasks.chat.conversation import Conversation, open_chat

    return Conversation(*open_chat(run), messages).answer(prompt, **options)


# By the form on the run's page.
_WRITERS: dict[str, Callable[[Run, str, list[dict[str, str]], dict[str, Any]], Iterator[str]]] = {
    "writing": _continue,
    "chat": _answer,
}
