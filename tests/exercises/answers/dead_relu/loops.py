def detect_dead_neurons(model, x):
    layers = list(model)
    rows = x.tolist()
    fractions = []
    for linear in layers[:-1:2]:
        weight, bias = linear.weight.tolist(), linear.bias.tolist()
        rows = [
            [max(0.0, sum(w * v for w, v in zip(weights, row)) + b) for weights, b in zip(weight, bias)] for row in rows
        ]
        dead = 0
        for node in range(len(bias)):
            if all(abs(row[node]) < 1e-6 for row in rows):
                dead += 1
        fractions.append(dead / len(bias))
    return fractions


def suggest_fix(fractions):
    before = -1.0
    growing = len(fractions) > 0
    for fraction in fractions:
        if fraction > 0.5:
            return "use_leaky_relu"
        growing = growing and fraction > before
        before = fraction
    if fractions and fractions[0] > 0.3:
        return "reinitialize"
    if growing and fractions[-1] > 0.1:
        return "reduce_learning_rate"
    return "healthy"
