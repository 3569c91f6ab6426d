"""The server: OpenAI's addresses, its streams and its errors, for one model on this computer."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import time
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from groundup.base.errors import UserError
from groundup.base.faults import explain
from groundup.base.reporting import write_json
from groundup.data.corpus.chat_marks import find_marks
from groundup.data.corpus.tokens import Tokenizer
from groundup.lab.auth import Door, read_header
from groundup.lab.requests import finite_json, read_json
from groundup.serving.answers import Counts, Form, Text
from groundup.serving.engine import Engine, OverloadedError, Piece
from groundup.serving.requests import Asked, Refusal, read_chat, read_completion

T = TypeVar("T")
# OpenAI's words for the kinds of errors.
TYPES = {401: "authentication_error", 403: "permission_error", 500: "server_error", 503: "server_error"}
# Tokens that end a text, under the names that models in use give them.
END_NAMES = ("<|endoftext|>", "<|im_end|>", "<|eot_id|>", "</s>")


def find_ends(tokenizer: Tokenizer) -> list[int]:
    """Return the tokens of a tokenizer that end a text: the marks of a chat among them, none for mere characters."""
    added = tokenizer.backend.get_added_tokens_decoder()
    named = {number for number, token in added.items() if token.special and token.content in END_NAMES}
    return sorted(named | set((find_marks(tokenizer) or {}).values()))


@dataclass(frozen=True)
class Served:
    """The model that is served.

    Attributes
    ----------
    name : str
        The name that clients give.
    tokenizer : Tokenizer
        Its own.
    context : int
        How many tokens it sees at once.
    engine : Engine
        What writes its texts.
    created : int
        When it was made available, in seconds since 1970.
    """

    name: str
    tokenizer: Tokenizer
    context: int
    engine: Engine
    created: int = field(default_factory=lambda: int(time.time()))

    def describe(self) -> dict[str, Any]:
        """Return it in OpenAI's form."""
        return {"id": self.name, "object": "model", "created": self.created, "owned_by": "groundup"}


def build_app(served: Served, port: int, token: str) -> BearerDoor:
    """Return the server as an ASGI application.

    Parameters
    ----------
    served : Served
        The model.
    port : int
        Where it will listen: requests to another address are refused.
    token : str
        The key that every request must bring.
    """

    def list_models(request: Request) -> Response:  # noqa: ARG001 - Starlette's signature
        return finite_json({"object": "list", "data": [served.describe()]})

    def show_model(request: Request) -> Response:
        name = request.path_params["name"]
        if name != served.name:
            said = f'There is no model "{name[:100]}" here; this server has "{served.name}".'
            raise Refusal(404, said, "model_not_found", "model")
        return finite_json(served.describe())

    async def complete(request: Request) -> Response:
        asked = read_completion(await read_json(request), served.name, served.tokenizer, served.context)
        return await answer(request, served, asked, Form(False, served.name, served.tokenizer))

    async def chat(request: Request) -> Response:
        asked = read_chat(await read_json(request), served.name, served.tokenizer, served.context)
        return await answer(request, served, asked, Form(True, served.name, served.tokenizer))

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        served.engine.close()

    app = Starlette(
        routes=[
            Route("/v1/models", list_models),
            Route("/v1/models/{name:path}", show_model),
            Route("/v1/completions", complete, methods=["POST"]),
            Route("/v1/chat/completions", chat, methods=["POST"]),
        ],
        exception_handlers={HTTPException: refuse, UserError: refuse, Refusal: refuse, Exception: refuse},
        lifespan=lifespan,
    )
    return BearerDoor(app, port, token)


class BearerDoor(Door):
    """Accepts only requests that bring the key in ``Authorization: Bearer …``.

    Parameters
    ----------
    app, port
        As of `groundup.lab.auth.Door`.
    token : str
        The key.
    """

    def __init__(self, app: ASGIApp, port: int, token: str) -> None:
        super().__init__(app, port)
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif (refusal := self.find_refusal(scope)) is not None:
            await write_refusal(refusal)(scope, receive, send)
        else:
            await self.pass_on(scope, receive, send)

    def find_refusal(self, scope: Scope) -> Refusal | None:
        """Return why a request is not answered; None for one that is."""
        if self.is_foreign(scope):
            return Refusal(421, "This is no address of this server.")
        kind, _, given = read_header(scope, b"authorization").partition(" ")
        if kind.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), self.token.encode()):
            said = "The key is missing or wrong. Send the one that `groundup serve` printed: Authorization: Bearer KEY."
            return Refusal(401, said, "invalid_api_key")
        excess = self.find_excess(scope)
        return Refusal(excess[0], excess[1].strip()) if excess else None


async def answer(request: Request, served: Served, asked: Asked, form: Form) -> Response:
    """Return the answer to a request, whole or as a stream; what nobody reads any more is not computed."""
    loop, queue = asyncio.get_running_loop(), asyncio.Queue[tuple[int, Piece]]()

    def deliver(number: int, piece: Piece) -> None:  # in the engine's thread
        with contextlib.suppress(RuntimeError):  # the server has closed meanwhile
            loop.call_soon_threadsafe(queue.put_nowait, (number, piece))

    writings = served.engine.submit(asked.orders, deliver)
    pieces = read_pieces(queue, len(writings))
    try:
        first = await until_gone(request, anext(pieces))
    except BaseException:
        for writing in writings:
            writing.cancel()
        raise

    async def every() -> AsyncIterator[tuple[int, Piece]]:
        try:
            yield first
            async for pair in pieces:
                yield pair
        finally:
            for writing in writings:
                writing.cancel()

    if asked.stream:
        return StreamingResponse(stream(every(), asked, form), media_type="text/event-stream")
    return await until_gone(request, collect(every(), asked, form))


async def read_pieces(queue: asyncio.Queue[tuple[int, Piece]], texts: int) -> AsyncIterator[tuple[int, Piece]]:
    """Yield the pieces of so many texts until each has ended.

    Raises
    ------
    Refusal
        One of them cannot be written.
    """
    while texts:
        number, piece = await queue.get()
        if piece.error is not None:
            raise Refusal(500, piece.error)
        texts -= piece.is_last
        yield number, piece


async def until_gone(request: Request, work: Awaitable[T]) -> T:
    """Return what a work returns; end it as soon as the client has gone.

    Raises
    ------
    ClientDisconnect
        It has.
    """
    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(_wait_for_leaving(request))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _wait_for_leaving(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def collect(pieces: AsyncIterator[tuple[int, Piece]], asked: Asked, form: Form) -> Response:
    """Return the whole answer."""
    counts = Counts(asked.prompt_tokens)
    texts = [Text(echo, order.scores is not None) for echo, order in zip(asked.echoes, asked.orders, strict=True)]
    async for number, piece in pieces:
        counts.completion += piece.tokens
        texts[number].add(piece)
    return finite_json(form.write_whole(texts, counts))


async def stream(pieces: AsyncIterator[tuple[int, Piece]], asked: Asked, form: Form) -> AsyncIterator[str]:
    """Yield the answer as server-sent events."""
    counts, offsets = Counts(asked.prompt_tokens), [0] * len(asked.orders)
    try:
        for number, echo in enumerate(asked.echoes):
            if form.chat:
                yield _event(form.write_opening(number))
            elif echo:
                yield _event(form.write_piece(number, Piece(echo), 0, scored=False))
        async for number, piece in pieces:
            counts.completion += piece.tokens
            scored = asked.orders[number].scores is not None
            yield _event(form.write_piece(number, piece, offsets[number], scored))
            offsets[number] += len(piece.text)
        if asked.usage_in_stream:
            yield _event(form.write_usage(counts))
        yield "data: [DONE]\n\n"
    except Refusal as error:  # the head of the answer is on its way already
        yield _event(describe_refusal(error))


def _event(facts: dict[str, Any]) -> str:
    return f"data: {write_json(facts)}\n\n"


def describe_refusal(error: Refusal) -> dict[str, Any]:
    """Return a refusal in OpenAI's form."""
    kind = TYPES.get(error.status, "invalid_request_error")
    return {"error": {"message": error.message, "type": kind, "param": error.param, "code": error.code}}


def write_refusal(error: Refusal) -> Response:
    """Return the answer that says what is wrong."""
    response = finite_json(describe_refusal(error), error.status)
    if error.status == 401:
        response.headers["www-authenticate"] = "Bearer"
    return response


def refuse(request: Request, error: Exception) -> Response:
    """Return what is wrong with a request, or what the system or groundup could not do."""
    if isinstance(error, Refusal):
        return write_refusal(error)
    if isinstance(error, OverloadedError):
        return write_refusal(Refusal(503, str(error), "overloaded"))
    if isinstance(error, HTTPException):
        said = error.detail
        if error.status_code in (404, 405):
            said = f"{request.method} {request.url.path[:100]}: there is no such address here. See docs/serving.md."
        return write_refusal(Refusal(error.status_code, said))
    if isinstance(error, UserError):
        return write_refusal(Refusal(400, str(error)))
    said = explain(error) or "This is a fault of the server. The terminal in which you started it shows the details."
    return write_refusal(Refusal(500, said))
