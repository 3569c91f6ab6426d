# Named: no token after the kept guesses
import torch


def rest(p, q):
    more = torch.relu(p - q)
    return more / more.sum() if more.sum() > 0 else p


def check_guesses(guesses, p, q):
    for i, x in enumerate(guesses):
        if torch.rand(()) * q[i, x] >= p[i, x]:
            return guesses[:i] + [torch.multinomial(rest(p[i], q[i]), 1).item()]
    return list(guesses)
