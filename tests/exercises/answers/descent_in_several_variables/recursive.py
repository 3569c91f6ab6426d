def minimize(gradient, start, learning_rate, iterations):
    if iterations == 0:
        return [[round(c, 5) for c in start]]
    moved = [c - learning_rate * s for c, s in zip(start, gradient(start))]
    return [[round(c, 5) for c in start]] + minimize(gradient, moved, learning_rate, iterations - 1)
