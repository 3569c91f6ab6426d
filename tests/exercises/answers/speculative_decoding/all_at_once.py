import torch


def rest(p, q):
    more = torch.maximum(p - q, torch.zeros_like(p))
    return p.clone() if not more.any() else more / more.sum()


def check_guesses(guesses, p, q):
    k = len(guesses)
    rows, columns = torch.arange(k), torch.tensor(guesses, dtype=torch.long)
    kept = torch.rand(k) * q[rows, columns] < p[rows, columns]
    count = int(kept.long().cumprod(0).sum())
    shares = p[k] if count == k else rest(p[count], q[count])
    return list(guesses[:count]) + [int(torch.multinomial(shares, 1))]
