def get_dataset(positive, negative):
    rows = [sentence.split() for sentence in positive + negative]
    words = sorted({word for row in rows for word in row})
    width = max(map(len, rows))
    return [[words.index(word) + 1 for word in row] + [0] * (width - len(row)) for row in rows]
