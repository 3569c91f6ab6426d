import torch


def pack_examples(lengths, room):
    rows = []
    for length, place in sorted(((length, place) for place, length in enumerate(lengths)), reverse=True):
        if length > room:
            raise ValueError("too long")
        best = None
        for row in rows:
            left = room - sum(lengths[one] for one in row)
            if left >= length and (best is None or left < room - sum(lengths[one] for one in best)):
                best = row
        if best is None:
            best = []
            rows.append(best)
        best.append(place)
    return rows


def fill_row(examples, room):
    tokens, numbers, targets = [], [], []
    number = 0
    for example in examples:
        number += 1
        for here, following in zip(example[:-1], example[1:]):
            tokens.append(int(here))
            numbers.append(number)
            targets.append(int(following))
    rest = room - len(tokens)
    return (
        torch.tensor(tokens + [0] * rest, dtype=torch.long),
        torch.tensor(numbers + [0] * rest, dtype=torch.long),
        torch.tensor(targets + [-100] * rest, dtype=torch.long),
    )


def separate_examples(numbers):
    if numbers.dim() > 1:
        return torch.stack([separate_examples(row) for row in numbers])
    row = numbers.tolist()
    return torch.tensor([[key <= query and row[key] == row[query] for key in range(len(row))] for query in range(len(row))])


def count_positions(numbers):
    result = torch.zeros_like(numbers)
    for time in range(1, numbers.shape[-1]):
        goes_on = numbers[..., time] == numbers[..., time - 1]
        result[..., time] = (result[..., time - 1] + 1) * goes_on
    return result
