"""Dialogues to learn from: JSONL in the usual two forms, and cue and reply of plays.

A line of JSONL is an object, either with ``messages``, a list of ``{"role": …, "content": …}``, or with ``prompt`` and
``completion``. A play has a speaker's name with a colon on a line of its own, then what that speaker says, then an
empty line; a speech is the reply to the speech before it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from groundup.base.decoding import decode_text
from groundup.base.errors import UserError
from groundup.base.json_faults import describe_json_error
from groundup.data.corpus.packed_texts import read_raw
from groundup.data.corpus.texts import SHAKESPEARE, read_text_file
from groundup.data.named.resolve import locate
from groundup.data.streams import is_stream
from groundup.steps.c7_beyond.chat_template import ROLES

PLAYS = "shakespeare-dialogues"
BUILT_IN = {PLAYS: "cue and reply of Shakespeare's plays"}
HELD_OUT = 0.1
FORMS = 'A line is {"messages": [{"role": "user", "content": "…"}, …]} or {"prompt": "…", "completion": "…"}.'
_SPEECH = re.compile(r"^([^\n:]+):\n(.+?)(?:\n\n|\Z)", re.MULTILINE | re.DOTALL)
_SENTENCE = re.compile(r"\S.*?(?:[.!?]+(?=\s)|$)", re.DOTALL)
Dialogue = list[dict[str, str]]


@dataclass
class Dialogues:
    """Dialogues, cut into those to learn from and those held out.

    Attributes
    ----------
    name : str
        Where they come from, for messages.
    training, held_out : list of list of dict
        Messages with ``role`` and ``content``.
    facts : dict
        What identifies them, kept in ``config.json``.
    """

    name: str
    training: list[Dialogue]
    held_out: list[Dialogue]
    facts: dict[str, Any]


def read_dialogues(data: str | None, most_characters: int) -> Dialogues:
    """Read dialogues; the last tenth is held out.

    Parameters
    ----------
    data : str or None
        A JSONL file, plain or compressed, its name or address, or a name in `BUILT_IN`, the default.
    most_characters : int
        How long a dialogue made from a play may be.

    Raises
    ------
    UserError
        There is no such file, a line is no dialogue, or there are fewer than two.
    """
    name = data or PLAYS
    if name == PLAYS:
        content = read_text_file(SHAKESPEARE)
        split = int(len(content) * (1 - HELD_OUT))
        training, held_out = (make_dialogues(part, most_characters) for part in (content[:split], content[split:]))
    else:
        content, dialogues = read_jsonl(name)
        if len(dialogues) < 2:
            raise UserError(
                f"{name}: {len(dialogues)} dialogue(s); one to learn from and one to measure on are needed."
            )
        split = min(len(dialogues) - 1, max(1, round(len(dialogues) * (1 - HELD_OUT))))
        training, held_out = dialogues[:split], dialogues[split:]
    digest = hashlib.sha256(content.encode()).hexdigest()
    return Dialogues(name, training, held_out, {"name": name, "characters": len(content), "sha256": digest})


def read_jsonl(data: str) -> tuple[str, list[Dialogue]]:
    """Return the content of a JSONL file and the dialogue of each line; errors as of `read_dialogues`."""
    if is_stream(data):
        raise UserError(f"--data {data}: dialogues are read twice, from a file. Write them into one first.")
    path = locate(data, BUILT_IN)
    if not path.is_file():
        raise UserError(f'No file or built-in dialogues called "{data}". Give a JSONL file. {FORMS}')
    content = decode_text(b"".join(read_raw(path)), data)
    lines = [(number, line) for number, line in enumerate(content.split("\n"), start=1) if line.strip()]
    return content, [read_line(line, f"{data}, line {number}") for number, line in lines]


def read_line(line: str, place: str) -> Dialogue:
    """Return the dialogue of a line; `UserError` names the ``place`` where it is none.

    Examples
    --------
    >>> read_line('{"prompt": "How?", "completion": "Well."}', "line 1")
    [{'role': 'user', 'content': 'How?'}, {'role': 'assistant', 'content': 'Well.'}]
    """
    if line.lstrip().startswith("["):
        raise UserError(f"{place}: a list begins here. Write one dialogue a line, with no list around them. {FORMS}")
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{place}: no JSON ({describe_json_error(error)}). {FORMS}") from error
    if isinstance(found, dict) and {"prompt", "completion"} <= found.keys():
        found = {
            "messages": [
                {"role": "user", "content": found["prompt"]},
                {"role": "assistant", "content": found["completion"]},
            ]
        }
    messages = found.get("messages") if isinstance(found, dict) else None
    if not isinstance(messages, list) or not messages:
        raise UserError(f"{place}: neither messages nor prompt and completion. {FORMS}")
    for number, message in enumerate(messages, start=1):
        role, content = (message.get(key) if isinstance(message, dict) else None for key in ("role", "content"))
        if isinstance(role, str) and role not in ROLES:
            raise UserError(
                f"{place}: message {number} has the role {json.dumps(role[:40])}. The roles are {', '.join(ROLES)}: "
                "write one of them, or leave the dialogue out."
            )
        if role not in ROLES or not isinstance(content, str):
            raise UserError(
                f'{place}: message {number} is not {{"role": …, "content": "…"}} with a role of {", ".join(ROLES)}.'
            )
        if role == "assistant" and not content.strip():
            raise UserError(f"{place}: message {number}, an answer, is empty. Write one, or leave the dialogue out.")
        if any("\ud800" <= sign <= "\udfff" for sign in message["content"]):
            raise UserError(f"{place}: message {number} has half a character (a lone surrogate). Write it in UTF-8.")
    if not any(message["role"] == "assistant" for message in messages):
        raise UserError(f"{place}: no message of the assistant, so there is no answer to learn. {FORMS}")
    return [{"role": message["role"], "content": message["content"]} for message in messages]


def make_dialogues(play: str, most_characters: int) -> list[Dialogue]:
    r"""Return each speech of a play that can be a reply, with its cue, both shortened to whole sentences.

    Of the cue the last sentences are kept, of the reply the first ones. A pair whose nearest sentences alone are too
    long is left out; where there is room, the pair after it follows in the same dialogue.

    Examples
    --------
    >>> play = "A:\nLong ago. Speak.\n\nB:\nNo more. Away with you, and be gone.\n"
    >>> make_dialogues(play, 20)
    [[{'role': 'user', 'content': 'Speak.'}, {'role': 'assistant', 'content': 'No more.'}]]
    """
    speeches = [match.group(2).strip() for match in _SPEECH.finditer(play)]
    pairs = [shorten_pair(cue, reply, most_characters) for cue, reply in pairwise(speeches)]
    dialogues = []
    for place, first in enumerate(pairs):
        if first is None:
            continue
        dialogue, room = list(first), most_characters - _count(first)
        # Two speeches on: the reply to the reply is a cue, and what follows it the next reply.
        following = pairs[place + 2] if place + 2 < len(pairs) else None
        if following is not None and _count(following) <= room:
            dialogue += following
        dialogues.append(dialogue)
    return dialogues


def shorten_pair(cue: str, reply: str, most_characters: int) -> Dialogue | None:
    """Return a cue and a reply as messages, shortened to whole sentences; ``None`` if they do not fit."""
    ends, begins = _SENTENCE.findall(cue), _SENTENCE.findall(reply)
    if not ends or not begins:
        return None
    last, first = ends.pop(), begins.pop(0)
    if len(last) + len(first) > most_characters:
        return None
    while begins and len(last) + len(first) + 1 + len(begins[0]) <= most_characters:
        first += " " + begins.pop(0)
    while ends and len(ends[-1]) + 1 + len(last) + len(first) <= most_characters:
        last = ends.pop() + " " + last
    return [{"role": "user", "content": last}, {"role": "assistant", "content": first}]


def _count(dialogue: Sequence[dict[str, str]]) -> int:
    return sum(len(message["content"]) for message in dialogue)
