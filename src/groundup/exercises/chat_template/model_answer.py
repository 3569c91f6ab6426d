class Solution:
    def render(self, messages, ask=False):
        text = ""
        for message in messages:
            text += f"<|{message['role']}|>{message['content']}<|end|>"
        return text + "<|assistant|>" if ask else text

    def encode_chat(self, messages, encode, numbers, ask=False):
        tokens, answered = [], []
        for message in messages:
            content = [*encode(message["content"]), numbers["<|end|>"]]
            own = message["role"] == "assistant"
            tokens += [numbers[f"<|{message['role']}|>"], *content]
            answered += [False, *[own] * len(content)]
        if ask:
            tokens.append(numbers["<|assistant|>"])
            answered.append(False)
        return tokens, answered

    def keep_last_turns(self, messages, count_tokens, room):
        system = [message for message in messages[:1] if message["role"] == "system"]
        rest = messages[len(system) :]
        while count_tokens(system + rest) > room:
            users = [place for place, message in enumerate(rest) if message["role"] == "user"]
            later = [place for place in users if place > 0]
            if not later:
                break
            rest = rest[later[0] :]
        return system + rest
