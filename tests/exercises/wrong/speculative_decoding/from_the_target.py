# Named: a rejected guess replaced from p
import torch


def rest(p, q):
    more = torch.relu(p - q)
    return more / more.sum() if more.sum() > 0 else p


def check_guesses(guesses, p, q):
    for i, x in enumerate(guesses):
        if torch.rand(()) >= p[i, x] / q[i, x]:
            return guesses[:i] + [torch.multinomial(p[i], 1).item()]
    return guesses + [torch.multinomial(p[-1], 1).item()]
