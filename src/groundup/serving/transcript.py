r"""A plain transcript, with which a GPT that was never trained on chats answers in one.

    System:             the name of each speaker, and below it what they say;
    You are short.      an empty line between two turns, as in the plays that a GPT learns by default

    User:
    Hello!

    Assistant:
                        from here on, the model writes

The answer ends where the model begins another turn.
"""

from __future__ import annotations

from collections.abc import Sequence

NAMES = {"system": "System", "developer": "System", "user": "User", "assistant": "Assistant"}
ENDS = tuple(f"\n\n{name}:" for name in dict.fromkeys(NAMES.values()))


def write_transcript(turns: Sequence[tuple[str, str]]) -> str:
    r"""Return the text that leads to the next answer.

    Parameters
    ----------
    turns : sequence of (role, content)
        The roles are those of `NAMES`.

    Examples
    --------
    >>> write_transcript([("user", "Hello!")])
    'User:\nHello!\n\nAssistant:\n'
    """
    written = [f"{NAMES[role]}:\n{content}\n\n" for role, content in turns]
    return "".join(written) + f"{NAMES['assistant']}:\n"
