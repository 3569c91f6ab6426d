import torch


class Solution:
    def generate(self, model, new_chars, context, context_length, int_to_char):
        was_training = model.training
        model.eval()
        chars = []
        with torch.inference_mode():
            for _ in range(new_chars):
                logits = model(context[:, -context_length:])[:, -1]
                token = torch.multinomial(torch.softmax(logits, dim=-1), num_samples=1)
                context = torch.cat([context, token], dim=1)
                chars.append(int_to_char[token.item()])
        model.train(was_training)
        return "".join(chars)
