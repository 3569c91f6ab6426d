"""Dialogues are read as they are written, and become rows in which only answers count."""

import json

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.base.errors import UserError
from groundup.data.corpus.chat_marks import PlainEncoder, add_marks, find_marks
from groundup.data.corpus.dialogues import PLAYS, make_dialogues, read_dialogues, read_line
from groundup.data.corpus.tokens import train_tokenizer
from groundup.steps.c7_beyond.answer_loss import IGNORED
from groundup.tasks.chat.rows import ChatBatches, make_rows

TOKENIZER = add_marks(train_tokenizer("characters", ["abcd"]))
ENCODE, MARKS = PlainEncoder(TOKENIZER), find_marks(TOKENIZER)
TEXTS = st.text("abcd", max_size=4)
DIALOGUES = st.lists(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=3), min_size=1, max_size=6)


def speak(pairs):
    roles = ("user", "assistant")
    return [{"role": role, "content": text} for pair in pairs for role, text in zip(roles, pair, strict=True)]


@given(DIALOGUES, st.booleans())
def test_every_answer_counts_once_and_nothing_else(drawn, packed):
    dialogues = [speak(pairs) for pairs in drawn]
    rows = make_rows(dialogues, ENCODE, MARKS, 40, packed, "test")
    expected = sorted(TOKENIZER.decode(ENCODE(one["content"])) + "<|end|>" for d in dialogues for one in d[1::2])
    found = []
    for tokens, numbers, targets in zip(rows.tokens, rows.numbers, rows.targets, strict=True):
        for number in range(1, int(numbers.max()) + 1):
            mine = numbers == number
            assert TOKENIZER.decode(tokens[mine].tolist()).startswith("<|user|>")
            counted = targets[mine][targets[mine] != IGNORED].tolist()
            found += [part + "<|end|>" for part in TOKENIZER.decode(counted).split("<|end|>")[:-1]]
        assert (targets[numbers == 0] == IGNORED).all()
        assert packed or int(numbers.max()) == 1
    assert sorted(found) == expected
    assert rows.left_out == 0
    assert rows.answers == sum(len(text) - len("<|end|>") + 1 for text in expected)


def test_a_dialogue_that_is_too_long_ends_after_the_last_answer_that_fits():
    rows = make_rows([speak([("a", "b"), ("c", "d" * 9)]), speak([("a" * 9, "b")])], ENCODE, MARKS, 8, True, "test")
    assert rows.left_out == 1
    assert TOKENIZER.decode(rows.tokens[0].tolist()).startswith("<|user|>a<|end|><|assistant|>b")
    assert rows.targets[0][rows.targets[0] != IGNORED].tolist() == [*ENCODE("b"), MARKS["<|end|>"]]
    with pytest.raises(UserError, match="no dialogue fits into the 4 tokens"):
        make_rows([speak([("a", "bcd")])], ENCODE, MARKS, 4, True, "test")


def test_an_unknown_character_is_named_with_its_dialogue():
    with pytest.raises(UserError, match=r'file, dialogue 2: .*never saw "z"'):
        make_rows([speak([("a", "b")]), speak([("a", "z")])], ENCODE, MARKS, 9, True, "file")


def test_a_batch_is_a_function_of_the_step():
    rows = make_rows([speak([("a" * n, "b")]) for n in range(5)], ENCODE, MARKS, 10, False, "test")
    one, other = (ChatBatches(rows, 2, 3, torch.device("cpu")) for _ in range(2))
    steps = [one(step)[0] for step in range(4)]
    assert torch.equal(other(3)[0], steps[3])
    assert steps[0].shape == (2, 2, 10)


def test_both_forms_of_lines_are_read(tmp_path):
    lines = [
        {"messages": [{"role": "system", "content": "s"}, *speak([("hi", "ho")])], "id": 7},
        {"prompt": "a\u2028b", "completion": "c"},
    ]
    path = tmp_path / "chat.jsonl"
    path.write_text("\n\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n", encoding="utf-8")
    found = read_dialogues(str(path), 99)
    assert found.training == [lines[0]["messages"]]
    assert found.held_out == [speak([("a\u2028b", "c")])]
    assert found.facts["characters"] == len(path.read_text("utf-8"))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "no JSON"),
        ("[]", "a list begins here. Write one dialogue a line"),
        ("7", "neither messages nor prompt"),
        ('{"prompt": "a"}', "neither messages nor prompt"),
        ('{"messages": []}', "neither messages nor prompt"),
        ('{"messages": [{"role": "bot", "content": "a"}]}', 'message 1 has the role "bot". The roles are system'),
        ('{"prompt": "a", "completion": " "}', "message 2, an answer, is empty. Write one, or leave"),
        ('{"messages": [{"role": "user", "content": null}]}', "message 1 is not"),
        ('{"messages": [{"role": "user", "content": "a"}]}', "no message of the assistant"),
        ('{"prompt": "a", "completion": "\\ud800"}', "half a character"),
    ],
)
def test_a_line_that_is_no_dialogue_is_named(line, message):
    with pytest.raises(UserError, match=f"file, line 3: .*{message}") as error:
        read_line(line, "file, line 3")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [("none.jsonl", "No file or built-in dialogues"), ("-", "are read twice"), ("one.jsonl", "1 dial")],
)
def test_data_that_are_none_are_refused(tmp_path, monkeypatch, data, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.jsonl").write_text('{"prompt": "a", "completion": "b"}\n')
    with pytest.raises(UserError, match=message):
        read_dialogues(data, 99)


PLAY = "A:\nFirst word. Who goes there?\n\nB:\nA friend! Let me in, the night is cold.\n\nA:\nCome.\n\nB:\nThanks.\n"


def test_a_reply_follows_its_cue_and_both_are_whole_sentences():
    # The second pair, 37 characters at its shortest, is left out.
    assert make_dialogues(PLAY, 30) == [speak([("Who goes there?", "A friend!")]), speak([("Come.", "Thanks.")])]
    longest = make_dialogues(PLAY, 200)[0]
    assert [one["content"] for one in longest] == [
        "First word. Who goes there?",
        "A friend! Let me in, the night is cold.",
        "Come.",
        "Thanks.",
    ]


def test_the_built_in_dialogues_fit_their_room_and_do_not_share_a_speech():
    found = read_dialogues(None, 61)
    assert found.name == PLAYS
    for dialogue in found.training + found.held_out:
        assert sum(len(one["content"]) for one in dialogue) <= 61
        assert [one["role"] for one in dialogue] == ["user", "assistant"] * (len(dialogue) // 2)
    assert len(found.training) > 900
    assert len(found.held_out) > 90
