import math


def cosine(a, b):
    lengths = math.sqrt(sum(x * x for x in a)) * math.sqrt(sum(x * x for x in b))
    return sum(x * y for x, y in zip(a, b)) / lengths if lengths else 0.0


def cosines(table, vector):
    return [cosine(row, vector) for row in table]


def nearest(table, row, count):
    found = cosines(table, table[row])
    others = [number for number in range(len(table)) if number != row]
    return sorted(others, key=lambda number: -found[number])[:count]
