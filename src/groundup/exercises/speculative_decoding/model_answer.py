import torch


def rest(p, q):
    missing = (p - q).clamp(min=0)
    total = missing.sum()
    return missing / total if total > 0 else p


def check_guesses(guesses, p, q):
    for place, guess in enumerate(guesses):
        if torch.rand(()) * q[place, guess] >= p[place, guess]:
            return [*guesses[:place], int(torch.multinomial(rest(p[place], q[place]), 1))]
    return [*guesses, int(torch.multinomial(p[len(guesses)], 1))]
