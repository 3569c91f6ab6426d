def mark(role):
    return "<|" + role + "|>"


def render(messages, ask=False):
    parts = [mark(m["role"]) + m["content"] + "<|end|>" for m in messages]
    if ask:
        parts.append(mark("assistant"))
    return "".join(parts)


def encode_chat(messages, encode, numbers, ask=False):
    pieces = []
    for m in messages:
        own = m["role"] == "assistant"
        pieces.append((numbers[mark(m["role"])], False))
        pieces.extend((token, own) for token in encode(m["content"]))
        pieces.append((numbers["<|end|>"], own))
    if ask:
        pieces.append((numbers[mark("assistant")], False))
    return [token for token, _ in pieces], [own for _, own in pieces]


def keep_last_turns(messages, count_tokens, room):
    start = 1 if messages and messages[0]["role"] == "system" else 0
    begins = [i for i in range(start, len(messages)) if messages[i]["role"] == "user"]
    for begin in [start] + [i for i in begins if i > start]:
        kept = messages[:start] + messages[begin:]
        if count_tokens(kept) <= room:
            return kept
    return kept
