class Solution:
    def render(self, messages, ask=False):
        text = ""
        for message in messages:
            text = text + "<|{role}|>{content}<|end|>".format(**message)
        if ask:
            text = text + "<|assistant|>"
        return text

    def encode_chat(self, messages, encode, numbers, ask=False):
        tokens = []
        answered = []
        for message in messages:
            tokens.append(numbers["<|" + message["role"] + "|>"])
            answered.append(False)
            for token in encode(message["content"]):
                tokens.append(token)
                answered.append(message["role"] == "assistant")
            tokens.append(numbers["<|end|>"])
            answered.append(message["role"] == "assistant")
        if ask:
            tokens.append(numbers["<|assistant|>"])
            answered.append(False)
        return tokens, answered

    def keep_last_turns(self, messages, count_tokens, room):
        system, turns = [], []
        for place, message in enumerate(messages):
            if place == 0 and message["role"] == "system":
                system.append(message)
            elif message["role"] == "user" or not turns:
                turns.append([message])
            else:
                turns[-1].append(message)
        while len(turns) > 1 and count_tokens(system + sum(turns, [])) > room:
            turns.pop(0)
        return system + sum(turns, [])
