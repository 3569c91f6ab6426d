import torch
import torch.nn as nn


class Solution:
    def generate(
        self, model: nn.Module, new_chars: int, context: torch.Tensor, context_length: int, int_to_char: dict
    ) -> str:
        generator = torch.manual_seed(0)
        res = []
        for _ in range(new_chars):
            if len(context.T) > context_length:
                context = context[:, -context_length:]
            prediction = model(context)
            probabilities = nn.functional.softmax(prediction[:, -1, :], dim=-1)
            next_char = torch.multinomial(probabilities, 1, generator=generator)
            context = torch.cat((context, next_char), dim=-1)
            res.append(int_to_char[next_char.item()])
        return "".join(res)
