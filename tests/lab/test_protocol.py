"""Connections that keep the lab waiting are cut; those that do not are not. A real server, asked over real sockets."""

import asyncio
import contextlib
import select
import socket
import threading

import pytest
import uvicorn

from groundup.cli.local_server import listen
from groundup.lab import protocol


class Application:
    """Answers with what it was sent; slowly under ``/slow``, for ever under ``/endless``, unheard under ``/deaf``."""

    def __init__(self):
        self.gone = threading.Event()

    async def __call__(self, scope, receive, send):
        body, more = b"", scope["path"] != "/deaf"
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        if scope["path"] == "/slow":
            await asyncio.sleep(1)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        if scope["path"] == "/endless":
            left = asyncio.ensure_future(receive())
            while not left.done():
                await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True})
            self.gone.set()
        await send({"type": "http.response.body", "body": b"heard " + body})


@pytest.fixture
def served(monkeypatch):
    monkeypatch.setattr(protocol, "REQUEST_SECONDS", 0.4)
    monkeypatch.setattr(protocol, "READING_SECONDS", 0.4)
    application = Application()
    config = uvicorn.Config(application, http=protocol.PromptProtocol, log_level="error", lifespan="off")
    server, listening = uvicorn.Server(config), listen(0)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield application, listening.getsockname()[1]
    server.should_exit = server.force_exit = True
    thread.join(60)
    listening.close()
    assert not thread.is_alive()


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=600)


HEAD = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 1000\r\n\r\n"


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: here\r\n", HEAD, HEAD + b"half"])
def test_half_a_request_is_not_waited_for(served, sent):
    _, port = served
    with connect(port) as connection:
        connection.sendall(sent)
        assert is_cut(connection)


@pytest.mark.parametrize("sent", [b"GET /", HEAD])
def test_a_request_that_trickles_is_not_waited_for(served, sent):
    _, port = served
    with connect(port) as connection, contextlib.suppress(ConnectionError):
        connection.sendall(sent)
        for _ in range(200):
            connection.sendall(b"x")
            if select.select([connection], [], [], 0.1)[0] and is_cut(connection):
                return
        raise AssertionError("still waited for after 20 seconds")


def test_what_is_left_of_a_request_after_its_answer_is_not_waited_for(served):
    _, port = served
    with connect(port) as connection:
        connection.sendall(HEAD.replace(b"POST /", b"POST /deaf"))
        read_until(connection, b"heard")
        connection.sendall(b"0")
        while not is_cut(connection):
            pass


def test_an_answer_may_take_its_time_and_others_follow(served):
    _, port = served
    with connect(port) as connection:
        for _ in range(3):
            connection.sendall(HEAD.replace(b"POST /", b"POST /slow").replace(b"1000", b"10") + b"0123456789")
            read_until(connection, b"heard 0123456789")


def test_who_never_reads_is_not_waited_for(served):
    application, port = served
    with connect(port) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(b"GET /endless HTTP/1.1\r\nHost: here\r\n\r\n")
        assert application.gone.wait(600)


def read_until(connection, wanted):
    answer = b""
    while wanted not in answer:
        piece = connection.recv(1000)
        assert piece, answer
        answer += piece


def is_cut(connection):
    try:
        return connection.recv(1000) == b""
    except ConnectionResetError:
        return True
