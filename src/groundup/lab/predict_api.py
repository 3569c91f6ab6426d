"""The playgrounds: what a trained run makes of what is typed or drawn on its page."""

from __future__ import annotations

import base64
import binascii
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import torch
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.responses import Response, StreamingResponse

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.base.shape import is_number
from groundup.data.tables.quoting import join_row
from groundup.runs.folder import Run
from groundup.tasks.registry import find_task

# Models compute on every core there is: more at once would only wait for each other.
_turns = anyio.CapacityLimiter(2)
MOST_LETTERS, MOST_TOKENS = 4_000, 1_000
# The other tasks would take a text for the path of a file.
READ_TEXT = ("sentiment", "gpt")


def tell_fields(run: Run) -> list[dict[str, Any]]:
    """Return what a prediction of a table's run needs.

    Of each column its ``name``, ``unit`` and ``levels`` or ``mean``, and whether its numbers are ``plain`` ones; dates
    and decimal commas are not.
    """
    model = run.config.get("model", {}) if run.config["task"] == "heights" else {}
    units, means = (found if isinstance(found := model.get(part), dict) else {} for part in ("units", "means"))
    return [
        {
            "name": column["name"],
            "levels": column.get("levels"),
            "unit": units.get(column["name"], ""),
            "mean": _write_mean(means.get(column["name"]), column.get("reading")),
            "plain": not column.get("reading"),
        }
        for column in model.get("columns", [])
    ]


def _write_mean(mean: Any, reading: Any) -> str:
    """Return a column's mean as its cells are written; it is a text already where they are dates."""
    if not isinstance(mean, float):
        return mean if isinstance(mean, str) else ""
    comma = isinstance(reading, dict) and reading.get("numbers", {}).get("decimal") == ","
    return f"{mean:.4g}".replace(".", "," if comma else ".")


async def play(run: Run, asked: dict[str, Any]) -> dict[str, Any]:
    """Return a run's prediction: of a ``text``, a ``picture`` (a PNG, base64), a ``sample`` (a number) or a ``row``.

    Raises
    ------
    UserError
        What is asked cannot be predicted.
    """
    async with _turns:
        return await run_in_threadpool(_predict, run, asked)


def _predict(run: Run, asked: dict[str, Any]) -> dict[str, Any]:
    task = find_task(run.config["task"])
    if isinstance(picture := asked.get("picture"), str):
        with tempfile.NamedTemporaryFile(suffix=".png") as file:
            try:
                Path(file.name).write_bytes(base64.b64decode(picture.partition(",")[2], validate=True))
            except binascii.Error:
                raise UserError("The picture is not base64.") from None
            return task.predict(run, [file.name], Reporter.silent()).facts
    if _is_whole(sample := asked.get("sample")):
        return task.predict(run, [f"builtin:{sample}"], Reporter.silent()).facts
    if isinstance(row := asked.get("row"), dict):
        # Only what the page asks for: the task would take other words for the path of a table.
        fields = {field["name"]: field for field in tell_fields(run)}
        names = [*fields]
        if not row or any(name not in names or not isinstance(row[name], str) or len(row[name]) > 200 for name in row):
            raise UserError(f"A row is a text for each of: {', '.join(names) or 'nothing, this run has no table'}.")
        row = {name: limit_text(value) for name, value in row.items()}
        if any("," in value and fields[name]["plain"] and not fields[name]["levels"] for name, value in row.items()):
            raise UserError("A value has a comma in it: write decimals with a point.")
        return task.predict(run, [join_row(row)], Reporter.silent()).facts
    if not isinstance(text := asked.get("text"), str) or run.config["task"] not in READ_TEXT:
        raise UserError("A text, a picture, a sample or a row is asked for, whichever this run reads.")
    return task.predict(run, [limit_text(text)], Reporter.silent()).facts


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def limit_text(text: str) -> str:
    """Return a text; refuse one that nobody typed."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UserError(f"The text is not valid UTF-8 at character {error.start}. Type it anew.") from error
    if len(text) > MOST_LETTERS:
        raise UserError(f"{len(text):,} characters are too many here; {MOST_LETTERS:,} are the most.")
    return text


async def stream_text(run: Run, asked: dict[str, Any], is_gone: Callable[[], Awaitable[bool]]) -> Response:
    """Return a GPT's text as it is written.

    Parameters
    ----------
    run : Run
        Of a gpt.
    asked : dict
        ``prompt``, ``tokens``, ``temperature``, ``top_k``, ``top_p`` and ``seed``.
    is_gone : callable
        Whether nobody reads any more.
    """
    from groundup.tasks.gpt.runs import check_sampling, continue_text, encode_prompt, open_gpt

    if run.config["task"] != "gpt":
        raise UserError(f"{run.name} is a run of {run.config['task']}: it writes no text.")
    prompt, tokens = asked.get("prompt", ""), asked.get("tokens", 200)
    top_k, top_p = asked.get("top_k"), asked.get("top_p")
    temperature, seed = asked.get("temperature", 0.8), asked.get("seed", 0)
    if not (isinstance(prompt, str) and _is_whole(tokens) and _is_whole(seed) and (top_k is None or _is_whole(top_k))):
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
