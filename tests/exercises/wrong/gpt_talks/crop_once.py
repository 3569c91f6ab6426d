# Named: cropped once, before the loop
import torch


class Solution:
    def generate(self, model, new_chars, context, context_length, int_to_char):
        model.eval()
        context = context[:, -context_length:]
        said = []
        with torch.no_grad():
            for _ in range(new_chars):
                chances = model(context)[0, -1].softmax(0)
                token = torch.multinomial(chances, 1)
                said.append(int_to_char[token.item()])
                context = torch.cat((context, token[None]), 1)
        return "".join(said)
