# Named: the logits divided by 0.5
import torch


def generate(model, new_chars, context, context_length, int_to_char):
    said = ""
    for _ in range(new_chars):
        logits = model(context[:, -context_length:])[:, -1] / 0.5
        token = torch.multinomial(logits.softmax(-1), 1)
        said += int_to_char[int(token)]
        context = torch.cat([context, token], 1)
    return said
