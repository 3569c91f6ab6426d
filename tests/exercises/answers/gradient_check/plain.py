def numerical_gradient(f, x, h):
    point = [float(number) for number in x]
    slopes = []
    for place, old in enumerate(point):
        point[place] = old + h
        above = f(point)
        point[place] = old - h
        below = f(point)
        point[place] = old
        slopes.append((above - below) / (2 * h))
    return slopes


def length(v):
    return sum(float(number) ** 2 for number in v) ** 0.5


def relative_difference(gradient, numerical):
    if length(gradient) == length(numerical) == 0:
        return 0
    return length([g - n for g, n in zip(gradient, numerical)]) / (length(gradient) + length(numerical))
