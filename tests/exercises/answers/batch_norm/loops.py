def batch_norm(x, gamma, beta, running_mean, running_var, momentum, eps, training):
    n, d = x.shape
    out = [[0.0] * d for _ in range(n)]
    new_mean, new_var = list(running_mean), list(running_var)
    for j in range(d):
        if training:
            mean = sum(x[i][j] for i in range(n)) / n
            var = sum((x[i][j] - mean) ** 2 for i in range(n)) / n
            new_mean[j] += momentum * (mean - new_mean[j])
            new_var[j] += momentum * (var - new_var[j])
        else:
            mean, var = new_mean[j], new_var[j]
        for i in range(n):
            out[i][j] = gamma[j] * (x[i][j] - mean) / (var + eps) ** 0.5 + beta[j]
    return out, new_mean, new_var
