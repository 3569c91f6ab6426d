"""Who may talk to the lab: this computer's own browser, with the token of the address that was printed.

Any page on the internet can make a browser send requests to 127.0.0.1, and can point a name of its own there (DNS
rebinding). So the Host must be ours, what changes anything or opens a socket must come from a page of ours (Origin),
and all of it needs the cookie that only the token gives.
"""

from __future__ import annotations

import hmac
import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, quote, urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 4_000_000
SAFE = ("GET", "HEAD")
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'"
)
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cache-control", b"no-store"),
]


class Guard:
    """Lets through what comes from a page of the lab in a browser that was given the token.

    Parameters
    ----------
    app : ASGI application
        What is guarded.
    port : int
        Where the lab listens.
    token : str, optional
        A new one if left out.
    """

    def __init__(self, app: ASGIApp, port: int, token: str | None = None) -> None:
        self.app, self.port = app, port
        self.token = token or secrets.token_urlsafe(24)
        self.hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}
        # Cookies are shared by all ports of a host.
        self.cookie = f"groundup_{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        refusal = self.find_refusal(scope)
        if refusal is None and scope["type"] == "http" and self.holds_token(scope):
            await self.welcome(scope)(scope, receive, send)
        elif refusal is None and not self.knows(scope):
            refusal = (403, "Open the address that `groundup lab` printed: it holds the key to this page.\n")
        elif refusal is None:
            await self.pass_on(scope, receive, send)
        if refusal is None:
            return
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse(refusal[1], refusal[0])(scope, receive, send)

    def find_refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Return the status and reason of a connection that is no page's of ours; None for one that may be."""
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1")
        if host not in self.hosts:
            return 421, "This is no address of the lab.\n"
        origin = headers.get(b"origin", b"").decode("latin-1")
        needs_origin = scope["type"] == "websocket" or scope["method"] not in SAFE
        if (origin or needs_origin) and origin != f"http://{host}":
            return 403, "This request does not come from a page of the lab.\n"
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > MOST_BYTES:
            return 413, f"More than {MOST_BYTES:,} bytes: too much.\n"
        return None

    def holds_token(self, scope: Scope) -> bool:
        """Tell whether a request's address holds the token."""
        given = dict(parse_qsl(scope["query_string"].decode("latin-1"))).get("token", "")
        return scope["method"] in SAFE and hmac.compare_digest(given.encode(), self.token.encode())

    def knows(self, scope: Scope) -> bool:
        """Tell whether a request brings the cookie."""
        try:
            cookie = SimpleCookie(dict(scope["headers"]).get(b"cookie", b"").decode("latin-1"))
        except CookieError:
            return False
        given = cookie[self.cookie].value if self.cookie in cookie else ""
        return hmac.compare_digest(given.encode(), self.token.encode())

    def welcome(self, scope: Scope) -> RedirectResponse:
        """Return the answer that gives the cookie, and leads to the same page without the token."""
        request = Request(scope)
        rest = [(name, value) for name, value in request.query_params.multi_items() if name != "token"]
        path = quote("/" + request.url.path.lstrip("/")) + (f"?{urlencode(rest)}" if rest else "")
        response = RedirectResponse(path, status_code=303)
        response.set_cookie(self.cookie, self.token, httponly=True, samesite="strict")
        return response

    async def pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer, with a limit on the body and the headers that keep a page to itself."""
        count = 0

        async def counted() -> Message:
            nonlocal count
            message = await receive()
            count += len(message.get("body", b"")) if message["type"] == "http.request" else 0
            if count > MOST_BYTES:
                raise HTTPException(413, f"More than {MOST_BYTES:,} bytes: too much.")
            return message

        async def closed(message: Message) -> None:
            if message["type"] == "http.response.start":
                # Lessons bring a page of marimo's own, with scripts in it.
                own = not scope["path"].startswith(("/lessons/", "/pieces/"))
                known = {name for name, _ in message["headers"]}
                more = [*HEADERS, (b"content-security-policy", POLICY.encode())] if own else HEADERS[:2]
                message["headers"] = [*message["headers"], *(pair for pair in more if pair[0] not in known)]
            await send(message)

        await self.app(scope, counted, closed)
