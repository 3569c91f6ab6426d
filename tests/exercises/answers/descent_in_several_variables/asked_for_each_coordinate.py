def minimize(gradient, start, learning_rate, iterations):
    point = tuple(start)
    walk = [point]
    for _ in range(iterations):
        point = tuple(x - learning_rate * gradient(point)[j] for j, x in enumerate(point))
        walk.append(point)
    return walk
