def merge(symbols, a, b):
    out, rest = [], iter(range(len(symbols)))
    for i in rest:
        if symbols[i : i + 2] == [a, b]:
            out.append(a + b)
            next(rest)
        else:
            out.append(symbols[i])
    return out


def get_merges(corpus, num_merges):
    def go(symbols, left):
        pairs = list(zip(symbols[:-1], symbols[1:]))
        if left == 0 or not pairs:
            return []
        a, b = max(sorted(set(pairs)), key=pairs.count)
        return [[a, b]] + go(merge(symbols, a, b), left - 1)

    return go(list(corpus), num_merges)
