def fit(X, y, epochs, lr):
    n, d = len(X), len(X[0])
    w, b = [0.0] * d, 0.0
    for _ in range(epochs):
        errors = [float(y[i]) - b - sum(w[j] * float(X[i][j]) for j in range(d)) for i in range(n)]
        w = [w[j] + 2 * lr / n * sum(errors[i] * float(X[i][j]) for i in range(n)) for j in range(d)]
        b += 2 * lr / n * sum(errors)
    return w, b
