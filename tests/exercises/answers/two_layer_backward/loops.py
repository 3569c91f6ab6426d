def forward_and_backward(x, W1, b1, W2, b2, y_true):
    H, K, d = len(b1), len(b2), len(x)
    z = [sum(W1[i][j] * x[j] for j in range(d)) + b1[i] for i in range(H)]
    h = [max(0.0, v) for v in z]
    out = [sum(W2[k][i] * h[i] for i in range(H)) + b2[k] for k in range(K)]
    slope = [2 * (out[k] - y_true[k]) / K for k in range(K)]
    back = [sum(slope[k] * W2[k][i] for k in range(K)) if z[i] > 0 else 0.0 for i in range(H)]
    return {
        "loss": sum((out[k] - y_true[k]) ** 2 for k in range(K)) / K,
        "dW1": [[back[i] * x[j] for j in range(d)] for i in range(H)],
        "db1": back,
        "dW2": [[slope[k] * h[i] for i in range(H)] for k in range(K)],
        "db2": slope,
    }
