def one_hot(ids, vocab_size):
    return [[1 if i == word else 0 for i in range(vocab_size)] for word in ids]


def look_up(ids, table):
    rows = []
    for vector in one_hot(ids, len(table)):
        rows.append([sum(x * row[j] for x, row in zip(vector, table)) for j in range(len(table[0]))])
    return rows
