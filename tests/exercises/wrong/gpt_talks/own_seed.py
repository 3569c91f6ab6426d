# Named: seeded before every draw
import torch


def generate(model, new_chars, context, context_length, int_to_char):
    said = ""
    for _ in range(new_chars):
        chances = torch.softmax(model(context[:, -context_length:])[:, -1], -1)
        torch.manual_seed(1337)
        token = torch.multinomial(chances, 1)
        said += int_to_char[int(token)]
        context = torch.cat([context, token], 1)
    return said
