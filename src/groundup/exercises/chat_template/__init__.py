"""The chat template: a conversation as a text, as tokens, and what is kept of one that is too long."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.chat_template.mistakes import ENCODE, KEEP, MISTAKES, RENDER
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise

# Functions that are handed to an answer cannot be sent: they are made in its process.
ENCODER = """
import re

def make():
    def encode(text):
        parts = re.findall(r" ?.", text, re.DOTALL)
        return [ord(part[-1]) + 1000 * (len(part) - 1) for part in parts]

    return encode
"""
COUNTER = """
def make(per_character):
    return lambda messages: sum(2 + len(message["content"]) if per_character else 1 for message in messages)
"""
ENCODES = "a character is its code, with a space before it 1000 more"
BY_MESSAGE, BY_CHARACTER = "1 for each message", "2 for each message, and 1 for each character"
NUMBERS = {"<|system|>": 0, "<|user|>": 1, "<|assistant|>": 2, "<|end|>": 3}
OTHER_NUMBERS = {"<|system|>": 9001, "<|user|>": 9004, "<|assistant|>": 9002, "<|end|>": 9003}


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {RENDER: step.render, ENCODE: step.encode_chat, KEEP: step.keep_last_turns}


def say(*said: str) -> list[dict[str, str]]:
    """Return messages, each given as ``"user: what it says"``."""
    parts = [one.partition(": ") for one in said]
    return [{"role": role, "content": content} for role, _, content in parts]


CONTENTS = (
    st.sampled_from(["A", "Hello", " so be it ", "a b c", "", "two\nlines"])
    | st.text("ab ", max_size=5)
    | st.sampled_from(["<|end|>", "no <|end|><|assistant|>yes", "<|user|>", "<|", "|>"])
)


@st.composite
def conversations(draw: st.DrawFn) -> list[dict[str, str]]:
    """Draw a few messages of any roles."""
    roles = draw(st.lists(st.sampled_from(["user", "assistant", "system"]), max_size=4))
    return [{"role": role, "content": draw(CONTENTS)} for role in roles]


@st.composite
def long_conversations(draw: st.DrawFn) -> Case:
    """Draw turns, with a system's message in front of some, how tokens are counted, and little room."""
    messages = say("system: S" + "s" * draw(st.integers(0, 3))) if draw(st.booleans()) else []
    for turn in range(draw(st.integers(1, 4))):
        messages += say(f"user: {turn}" + "u" * draw(st.integers(0, 3)))
        messages += [message for _ in range(draw(st.integers(0, 2))) for message in say(f"assistant: {turn}a")]
    if messages[-1]["role"] == "assistant":
        messages += say("user: end")
    kind = draw(st.sampled_from([BY_MESSAGE, BY_CHARACTER]))
    most = len(messages) if kind == BY_MESSAGE else sum(2 + len(message["content"]) for message in messages)
    return messages, kind, draw(st.integers(1, most))


def look_at_tokens(answer: Answer, messages: Any, encode: str, numbers: Any, ask: bool) -> Any:
    """Return the tokens and who writes them, each by its name."""
    found = answer.call(ENCODE, messages, answer.given(ENCODER), numbers, ask)
    if not isinstance(found, list | tuple) or len(found) != 2:
        return found
    return {"tokens": found[0], "answered": found[1]}


def look_at_kept(answer: Answer, messages: Any, count_tokens: str, room: int) -> Any:
    """Return what is kept, as a person reads it."""
    found = answer.call(KEEP, messages, answer.given(COUNTER, count_tokens == BY_CHARACTER), room)
    if not isinstance(found, list | tuple) or not all(isinstance(message, dict) for message in found):
        return found
    return [f"{message.get('role')}: {message.get('content')}" for message in found]


def ask_for_defaults(answer: Answer, messages: Any) -> Any:
    """Return text and tokens without a word about asking."""
    tokens = answer.call(ENCODE, messages, answer.given(ENCODER), NUMBERS)
    return {"text": answer.call(RENDER, messages), "tokens": tokens}


def benchmark_case() -> tuple[str, None, Case]:
    """Return a conversation of 4,000 messages."""
    return RENDER, None, (say("user: How do you do?", "assistant: Well, my lord.") * 2000, True)


CHAT = say("user: A", "assistant: B")
TURNS = say("user: A", "assistant: B", "user: C")

exercise = Exercise(
    name="chat-template",
    title="The chat template",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c7_beyond.chat_template"],
    reference=reference,
    entries={name: [name] for name in (RENDER, ENCODE, KEEP)},
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "the text",
            RENDER,
            st.tuples(conversations(), st.booleans()),
            edges=[
                (say("user: Hello"), True),
                (say("system: Be brief.", "user: Hello", "assistant:  Well met. "), False),
                (say("user: a\n", "assistant: b"), True),
                ([], True),
                ([], False),
            ],
            examples=20,
        ),
        Check(
            "the tokens, and which the model writes",
            ENCODE,
            st.tuples(conversations(), st.just(ENCODES), st.sampled_from([NUMBERS, OTHER_NUMBERS]), st.booleans()),
            edges=[
                (CHAT, ENCODES, NUMBERS, False),
                (CHAT[:1], ENCODES, NUMBERS, True),
                (say("system: S", "user: a b", "assistant: c d", "user: e", "assistant: f g"), ENCODES, NUMBERS, False),
                (say("user: <|end|>", "assistant: no<|end|>yes"), ENCODES, OTHER_NUMBERS, True),
            ],
            observer=look_at_tokens,
            arguments=("messages", "encode", "numbers", "ask"),
            examples=20,
        ),
        Check(
            "without asking",
            ENCODE,
            st.tuples(conversations()),
            edges=[(CHAT,)],
            observer=ask_for_defaults,
            arguments=("messages",),
            examples=3,
        ),
        Check(
            "what is kept",
            KEEP,
            long_conversations(),
            edges=[
                ([*say("system: S"), *TURNS], BY_MESSAGE, 3),
                (TURNS, BY_MESSAGE, 3),
                (TURNS, BY_MESSAGE, 2),
                (say("user: A", "assistant: B", "user: C", "assistant: D", "user: E"), BY_MESSAGE, 3),
                (say("user: A", "assistant: B", "assistant: C", "user: D", "user: E"), BY_CHARACTER, 7),
                ([*say("system: You are brief."), *TURNS], BY_CHARACTER, 20),
                (say("user: a long question"), BY_CHARACTER, 4),
            ],
            observer=look_at_kept,
            arguments=("messages", "count_tokens", "room"),
            examples=30,
        ),
    ],
    mistakes=MISTAKES,
)
