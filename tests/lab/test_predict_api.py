"""The playground of a table's run: its fields as the table writes them, and rows that come to the same prediction."""

from functools import partial

import numpy as np
import pytest
from awaiting import await_apart

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.export.huggingface import find_origin
from groundup.lab.predict_api import play, stream_text
from groundup.tasks.chat.conversation import Conversation, open_chat
from groundup.tasks.launch import launch
from groundup.tasks.tables.form import describe_fields


def test_fields_of_a_table_with_dates_decimal_commas_and_words_with_commas(tmp_path):
    path = tmp_path / "table.csv"
    random = np.random.default_rng(0)
    lines = ["day;size, m2;city;rent"]
    for place in range(60):
        size = round(random.uniform(1, 9), 2)
        cells = f'{size:.2f};"{["New York, NY", "a=b"][place % 2]}";{place % 28 + 3 * size:.2f}'.replace(".", ",")
        lines.append(f"{1 + place % 28:02d}.03.2015;{cells}")
    path.write_text("\n".join(lines))
    run, _ = launch("heights", root=tmp_path / "runs", data=str(path), reporter=Reporter.silent())
    fields = {field["name"]: field for field in describe_fields(run)}
    assert [field["plain"] for field in fields.values()] == [False, False, True]
    assert fields["day"]["mean"].startswith("2015-03-1")
    assert "," in fields["size, m2"]["mean"]
    row = {"day": fields["day"]["mean"], "size, m2": fields["size, m2"]["mean"], "city": "New York, NY"}
    answer = await_apart(play, run, {"row": row})
    day, size = int(row["day"][-2:]) - 1, float(row["size, m2"].replace(",", "."))
    assert answer["predictions"][0]["prediction"] == pytest.approx(day + 3 * size, abs=0.05)
    with pytest.raises(UserError, match="did not occur in training"):
        await_apart(play, run, {"row": row | {"city": "Oslo, NO"}})


def test_a_chat_answers_what_was_said_and_remembers(tmp_path):
    (tmp_path / "text.txt").write_text("one two three\n" * 60)
    pair = '{"prompt": "one", "completion": "two"}\n{"prompt": "two", "completion": "three"}\n'
    (tmp_path / "chat.jsonl").write_text(pair * 20)
    sizes = ["layers=1", "heads=2", "width=32", "context=32", "precision=float32", "steps=10", "sample_tokens=0"]
    quiet, root = Reporter.silent(), tmp_path / "runs"
    launch("gpt", root=root, name="base", data=str(tmp_path / "text.txt"), pairs=sizes, reporter=quiet)
    pairs = ["steps=60", "precision=float32", "batch_size=8", "learning_rate=0.02"]
    origin = partial(find_origin, root, "base")
    run, _ = launch("chat", root=root, data=str(tmp_path / "chat.jsonl"), pairs=pairs, origin=origin, reporter=quiet)

    async def say(**asked):
        async def is_gone():
            return False

        response = await stream_text(run, {"temperature": 0, **asked}, is_gone)
        return "".join([piece async for piece in response.body_iterator])

    before = [{"role": "user", "content": "one"}, {"role": "assistant", "content": "two"}]
    assert await_apart(partial(say, prompt="one")) == "two"
    assert await_apart(partial(say, prompt="two", messages=[])) == "three"
    model, tokenizer = open_chat(run)
    expected = "".join(Conversation(model, tokenizer, before).answer("two", tokens=200, temperature=0))
    assert await_apart(partial(say, prompt="two", messages=before)) == expected
    for messages, told in (
        ([{"role": "system", "content": "x"}], "messages"),
        ([{"role": "user"}], "messages"),
        ("x", "messages"),
        (before * 9 + [{"role": "user", "content": "one " * 9}], "shorter"),
    ):
        with pytest.raises(UserError, match=told):
            await_apart(partial(say, prompt="one " * 9, messages=messages))
