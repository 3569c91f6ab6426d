def get_model_prediction(X, weights):
    return [sum(float(x) * float(w) for x, w in zip(row, weights)) for row in X]


def get_error(model_prediction, ground_truth):
    total = 0
    for p, t in zip(model_prediction, ground_truth):
        total += (p - t) * (p - t)
    return total / len(ground_truth)
