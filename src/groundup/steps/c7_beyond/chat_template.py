r"""The chat template: a conversation as one text, with a token of its own before each message and one after it.

    <|user|>How do you do?<|end|><|assistant|>Well, my lord.<|end|>

A GPT continues texts. To make it answer, a conversation is written as a text that could only go on with the answer: up
to `<|assistant|>`. The model then writes until it writes `<|end|>`. Each of these marks is one token that no text
contains: whatever a person types, it cannot begin a message of another role. (The form is that of ChatML, with one
token for a role and its beginning; training on such conversations is the first step of Ouyang et al., "Training
language models to follow instructions with human feedback", 2022.)

A model sees only the last tokens of its context. When a conversation becomes longer, whole turns are left out, the
oldest first, so that what is left still begins with a question.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

Message = Mapping[str, str]

END = "<|end|>"
ROLES = ("system", "user", "assistant")


def mark(role: str) -> str:
    """Return the mark that begins a message of a role.

    Examples
    --------
    >>> mark("user")
    '<|user|>'
    """
    return f"<|{role}|>"


MARKS = (*map(mark, ROLES), END)


def render(messages: Sequence[Message], ask: bool = False) -> str:
    """Return a conversation as a text.

    Parameters
    ----------
    messages : sequence of mapping
        Each has a ``role``, one of `ROLES`, and a ``content``.
    ask : bool
        Whether the text ends with the mark that asks for an answer.

    Examples
    --------
    >>> render([{"role": "user", "content": "Hello"}], ask=True)
    '<|user|>Hello<|end|><|assistant|>'
    """
    text = "".join(mark(message["role"]) + message["content"] + END for message in messages)
    return text + mark("assistant") if ask else text


def encode_chat(
    messages: Sequence[Message],
    encode: Callable[[str], Sequence[int]],
    numbers: Mapping[str, int],
    ask: bool = False,
) -> tuple[list[int], list[bool]]:
    """Return a conversation's tokens, and which of them the model is to write itself.

    Parameters
    ----------
    messages, ask
        As for `render`.
    encode : callable
        From a text without marks to its tokens. Only this function sees what people typed.
    numbers : mapping
        The token of each of the `MARKS`.

    Returns
    -------
    tokens : list of int
        The tokens of `render`'s text.
    answered : list of bool
        True for the tokens of the assistant's messages, the end included; it must learn to stop, too. The mark before
        an answer is not its own: it is given.

    Examples
    --------
    >>> numbers = {"<|system|>": 0, "<|user|>": 1, "<|assistant|>": 2, "<|end|>": 3}
    >>> chat = [{"role": "user", "content": "A"}, {"role": "assistant", "content": "B"}]
    >>> encode_chat(chat, lambda text: [ord(letter) for letter in text], numbers)
    ([1, 65, 3, 2, 66, 3], [False, False, False, False, True, True])
    """
    tokens: list[int] = []
    answered: list[bool] = []
    for message in messages:
        content = [*encode(message["content"]), numbers[END]]
        tokens += [numbers[mark(message["role"])], *content]
        answered += [False, *[message["role"] == "assistant"] * len(content)]
    if ask:
        tokens.append(numbers[mark("assistant")])
        answered.append(False)
    return tokens, answered


def keep_last_turns(
    messages: Sequence[Message], count_tokens: Callable[[Sequence[Message]], int], room: int
) -> list[Message]:
    """Return the end of a conversation that fits into a context: whole turns, the oldest left out first.

    A turn is a user's message with what follows it. What the system says at the beginning stays.

    Parameters
    ----------
    messages : sequence of mapping
        The conversation; the last message is the one to answer.
    count_tokens : callable
        From messages to the number of their tokens.
    room : int
        How many tokens there may be. The last turn stays, even if it alone has more.

    Examples
    --------
    >>> chat = [{"role": role, "content": role} for role in ("user", "assistant", "user")]
    >>> [message["role"] for message in keep_last_turns(chat, len, room=2)]
    ['user']
    """
    told = [message for message in messages[:1] if message["role"] == "system"]
    rest = list(messages[len(told) :])
    while count_tokens([*told, *rest]) > room:
        following = [place for place, message in enumerate(rest) if place and message["role"] == "user"]
        if not following:
            break
        rest = rest[following[0] :]
    return [*told, *rest]
