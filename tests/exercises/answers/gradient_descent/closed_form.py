def get_minimizer(iterations, learning_rate, init):
    return init * (1 - 2 * learning_rate) ** iterations
