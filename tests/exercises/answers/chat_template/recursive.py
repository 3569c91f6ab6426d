def render(messages, ask=False):
    if not messages:
        return "<|assistant|>" * ask
    first, *rest = messages
    return f"<|{first['role']}|>{first['content']}<|end|>" + render(rest, ask)


def encode_chat(messages, encode, numbers, ask=False):
    if not messages:
        return ([numbers["<|assistant|>"]], [False]) if ask else ([], [])
    first, *rest = messages
    content = list(encode(first["content"])) + [numbers["<|end|>"]]
    tokens, answered = encode_chat(rest, encode, numbers, ask)
    own = first["role"] == "assistant"
    return [numbers[f"<|{first['role']}|>"]] + content + tokens, [False] + [own for _ in content] + answered


def keep_last_turns(messages, count_tokens, room):
    if count_tokens(messages) <= room:
        return list(messages)
    head = list(messages[:1]) if messages[0]["role"] == "system" else []
    rest = messages[len(head):]
    for place in range(1, len(rest)):
        if rest[place]["role"] == "user":
            return keep_last_turns(head + rest[place:], count_tokens, room)
    return head + list(rest)
