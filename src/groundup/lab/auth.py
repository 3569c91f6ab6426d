"""Who may talk to the lab: this computer's own browser, with the token of the address that was printed.

Any page on the internet can make a browser send requests to 127.0.0.1, and can point a name of its own there (DNS
rebinding). So the Host must be ours, what changes anything or opens a socket must come from a page of ours (Origin),
and all of it needs the cookie that only the token gives, or a ticket: a token that is good for one use.
"""

from __future__ import annotations

import hmac
import secrets
import sys
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, quote, urlencode

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from groundup.base.faults import explain, report_fault
from groundup.base.plain_text import fold

MOST_BYTES = 4_000_000
LONGEST_NAME = 255  # of files, which addresses may name
SAFE = ("GET", "HEAD")
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'"
)
PLAIN_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}
HEADERS = [(name.encode(), value.encode()) for name, value in PLAIN_HEADERS.items()]
WELCOME = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>groundup</title>'
    '<meta http-equiv="refresh" content="0; url=/"><p><a href="/">The lab</a></p></html>'
)


class Door:
    """The limits of every server here: requests by an address of this computer, of a bounded size.

    Parameters
    ----------
    app : ASGI application
        What lies behind it.
    port : int
        Where the server listens.

    Attributes
    ----------
    hosts : set of str
        The addresses that it answers to.
    """

    def __init__(self, app: ASGIApp, port: int) -> None:
        self.app, self.port = app, port
        self.hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}

    def is_foreign(self, scope: Scope) -> bool:
        """Tell whether a request was sent to an address that is not ours."""
        return read_header(scope, b"host") not in self.hosts

    def find_excess(self, scope: Scope) -> tuple[int, str] | None:
        """Return the status and reason of a request that is too long, in its body or its path; None for others."""
        length = read_header(scope, b"content-length") or "0"
        if not length.isdigit() or int(length) > MOST_BYTES:
            return 413, f"More than {MOST_BYTES:,} bytes: too much.\n"
        if "\0" in scope["path"] or any(len(name.encode()) > LONGEST_NAME for name in scope["path"].split("/")):
            return 404, "There is no such page.\n"
        return None

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
                known = {name for name, _ in message["headers"]}
                more = [*HEADERS, (b"content-security-policy", POLICY.encode())]
                message["headers"] = [*message["headers"], *(pair for pair in more if pair[0] not in known)]
            await send(message)

        try:
            await self.app(scope, counted, closed)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - a server outlives a request
            # The page has its answer; uvicorn would print a traceback besides.
            print(f"groundup: {fold(explain(error) or report_fault(error))}", file=sys.stderr)


class Guard(Door):
    """Accepts only requests from a page of the lab, in a browser that has the token.

    Parameters
    ----------
    app : ASGI application
        What is guarded.
    port : int
        Where the lab listens.
    token : str, optional
        A new one if left out.

    Attributes
    ----------
    tickets : dict
        What else gives the cookie, once, and what to do when it was used.
    """

    def __init__(self, app: ASGIApp, port: int, token: str | None = None) -> None:
        super().__init__(app, port)
        self.token = token or secrets.token_urlsafe(24)
        # Cookies are shared by all ports of a host.
        self.cookie = f"groundup_{port}"
        self.tickets: dict[str, Callable[[], None]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        refusal = self.find_refusal(scope)
        if refusal is None and self.holds_token(scope):
            await self.welcome(scope)(scope, receive, send)
        elif refusal is None and self.takes_ticket(scope):
            await self.welcome_once()(scope, receive, send)
        elif refusal is None and not self.knows(scope):
            refusal = (403, "Open the address that `groundup lab` printed: it holds the key to this page.\n")
        elif refusal is None:
            await self.pass_on(scope, receive, send)
        if refusal is None:
            return
        await PlainTextResponse(refusal[1], refusal[0])(scope, receive, send)

    def find_refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Return the status and reason of a connection that is no page's of ours; None for one that may be."""
        if self.is_foreign(scope):
            return 421, "This is no address of the lab.\n"
        origin = read_header(scope, b"origin")
        needs_origin = scope["method"] not in SAFE
        if (origin or needs_origin) and origin != f"http://{read_header(scope, b'host')}":
            return 403, "This request does not come from a page of the lab.\n"
        return self.find_excess(scope)

    def holds_token(self, scope: Scope) -> bool:
        """Tell whether a request's address holds the token."""
        given = read_query(scope).get("token", "")
        return scope["method"] in SAFE and hmac.compare_digest(given.encode(), self.token.encode())

    def issue_ticket(self, used: Callable[[], None]) -> str:
        """Return a token that is good for one use, after which ``used`` is called."""
        ticket = secrets.token_urlsafe(24)
        self.tickets[ticket] = used
        return ticket

    def takes_ticket(self, scope: Scope) -> bool:
        """Tell whether a request's address holds a ticket, and take it."""
        used = self.tickets.pop(read_query(scope).get("ticket", ""), None) if scope["method"] == "GET" else None
        if used is not None:
            used()
        return used is not None

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

    def welcome_once(self) -> HTMLResponse:
        """Return the answer to a ticket: a page of the lab's own, which leads on.

        Browsers send a strict cookie along only where the way began on a page of the same site; a redirection would
        still be on its way from the file that led here.
        """
        response = HTMLResponse(WELCOME, headers={"content-security-policy": POLICY, **PLAIN_HEADERS})
        response.set_cookie(self.cookie, self.token, httponly=True, samesite="strict")
        return response


def read_query(scope: Scope) -> dict[str, str]:
    """Return what follows the question mark of an address."""
    return dict(parse_qsl(scope["query_string"].decode("latin-1")))


def read_header(scope: Scope, name: bytes) -> str:
    """Return a request's header; empty if it has none."""
    return dict(scope["headers"]).get(name, b"").decode("latin-1")
