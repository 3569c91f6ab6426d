import torch


def rest(p, q):
    missing = torch.relu(p - q)
    if missing.sum() == 0:
        return p
    return missing / missing.sum()


def check_guesses(guesses, p, q):
    kept = []
    for i, x in enumerate(guesses):
        u = torch.rand(1).item()
        if q[i, x] > 0 and u < (p[i, x] / q[i, x]).item():
            kept.append(x)
        else:
            kept.append(torch.multinomial(rest(p[i], q[i]), 1).item())
            return kept
    kept.append(torch.multinomial(p[-1], 1).item())
    return kept
