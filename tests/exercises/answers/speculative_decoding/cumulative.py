import torch


def draw(shares):
    sums = torch.cumsum(shares.double(), 0)
    place = torch.searchsorted(sums, torch.rand((), dtype=torch.float64) * sums[-1], right=True)
    return int(place)


def rest(p, q):
    numbers = [max(0.0, a - b) for a, b in zip(p.tolist(), q.tolist())]
    total = sum(numbers)
    return torch.tensor([number / total for number in numbers]) if total else p


def check_guesses(guesses, p, q):
    result = []
    for target, draft, guess in zip(p, q, guesses):
        chance = min(1.0, float(target[guess]) / max(float(draft[guess]), 1e-30))
        if torch.rand(()).item() >= chance:
            return result + [draw(rest(target, draft))]
        result.append(guess)
    return result + [draw(p[len(guesses)])]
