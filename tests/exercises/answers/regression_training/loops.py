def get_derivative(model_prediction, ground_truth, N, X, desired_weight):
    total = 0.0
    for i in range(N):
        total += (float(model_prediction[i]) - float(ground_truth[i])) * float(X[i][desired_weight])
    return 2 * total / N


def train_model(X, Y, num_iterations, initial_weights):
    weights = [float(w) for w in initial_weights]
    for _ in range(num_iterations):
        prediction = [sum(float(x) * w for x, w in zip(row, weights)) for row in X]
        slopes = [get_derivative(prediction, Y, len(X), X, j) for j in range(len(weights))]
        weights = [w - 0.01 * slope for w, slope in zip(weights, slopes)]
    return weights
