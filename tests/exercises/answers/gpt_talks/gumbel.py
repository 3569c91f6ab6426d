import torch


@torch.inference_mode()
def generate(model, new_chars, context, context_length, int_to_char):
    """Write into a long enough row; the largest of logits and Gumbel noise is a draw from their softmax."""
    start = context.size(1)
    row = torch.cat([context, context.new_zeros(1, new_chars)], 1)
    for end in range(start, start + new_chars):
        logits = model.eval()(row[:, max(end - context_length, 0) : end])[0, -1]
        noise = -torch.log(-torch.log(torch.rand(logits.shape).clamp(1e-9, 1 - 1e-7)))
        row[0, end] = (logits + noise).argmax()
    return "".join(map(int_to_char.get, row[0, start:].tolist()))
