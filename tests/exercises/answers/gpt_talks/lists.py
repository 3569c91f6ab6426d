import random

import torch


def generate(model, new_chars, context, context_length, int_to_char):
    model.eval()
    tokens = context[0].tolist()
    before = len(tokens)
    for _ in range(new_chars):
        with torch.no_grad():
            logits = model(torch.tensor([tokens[-context_length:]]))[0, -1]
        tokens += random.choices(range(len(logits)), weights=torch.softmax(logits, 0).tolist())
    return "".join(int_to_char[token] for token in tokens[before:])
