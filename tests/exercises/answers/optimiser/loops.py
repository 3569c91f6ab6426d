def sgd_step(weights, gradient, learning_rate):
    return [w - learning_rate * g for w, g in zip(weights, gradient)]


def adam_step(weights, gradient, m, v, step, learning_rate):
    new_weights, new_m, new_v = [], [], []
    for w, g, a, b in zip(weights, gradient, m, v):
        a, b = 0.9 * a + (1 - 0.9) * g, 0.999 * b + (1 - 0.999) * g * g
        first, second = a / (1 - 0.9**step), b / (1 - 0.999**step)
        new_weights.append(w - learning_rate * first / (second**0.5 + 1e-8))
        new_m.append(a)
        new_v.append(b)
    return new_weights, new_m, new_v
