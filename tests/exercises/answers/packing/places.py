from bisect import insort

import torch


def pack_examples(lengths, room):
    open_rows, rows = [], []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
        need = lengths[place]
        if need > room:
            raise ValueError(f"example {place} is longer than a row")
        for at, (left, row) in enumerate(open_rows):
            if left >= need:
                del open_rows[at]
                break
        else:
            left, row = room, len(rows)
            rows.append([])
        rows[row].append(place)
        insort(open_rows, (left - need, row))
    return rows


def fill_row(examples, room):
    row = torch.tensor([[0], [0], [-100]]).repeat(1, room)
    at = 0
    for number, example in enumerate(examples):
        for here in range(len(example) - 1):
            row[:, at] = torch.stack([example[here], torch.tensor(number + 1), example[here + 1]])
            at += 1
    return row[0], row[1], row[2]


def separate_examples(numbers):
    time = torch.arange(numbers.shape[-1])
    return torch.logical_and(numbers[..., None] == numbers[..., None, :], time[:, None] >= time)


def count_positions(numbers):
    places = torch.arange(numbers.shape[-1]).expand_as(numbers)
    first = separate_examples(numbers).int().argmax(dim=-1)
    return places - first
