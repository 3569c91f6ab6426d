def forward(x, weights, biases):
    for number, (W, b) in enumerate(zip(weights, biases)):
        x = [sum(x[i] * W[i][j] for i in range(len(x))) + b[j] for j in range(len(b))]
        if number + 1 < len(weights):
            x = [value if value > 0 else 0.0 for value in x]
    return x
