def clip_gradients(gradients, max_norm):
    total = 0.0
    for gradient in gradients:
        for number in gradient.flatten().tolist():
            total += number**2
    norm = total**0.5
    if norm <= max_norm:
        return gradients, norm
    return [gradient * (max_norm / norm) for gradient in gradients], norm
