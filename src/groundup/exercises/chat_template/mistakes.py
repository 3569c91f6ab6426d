"""The known mistakes in the chat template, as edits of `groundup.steps.c7_beyond.chat_template`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

RENDER, ENCODE, KEEP = "render", "encode_chat", "keep_last_turns"
WRITTEN = 'mark(message["role"]) + message["content"] + END'
ASKED = 'return text + mark("assistant") if ask else text'
CONTENT = '[*encode(message["content"]), numbers[END]]'
TOKENS = 'tokens += [numbers[mark(message["role"])], *content]'
OWN = 'answered += [False, *[message["role"] == "assistant"] * len(content)]'
RESULT = "return tokens, answered"
FOUND = '[place for place, message in enumerate(rest) if place and message["role"] == "user"]'
WHILE = "while count_tokens([*told, *rest]) > room:"
NONE_LEFT = "if not following:\n            break"
CUT = "rest = rest[following[0] :]"


def wrong(within: str, name: str, says: str, *pairs: tuple[str, str]) -> Mistake:
    """Return a mistake of what stands in a function and what stands there instead."""
    return Mistake(name, says, [Edit(old, new, within) for old, new in pairs])


MISTAKES = [
    wrong(
        RENDER,
        "no mark at the end of a message",
        "Nothing says where a message ends. Put <|end|> behind each: the model stops when it writes that.",
        (WRITTEN, 'mark(message["role"]) + message["content"]'),
    ),
    wrong(
        RENDER,
        "no mark for the role",
        "Nothing says whose message it is. Put <|role|> in front of each.",
        (WRITTEN, 'message["content"] + END'),
    ),
    wrong(
        RENDER,
        "the role's mark again at the end",
        "Your messages end with the mark of their role. Each ends with <|end|>, whatever its role.",
        (WRITTEN, 'mark(message["role"]) + message["content"] + mark(message["role"])'),
    ),
    wrong(
        RENDER,
        "a line break added to each message",
        "You put line breaks between mark and content or behind a message. There are only marks and contents.",
        (WRITTEN, f'{WRITTEN} + "\\n"'),
    ),
    wrong(
        RENDER,
        "a line break behind the role",
        "You put a line break behind the role's mark. The content follows it at once.",
        (WRITTEN, 'mark(message["role"]) + "\\n" + message["content"] + END'),
    ),
    wrong(
        RENDER,
        "spaces cut from what is said",
        "You take away spaces at the ends of a content. It is written as it is.",
        (WRITTEN, 'mark(message["role"]) + message["content"].strip() + END'),
    ),
    wrong(
        RENDER,
        "the answer not asked for",
        "ask makes no difference. With ask, <|assistant|> stands at the end of the text.",
        (ASKED, "return text"),
    ),
    wrong(
        RENDER,
        "an answer always asked for",
        "The text always ends with <|assistant|>, without ask, too.",
        (ASKED, 'return text + mark("assistant")'),
    ),
    wrong(
        RENDER,
        "the user asked instead of the assistant",
        "With ask, your text ends with the user's mark: the model would write a question. End it with <|assistant|>.",
        (ASKED, 'return text + mark("user") if ask else text'),
    ),
    wrong(
        RENDER,
        "the answer ended before it begins",
        "With ask, your text ends with <|assistant|><|end|>, an empty answer. The <|end|> is the model's to write.",
        (ASKED, 'return text + mark("assistant") + END if ask else text'),
    ),
    wrong(
        RENDER,
        "what the system says left out",
        "Messages of the system are missing in your text. All roles are written in the same way.",
        ("for message in messages", 'for message in messages if message["role"] != "system"'),
    ),
    wrong(
        ENCODE,
        "all tokens to be written by the model",
        "All tokens are True. The model writes the assistant's messages only.",
        (OWN, "answered += [True] * (1 + len(content))"),
    ),
    wrong(
        ENCODE,
        "the mark of an answer to be written, too",
        "The mark <|assistant|> is True in front of an answer. It is given to the model, which writes what comes after it.",
        (OWN, 'answered += [message["role"] == "assistant"] * (1 + len(content))'),
    ),
    wrong(
        ENCODE,
        "the end of an answer not to be written",
        "The <|end|> behind an answer is False, so the model never learns to stop. It is the last token that it writes itself.",
        (OWN, f"{OWN}\n        answered[-1] = False"),
    ),
    wrong(
        ENCODE,
        "the questions to be written instead of the answers",
        "The user's messages are True, and the assistant's are not.",
        (OWN, 'answered += [False, *[message["role"] == "user"] * len(content)]'),
    ),
    wrong(
        ENCODE,
        "all but the questions to be written",
        "What the system says is True as well. The model writes the assistant's messages only.",
        (OWN, 'answered += [False, *[message["role"] != "user"] * len(content)]'),
    ),
    wrong(
        ENCODE,
        "only the last answer to be written",
        "Only the last message can be True in your list. The model learns from all of the assistant's messages.",
        (OWN, 'answered += [False, *[message["role"] == "assistant" and message is messages[-1]] * len(content)]'),
    ),
    wrong(
        ENCODE,
        "the list of what is written moved by one",
        "Your second list is shifted by one place. It belongs to the tokens as they are; only a loss on next tokens shifts it.",
        (RESULT, "return tokens, [*answered[1:], False]"),
    ),
    wrong(
        ENCODE,
        "a value for each character instead of each token",
        "Your second list counts characters. A token can be several characters: count what encode returns.",
        (OWN, OWN.replace("len(content)", '(len(message["content"]) + 1)')),
    ),
    wrong(
        ENCODE,
        "marks that a person types",
        "Where a person types a mark, your tokens contain it, so one can speak for another role. Give encode the content alone, never the whole text.",
        (
            CONTENT,
            "[\n            token\n            for place, part in enumerate(message['content'].split(END))\n"
            "            for token in [*[numbers[END]] * (place > 0), *encode(part)]\n        ] + [numbers[END]]",
        ),
    ),
    wrong(
        ENCODE,
        "marks spelled as text",
        "You give the marks to encode, which spells them letter by letter. Each mark is one token: numbers[mark].",
        (TOKENS, 'tokens += [*encode(mark(message["role"])), *content]'),
        (
            OWN,
            'answered += [False] * len(encode(mark(message["role"])))\n        '
            'answered += [message["role"] == "assistant"] * (len(content) - 1 + len(encode(END)))',
        ),
        (CONTENT, '[*encode(message["content"]), *encode(END)]'),
        ('tokens.append(numbers[mark("assistant")])', 'tokens += encode(mark("assistant"))'),
        ("answered.append(False)", 'answered += [False] * len(encode(mark("assistant")))'),
    ),
    wrong(
        ENCODE,
        "no token at the end of a message",
        "The token of <|end|> is missing behind a message.",
        (CONTENT, 'list(encode(message["content"]))'),
    ),
    wrong(
        ENCODE,
        "the question for an answer not encoded",
        "ask makes no difference to your tokens. With ask, the token of <|assistant|> stands at the end, with False.",
        ("if ask:", "if False:"),
    ),
    wrong(
        ENCODE,
        "the mark that asks to be written by the model",
        "With ask, the mark <|assistant|> at the end is True. It is given to the model.",
        ("answered.append(False)", "answered.append(True)"),
    ),
    wrong(
        KEEP,
        "nothing left out",
        "You keep everything, however little room there is. Leave out the oldest turns until the rest fits.",
        (WHILE, "while False:"),
    ),
    wrong(
        KEEP,
        "what the system says is left out",
        "The system's message goes with the oldest turn. It stays, whatever is left out.",
        ('[message for message in messages[:1] if message["role"] == "system"]', "[]"),
    ),
    wrong(
        KEEP,
        "what the system says not counted",
        "You count the tokens without the system's message, so that all together do not fit. Count what you return.",
        ("count_tokens([*told, *rest])", "count_tokens(rest)"),
    ),
    wrong(
        KEEP,
        "what the system says not returned",
        "You count the system's message but do not return it.",
        ("return [*told, *rest]", "return rest"),
    ),
    wrong(
        KEEP,
        "messages left out one by one",
        "You leave out single messages, so that what is left can begin with an answer to nothing. Leave out whole turns.",
        (FOUND, "list(range(1, len(rest)))"),
    ),
    wrong(
        KEEP,
        "messages left out in pairs",
        "You leave out two messages at a time. A turn can be longer or shorter: it ends before the next message of the user.",
        (FOUND, "list(range(2, len(rest)))"),
    ),
    wrong(
        KEEP,
        "the newest turns left out",
        "You leave out the end of the conversation, with the message to answer. Leave out the beginning.",
        (CUT, "rest = rest[: following[-1]]"),
    ),
    wrong(
        KEEP,
        "a turn left out though it fits exactly",
        "A conversation with as many tokens as there is room fits. Leave out a turn only if it has more: > room.",
        ("> room", ">= room"),
    ),
    wrong(
        KEEP,
        "only one turn left out",
        "You leave out at most one turn. Go on until the rest fits.",
        (WHILE, "for _ in range(count_tokens([*told, *rest]) > room):"),
    ),
    wrong(
        KEEP,
        "all turns but the last left out",
        "If the conversation is too long you keep its last turn alone. Leave out one turn after the other, and stop when the rest fits.",
        (CUT, "rest = rest[following[-1] :]"),
    ),
    wrong(
        KEEP,
        "the last turn left out, too",
        "Where even the last turn does not fit, you leave it out as well: there would be nothing to answer. Keep it.",
        (NONE_LEFT, "if not following:\n            rest = []\n            break"),
    ),
]
