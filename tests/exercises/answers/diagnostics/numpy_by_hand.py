import numpy as np


def layers_of(model):
    state = {name: value.detach().numpy().astype(float) for name, value in model.named_parameters()}
    prefixes = list(dict.fromkeys(name.rsplit(".", 1)[0] for name in state))
    return [(state[prefix + ".weight"], state[prefix + ".bias"]) for prefix in prefixes]


def run(model, x):
    signal, inputs, outputs = np.array(x, dtype=float), [], []
    for W, b in layers_of(model):
        inputs.append(signal)
        outputs.append(signal @ W.T + b)
        signal = np.maximum(outputs[-1], 0)
    return inputs, outputs


def compute_activation_stats(model, x):
    _, outputs = run(model, x)
    stats = []
    for out in outputs:
        dead = 0
        for node in range(out.shape[1]):
            dead += all(value <= 0 for value in out[:, node])
        stats.append({"mean": out.mean(), "std": out.std(ddof=1), "dead_fraction": dead / out.shape[1]})
    return stats


def compute_gradient_stats(model, x, y):
    inputs, outputs = run(model, x)
    delta = 2 * (outputs[-1] - np.array(y, dtype=float)) / y.numel()
    stats = []
    for number in reversed(range(len(inputs))):
        gradient = delta.T @ inputs[number]
        stats.insert(0, {"mean": gradient.mean(), "std": gradient.std(ddof=1), "norm": (gradient**2).sum() ** 0.5})
        if number:
            delta = (delta @ layers_of(model)[number][0]) * (outputs[number - 1] > 0)
    return stats


def diagnose(activation_stats, gradient_stats):
    answer = "healthy"
    for layer in reversed(activation_stats):
        answer = "vanishing_gradients" if layer["std"] < 0.1 else answer
        answer = "exploding_gradients" if layer["std"] > 10 else answer
    if gradient_stats[-1]["norm"] < 1e-5:
        answer = "vanishing_gradients"
    if any(layer["norm"] > 1000 for layer in gradient_stats):
        answer = "exploding_gradients"
    if any(layer["dead_fraction"] > 0.5 for layer in activation_stats):
        answer = "dead_neurons"
    return answer
