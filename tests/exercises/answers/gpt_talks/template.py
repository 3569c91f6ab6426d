import torch
import torch.nn as nn
from torchtyping import TensorType


class Solution:
    def generate(self, model, new_chars: int, context: TensorType[int], context_length: int, int_to_char: dict) -> str:
        generator = torch.manual_seed(0)
        start = generator.get_state()
        text = ""
        for _ in range(new_chars):
            logits = model(context[:, -context_length:])
            shares = nn.functional.softmax(logits[:, -1, :], dim=-1)
            drawn = torch.multinomial(shares, 1, generator=generator)
            generator.set_state(start)
            context = torch.cat((context, drawn), dim=-1)
            text += int_to_char[drawn.item()]
        return text
