# Named: NaN where p and q are equal
import torch

def rest(p, q):
    left = (p - q).clamp(min=0)
    return left / left.sum()


def check_guesses(guesses, p, q):
    out = []
    for i, x in enumerate(guesses):
        if torch.rand(()) >= p[i, x] / q[i, x]:
            return out + [torch.multinomial(rest(p[i], q[i]), 1).item()]
        out.append(x)
    return out + [torch.multinomial(p[-1], 1).item()]
