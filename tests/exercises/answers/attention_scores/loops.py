import math


def attention_weights(queries, keys):
    rows = []
    for query in queries:
        scores = [sum(q * k for q, k in zip(query, key)) / math.sqrt(len(query)) for key in keys]
        powers = [math.exp(score - max(scores)) for score in scores]
        rows.append([power / sum(powers) for power in powers])
    return rows


def attend(queries, keys, values):
    results = []
    for row in attention_weights(queries, keys):
        results.append([sum(w * value[j] for w, value in zip(row, values)) for j in range(len(values[0]))])
    return results
