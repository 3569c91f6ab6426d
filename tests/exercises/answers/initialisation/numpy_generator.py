import numpy as np

generator = np.random.default_rng()


def xavier_init(fan_in, fan_out):
    return generator.normal(0.0, (2 / (fan_in + fan_out)) ** 0.5, size=(fan_out, fan_in))


def kaiming_init(fan_in, fan_out):
    return generator.normal(0.0, (2 / fan_in) ** 0.5, size=(fan_out, fan_in))


def check_activations(num_layers, input_dim, hidden_dim, init_type):
    signal = generator.standard_normal(input_dim)
    spreads = []
    for _ in range(num_layers):
        shape = len(signal), hidden_dim
        if init_type == "xavier":
            weights = xavier_init(*shape)
        elif init_type == "kaiming":
            weights = kaiming_init(*shape)
        else:
            weights = generator.standard_normal((hidden_dim, len(signal)))
        signal = np.maximum(weights @ signal, 0)
        spreads.append(signal.std())
    return np.array(spreads)
