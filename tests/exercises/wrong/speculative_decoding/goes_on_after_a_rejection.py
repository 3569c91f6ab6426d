# Named: the guesses after a rejected one kept, and no token more
import torch
def rest(p, q):
    d = torch.clamp(p - q, min=0)
    return d / d.sum() if d.sum() > 0 else p
def check_guesses(guesses, p, q):
    out = []
    rejected = False
    for i, g in enumerate(guesses):
        if torch.rand(1).item() < min(1.0, (p[i, g] / q[i, g]).item()):
            out.append(g)
        else:
            out.append(int(torch.multinomial(rest(p[i], q[i]), 1)))
            rejected = True
    if not rejected:
        out.append(int(torch.multinomial(p[len(guesses)], 1)))
    return out
