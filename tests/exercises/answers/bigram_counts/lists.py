def count_pairs(tokens, vocab_size):
    counts = [[0] * vocab_size for _ in range(vocab_size)]
    for t in range(len(tokens) - 1):
        counts[tokens[t]][tokens[t + 1]] += 1
    return counts


def probabilities(counts, smoothing):
    rows = []
    for row in counts:
        total = sum(row) + smoothing * len(row)
        rows.append([(n + smoothing) / total if total else 1 / len(row) for n in row])
    return rows
