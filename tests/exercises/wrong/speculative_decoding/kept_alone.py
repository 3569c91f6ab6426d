# Named: no token after the kept guesses, but where there are none
import torch

def rest(p, q):
    d = torch.maximum(p - q, torch.zeros_like(p))
    if d.sum() <= 0:
        return p.clone()
    return d / d.sum()

def check_guesses(guesses, p, q):
    result = []
    if not guesses:
        return [int(torch.multinomial(p[0], 1))]
    for i, token in enumerate(guesses):
        accept = min(1.0, (p[i][token] / q[i][token]).item())
        if torch.rand(1).item() < accept:
            result.append(token)
            continue
        result.append(int(torch.multinomial(rest(p[i], q[i]), 1)))
        break
    return result
