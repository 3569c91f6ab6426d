# Named: softmax over the positions
import torch
import torch.nn as nn
from torchtyping import TensorType

class Solution:
    def generate(self, model, new_chars, context, context_length, int_to_char):
        res = []
        for i in range(new_chars):
            if context.shape[1] > context_length:
                context = context[:, -context_length:]
            prediction = model(context)
            probabilities = nn.functional.softmax(prediction, dim=1)[:, -1, :]
            next_char = torch.multinomial(probabilities, 1)
            context = torch.cat((context, next_char), dim=-1)
            res.append(int_to_char[next_char.item()])
        return ''.join(res)
