"""The playgrounds: what a trained run makes of what is typed or drawn on its page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import anyio
import torch
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.responses import Response, StreamingResponse

from groundup.base.errors import UserError
from groundup.base.shape import is_number
from groundup.runs.folder import Run
from groundup.tasks.forms import is_whole, limit_text
from groundup.tasks.registry import find_about, find_task

# Models compute on every core there is: more at once would only wait for each other.
_turns = anyio.CapacityLimiter(2)
MOST_TOKENS = 1_000


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


async def stream_text(run: Run, asked: dict[str, Any], is_gone: Callable[[], Awaitable[bool]]) -> Response:
    """Return a GPT's text as it is written.

    Parameters
    ----------
    run : Run
        Of a gpt.
    asked : dict
        ``prompt``, ``tokens``, ``temperature``, ``top_k``, ``top_p`` and ``seed``.
    is_gone : callable
        Whether the reader has gone.
    """
    from groundup.tasks.gpt.runs import check_sampling, continue_text, encode_prompt, open_gpt

    about = find_about(run.config["task"])
    if about.form != "writing":
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
    async with _turns:
        model, tokenizer, _ = await run_in_threadpool(open_gpt, run)
    start = encode_prompt(limit_text(prompt), tokenizer)
    generator = torch.Generator().manual_seed(seed % 2**63)
    options: dict[str, Any] = {"temperature": float(temperature), "top_k": top_k, "top_p": top_p}
    drawn = continue_text(model, tokenizer, start, tokens, generator=generator, **options)
    async with _turns:  # what cannot be drawn is refused before anything is sent
        _, first = await run_in_threadpool(next, drawn)

    async def pieces() -> AsyncIterator[str]:
        yield first
        async with _turns:
            try:
                async for _, piece in iterate_in_threadpool(drawn):
                    if await is_gone():
                        return
                    yield piece
            except UserError as error:
                yield f"\n{error}"

    return StreamingResponse(pieces(), media_type="text/plain; charset=utf-8")
