import math


def keep_top_p(logits, p):
    numbers = logits.tolist()
    largest = max(numbers)
    powers = [math.exp(z - largest) for z in numbers]
    total = sum(powers)
    kept, reached = set(), 0.0
    for token in sorted(range(len(numbers)), key=lambda token: -powers[token]):
        if reached >= p - 1e-9:
            break
        kept.add(token)
        reached += powers[token] / total
    return [z if token in kept else -math.inf for token, z in enumerate(numbers)]
