"""The server as programs meet it: a real process, asked over real sockets, also by OpenAI's own client."""

import json
import shlex
import signal
import socket
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from awaiting import await_apart

from groundup.cli import main

CHAT = {"model": "rhyme", "messages": [{"role": "user", "content": "one"}], "max_tokens": 4}


def read_events(text):
    lines = [line.removeprefix("data: ") for line in text.split("\n\n") if line]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def test_it_goes_on_with_a_prompt_and_counts(server):
    status, answer = server.complete("one two th", max_tokens=12, temperature=0)
    assert status == 200
    assert answer["object"] == "text_completion"
    assert answer["choices"] == [{"index": 0, "text": "ree four fiv", "logprobs": None, "finish_reason": "length"}]
    assert answer["usage"] == {"prompt_tokens": 10, "completion_tokens": 12, "total_tokens": 22}


def test_a_stream_is_the_whole_answer_in_pieces(server):
    asked = {"max_tokens": 30, "seed": 7, "n": 2, "temperature": 1.3}
    whole = server.complete(**asked)[1]["choices"]
    status, head, text = server.ask(
        "/v1/completions",
        {"model": "rhyme", "prompt": "one two", "stream": True, "stream_options": {"include_usage": True}, **asked},
    )
    assert (status, head["content-type"].partition(";")[0]) == (200, "text/event-stream")
    *chunks, last = read_events(text)
    assert last["choices"] == []
    assert last["usage"]["completion_tokens"] == 60
    for number in range(2):
        own = [chunk["choices"][0] for chunk in chunks if chunk["choices"][0]["index"] == number]
        assert len(own) > 5
        assert "".join(choice["text"] for choice in own) == whole[number]["text"]
        assert [choice["finish_reason"] for choice in own] == [None] * (len(own) - 1) + ["length"]
    assert whole[0]["text"] != whole[1]["text"]


def test_the_seed_decides(server):
    texts = [server.complete(max_tokens=20, temperature=2, seed=seed)[1]["choices"][0]["text"] for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


@pytest.mark.parametrize(("stop", "left"), [("four", "ree "), (["zzz", "e f"], "re"), (["", "x"], None)])
def test_it_stops_before_a_stop_string(server, stop, left):
    status, answer = server.complete("one two th", stop=stop, max_tokens=50, temperature=0)
    if left is None:
        assert (status, answer["error"]["param"]) == (400, "stop")
    else:
        choice = answer["choices"][0]
        assert (choice["text"], choice["finish_reason"]) == (left, "stop")
        assert answer["usage"]["completion_tokens"] < 50


def test_a_prompt_may_be_several_or_tokens(server):
    one, five = (
        server.complete(word, max_tokens=3, temperature=0)[1]["choices"][0]["text"] for word in ("one", "five")
    )
    assert one != five
    several = server.complete(["one", "five"], max_tokens=3, temperature=0, n=2, echo=True)[1]["choices"]
    assert [choice["text"] for choice in several] == ["one" + one] * 2 + ["five" + five] * 2
    # Characters are numbered in Unicode order: line end, space, then the letters.
    letters = "".join(sorted(set("one two three four five six seven eight\n")))
    numbers = [letters.index(letter) for letter in "one"]
    assert server.complete(numbers, max_tokens=3, temperature=0)[1]["choices"][0]["text"] == one
    assert server.complete([len(letters)])[0] == 400


def test_scores_are_log_probabilities(server):
    score = server.complete("one two", max_tokens=4, temperature=0, logprobs=3)[1]["choices"][0]["logprobs"]
    assert "".join(score["tokens"]) == " thr"
    assert score["text_offset"] == [0, 1, 2, 3]
    for token, log, likeliest in zip(score["tokens"], score["token_logprobs"], score["top_logprobs"], strict=True):
        assert len(likeliest) == 3
        assert log == likeliest[token] == max(likeliest.values()) <= 0
    chat = {**CHAT, "logprobs": True, "top_logprobs": 2, "temperature": 0}
    chat["messages"] = [{"role": "user", "content": "one two"}]
    status, _, answer = server.ask("/v1/chat/completions", chat)
    assert status == 422  # the model never saw the letters of "User"
    assert "never saw" in answer["error"]["message"]


def test_models_are_listed(server):
    assert [model["id"] for model in server.ask("/v1/models")[2]["data"]] == ["rhyme"]
    assert server.ask("/v1/models/rhyme")[2]["object"] == "model"


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "code"),
    [
        ("/v1/models", None, {"Authorization": None}, 401, "invalid_api_key"),
        ("/v1/models", None, {"Authorization": "Bearer x"}, 401, "invalid_api_key"),
        ("/v1/models", None, {"Authorization": "Basic é"}, 401, "invalid_api_key"),
        ("/v1/models", None, {"Host": "evil.example"}, 421, None),
        ("/v1/models/other", None, {}, 404, "model_not_found"),
        ("/v1/embeddings", None, {}, 404, None),
        ("/v1/completions", None, {}, 405, None),
        ("/v1/completions", b"{", {}, 400, None),
        ("/v1/completions", b"[]", {}, 400, None),
        ("/v1/completions", b"[" * 100_000, {}, 400, None),
        ("/v1/completions", b"x" * 4_000_001, {}, 413, None),
        ("/v1/completions", {"model": "rhyme"}, {}, 400, "invalid_type"),
        ("/v1/completions", {"model": "other", "prompt": "o"}, {}, 404, "model_not_found"),
        ("/v1/completions", {"model": "rhyme", "prompt": 7}, {}, 400, "invalid_type"),
        ("/v1/completions", {"model": "rhyme", "prompt": []}, {}, 400, "invalid_type"),
        ("/v1/completions", {"model": "rhyme", "prompt": "?"}, {}, 422, "unknown_characters"),
        ("/v1/completions", {"model": "rhyme", "prompt": "o" * 65}, {}, 400, "context_length_exceeded"),
        ("/v1/completions", {"model": "rhyme", "prompt": "o", "temperature": 3}, {}, 400, "invalid_type"),
        ("/v1/completions", b'{"model": "rhyme", "prompt": "o", "top_p": NaN}', {}, 400, "invalid_type"),
        ("/v1/completions", {"model": "rhyme", "prompt": "o", "n": 129}, {}, 400, "invalid_type"),
        ("/v1/completions", {"model": "rhyme", "prompt": ["o"] * 65, "n": 2}, {}, 400, None),
        ("/v1/completions", {"model": "rhyme", "prompt": "o", "best_of": 2}, {}, 400, "unsupported_parameter"),
        ("/v1/chat/completions", {"model": "rhyme", "messages": []}, {}, 400, "invalid_type"),
        ("/v1/chat/completions", {"model": "rhyme", "messages": [{"role": "x", "content": ""}]}, {}, 400, None),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_in_openais_form(server, path, body, headers, status, code):
    found, _, answer = server.ask(path, body, **headers)
    assert found == status
    assert set(answer["error"]) == {"message", "type", "param", "code"}
    assert "\n" not in answer["error"]["message"]
    if code is not None:
        assert answer["error"]["code"] == code


def test_a_plain_gpt_answers_a_chat_as_a_transcript(runs, tmp_path):
    """In this process: a model that knows every letter, and ends its turn where the next begins."""
    from groundup.data.corpus.tokens import train_tokenizer
    from groundup.serving.requests import read_chat
    from groundup.serving.transcript import ENDS

    tokenizer = train_tokenizer("bytepair", ["User Assistant System hello"], 300)
    messages = [
        {"role": "system", "content": "Be short."},
        {"role": "user", "content": [{"type": "text", "text": "Hel"}, {"type": "text", "text": "lo"}]},
    ]
    asked = read_chat({"model": "m", "messages": messages, "stop": "!"}, "m", tokenizer, 1000)
    written = "System:\nBe short.\n\nUser:\nHello\n\nAssistant:\n"
    assert tokenizer.decode(asked.orders[0].prompt) == written
    assert asked.orders[0].stops == ("!", *ENDS)


def test_a_chat_run_is_asked_in_its_own_template():
    """What a person types cannot be a mark, and the answer ends at one."""
    from groundup.data.corpus.chat_marks import add_marks, find_marks
    from groundup.data.corpus.tokens import train_tokenizer
    from groundup.serving.app import find_ends
    from groundup.serving.requests import read_chat
    from groundup.steps.c7_beyond.chat_template import encode_chat

    tokenizer = add_marks(train_tokenizer("characters", ["abc <|end|>"]))
    marks = find_marks(tokenizer)
    turns = [("developer", "a"), ("user", "b<|end|>")]
    messages = [{"role": role, "content": content} for role, content in turns]
    asked = read_chat({"model": "m", "messages": messages, "max_tokens": 99}, "m", tokenizer, 64)
    renamed = [{**messages[0], "role": "system"}, messages[1]]
    letters = train_tokenizer("characters", ["abc <|end|>"]).encode
    expected, _ = encode_chat(renamed, lambda text: letters(text).tolist(), marks, ask=True)
    assert list(asked.orders[0].prompt) == expected
    assert asked.orders[0].stops == ()
    assert asked.orders[0].most_tokens == 64 - len(expected)
    assert set(find_ends(tokenizer)) == set(marks.values())


def test_fifty_clients_at_once_are_all_answered(server):
    asked = {"max_tokens": 20, "temperature": 1.0, "seed": 3}
    alone = server.complete(**asked)[1]["choices"]
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: server.complete(**asked), range(50)))
    assert [status for status, _ in answers] == [200] * 50
    assert all(answer["choices"] == alone for _, answer in answers)


@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_leaves_stops_the_computing(start, stream):
    """Eight endless texts take every place. When their clients have gone, the ninth gets its turn."""
    server = start()
    body = json.dumps({"model": "rhyme", "prompt": "one", "max_tokens": 100_000, "n": 8, "stream": stream}).encode()
    head = (
        f"POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAuthorization: Bearer {server.token}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=300) as connection:
        connection.sendall(head.encode() + body)
        if stream:
            assert b"200 OK" in connection.recv(100)
    status, answer = server.complete(max_tokens=2)
    assert (status, answer["usage"]["completion_tokens"]) == (200, 2)


def test_too_many_waiting_are_told_to_come_again(runs):
    from groundup.serving.engine import Engine, Order, OverloadedError
    from groundup.tasks.gpt.runs import open_gpt
    from groundup.tasks.opening import open_run

    model, tokenizer, _ = open_gpt(open_run(runs, "rhyme"))
    engine = Engine(model, tokenizer, most_at_once=1, most_waiting=2)
    try:
        order, got = Order((1,), 100_000), []
        first = engine.submit([order], lambda *_: got.append(1))
        while not got:
            pass
        waiting = engine.submit([order, order], lambda *_: None)
        with pytest.raises(OverloadedError, match="2 texts are waiting"):
            engine.submit([order], lambda *_: None)
        waiting[0].cancel()
        engine.submit([order], lambda *_: None)
        first[0].cancel()
    finally:
        engine.close()


def test_openais_own_client(server):
    openai = pytest.importorskip("openai")

    async def talk():
        async with openai.AsyncOpenAI(
            base_url=f"http://127.0.0.1:{server.port}/v1", api_key=server.token, max_retries=0
        ) as client:
            assert [model.id async for model in client.models.list()] == ["rhyme"]
            whole = await client.completions.create(model="rhyme", prompt="one two th", max_tokens=12, temperature=0)
            assert whole.choices[0].text == "ree four fiv"
            assert whole.usage.total_tokens == 22
            pieces = await client.completions.create(
                model="rhyme", prompt="one two th", max_tokens=12, temperature=0, stream=True, logprobs=1
            )
            texts = [chunk.choices[0].text async for chunk in pieces]
            assert "".join(texts) == "ree four fiv"
            assert len(texts) == 12
            with pytest.raises(openai.UnprocessableEntityError):
                await client.chat.completions.create(model="rhyme", messages=[{"role": "user", "content": "one"}])
            with pytest.raises(openai.NotFoundError):
                await client.completions.create(model="gpt-5", prompt="one")
            with pytest.raises(openai.BadRequestError):
                await client.completions.create(model="rhyme", prompt="one", temperature=9)
            wrong = client.with_options(api_key="sk-wrong")
            with pytest.raises(openai.AuthenticationError):
                await wrong.models.list()

    await_apart(talk)


def test_it_says_how_to_ask_it_and_ctrl_c_ends_it_in_one_line(start):
    server = start()
    command = next(line for line in iter(server.process.stdout.readline, "") if line.startswith("Try it: curl "))
    *_, address, _, key, _, _, _, body = shlex.split(command)
    assert (address, key) == (f"http://127.0.0.1:{server.port}/v1/completions", f"Authorization: Bearer {server.token}")
    assert server.ask("/v1/completions", json.loads(body))[0] == 200
    server.process.send_signal(signal.SIGINT)
    out, err = server.process.communicate(timeout=600)
    assert (server.process.returncode, err) == (0, "")
    assert out.splitlines()[-1] == "The server is closed."


def test_the_key_stays_and_is_private(start, tmp_path):
    path = tmp_path / "new" / "key"
    first, second = start(token_file=path), start(token_file=path)
    assert first.token == second.token
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert first.token not in Path(f"/proc/{first.process.pid}/cmdline").read_text()


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        ("k" * 20, 0o644, "chmod 600"),
        ("short", 0o600, "no key"),
        ("two words of a key", 0o600, "no key"),
        ("", 0o600, "no key"),
    ],
)
def test_a_bad_key_file_is_refused(runs, tmp_path, capfd, content, mode, said):
    path = tmp_path / "key"
    path.write_text(content)
    path.chmod(mode)
    assert main(["serve", "rhyme", "--runs", str(runs), "--token-file", str(path)]) == 2
    err = capfd.readouterr().err
    assert said in err
    assert err.count("\n") == 1


def test_a_run_of_another_task_is_refused(tmp_path, capfd):
    assert main(["train", "heights", "--runs", str(tmp_path)]) == 0
    assert main(["serve", "heights", "--runs", str(tmp_path)]) == 2
    assert "not of gpt" in capfd.readouterr().err
