def rms_norm(x, gamma, eps):
    total = 0.0
    for v in x:
        total += v * v
    scale = (total / len(x) + eps) ** -0.5
    return [v * scale * g for v, g in zip(x, gamma)]
