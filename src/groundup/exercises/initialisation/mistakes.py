"""What goes wrong in drawing weights, and in following a signal through them."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

XAVIER, KAIMING, SPREAD, CHECK = "xavier_deviation", "kaiming_deviation", "measure_spread", "check_activations"
DEVIATIONS = {"xavier_init": "xavier_deviation(fan_in, fan_out)", "kaiming_init": "kaiming_deviation(fan_in)"}
PASS = "x = torch.relu(x @ W.T)\n        spreads.append(x.std().item())"
FRESH = "weights = [inits[init_type](widths[layer], widths[layer + 1]) for layer in range(num_layers)]"
MEASURED = "return measure_spread(torch.randn(input_dim), weights)"
KINDS = '{"xavier": xavier_init, "kaiming": kaiming_init, "random": random_init}'


def both(old: str, new: str) -> list[Edit]:
    """Make one change in both functions that draw, with DEVIATION for what they multiply by."""
    return [Edit(old.replace("DEVIATION", d), new.replace("DEVIATION", d), name) for name, d in DEVIATIONS.items()]


def drawn(name: str, says: str, old: str, new: str) -> list[Mistake]:
    """Return one mistake made in both functions that draw, then in each by itself."""
    edits = both(old, new)
    return [
        Mistake(name, says, edits),
        Mistake(f"{name} (Xavier)", says, edits[:1]),
        Mistake(f"{name} (Kaiming)", says, edits[1:]),
    ]


def checked(name: str, says: str, *pairs: tuple[str, str]) -> Mistake:
    """Return a mistake in `check_activations`."""
    return Mistake(name, says, [Edit(old, new, CHECK) for old, new in pairs])


def measured(name: str, says: str, new: str) -> Mistake:
    """Return a mistake in what is done to the signal at each layer."""
    return Mistake(name, says, [Edit(PASS, new, SPREAD)])


def followed(name: str, says: str, new: str) -> Mistake:
    """Return the mistake of another figure than the standard deviation."""
    return Mistake(name, says, [Edit("x.std()", new, SPREAD)])


DRAWING = [
    Mistake(
        "Xavier's variance taken for the standard deviation",
        "You multiply Xavier's normal numbers by 2 / (fan_in + fan_out). That is the variance they should have; "
        "multiplying by a number changes the variance by its square, so multiply by the root.",
        [Edit("math.sqrt(2 / (fan_in + fan_out))", "(2 / (fan_in + fan_out))", XAVIER)],
    ),
    Mistake(
        "Xavier without the 2",
        "Xavier's weights are √2 too small. The variance is one divided by the mean of fan_in and fan_out, and that mean is "
        "half their sum: the half comes out as a 2 on top.",
        [Edit("sqrt(2 /", "sqrt(1 /", XAVIER)],
    ),
    Mistake(
        "Xavier with the product",
        "You divide by fan_in * fan_out, all weights there are. A node adds up fan_in = {fan_in} products in the "
        "forward pass, and its input gathers fan_out = {fan_out} gradients in the backward pass: Xavier takes "
        "the mean of the two, (fan_in + fan_out) / 2.",
        [Edit("fan_in + fan_out", "fan_in * fan_out", XAVIER)],
    ),
    Mistake(
        "Xavier with one fan only",
        "Your Xavier looks at fan_in alone, √(2 / fan_in). It is the middle between keeping the signal's size in "
        "the forward pass (fan_in) and the gradient's in the backward pass (fan_out): both belong in the "
        "denominator.",
        [Edit("(fan_in + fan_out)", "fan_in", XAVIER)],
    ),
    Mistake(
        "Xavier as 1 / √fan_in",
        "Your Xavier is √(1 / fan_in), which keeps the signal's size in the forward pass alone. Both fans belong "
        "in the denominator: √(2 / (fan_in + fan_out)).",
        [Edit("2 / (fan_in + fan_out)", "1 / fan_in", XAVIER)],
    ),
    Mistake(
        "Xavier with fan_out only",
        "Your Xavier looks at fan_out alone. Both fans belong in the denominator: √(2 / (fan_in + fan_out)).",
        [Edit("(fan_in + fan_out)", "fan_out", XAVIER)],
    ),
    Mistake(
        "Xavier's border taken for the standard deviation",
        "You multiply normal numbers by √(6 / (fan_in + fan_out)). That is the bound of Xavier's uniform form; "
        "the standard deviation of normal numbers is √(2 / (fan_in + fan_out)).",
        [Edit("sqrt(2 /", "sqrt(6 /", XAVIER)],
    ),
    Mistake(
        "Xavier's root over the sum only",
        "You divide 2 by √(fan_in + fan_out). The root is over all of it: √(2 / (fan_in + fan_out)).",
        [Edit("math.sqrt(2 / (fan_in + fan_out))", "2 / math.sqrt(fan_in + fan_out)", XAVIER)],
    ),
    Mistake(
        "Xavier's root over the 2 only",
        "You divide √2 by fan_in + fan_out. The root is over all of it: √(2 / (fan_in + fan_out)).",
        [Edit("math.sqrt(2 / (fan_in + fan_out))", "math.sqrt(2) / (fan_in + fan_out)", XAVIER)],
    ),
    Mistake(
        "Kaiming's variance taken for the standard deviation",
        "You multiply Kaiming's normal numbers by 2 / fan_in. That is the variance; multiply by its root.",
        [Edit("math.sqrt(2 / fan_in)", "(2 / fan_in)", KAIMING)],
    ),
    Mistake(
        "Kaiming without the 2",
        "Kaiming's weights are √2 too small. ReLU sets half of the numbers to 0 and so halves the signal's "
        "power: the 2 in the numerator compensates for that.",
        [Edit("sqrt(2 /", "sqrt(1 /", KAIMING)],
    ),
    Mistake(
        "Kaiming's border taken for the standard deviation",
        "You multiply normal numbers by √(6 / fan_in). That is the bound of Kaiming's uniform form; the standard "
        "deviation of normal numbers is √(2 / fan_in).",
        [Edit("sqrt(2 /", "sqrt(6 /", KAIMING)],
    ),
    Mistake(
        "Kaiming's root over the fan only",
        "You divide 2 by √fan_in. The root is over all of it: √(2 / fan_in).",
        [Edit("math.sqrt(2 / fan_in)", "2 / math.sqrt(fan_in)", KAIMING)],
    ),
    Mistake(
        "Kaiming's root over the 2 only",
        "You divide √2 by fan_in. The root is over all of it: √(2 / fan_in).",
        [Edit("math.sqrt(2 / fan_in)", "math.sqrt(2) / fan_in", KAIMING)],
    ),
    Mistake(
        "Kaiming with fan_out",
        "You divide Kaiming's 2 by fan_out = {fan_out}, the nodes. A node adds up fan_in = {fan_in} products, and its size "
        "depends on that number.",
        [Edit("kaiming_deviation(fan_in)", "kaiming_deviation(fan_out)", "kaiming_init")],
    ),
    Mistake(
        "Kaiming with both fans",
        "Your Kaiming divides by fan_in + fan_out, which is Xavier's. Kaiming keeps the size of the signal in "
        "the forward pass: fan_in alone is in the denominator.",
        [Edit("kaiming_deviation(fan_in)", "math.sqrt(2 / (fan_in + fan_out))", "kaiming_init")],
    ),
    Mistake(
        "both weights transposed",
        "You draw a row for each input. Here weights have a row for each node, as PyTorch keeps them: shape (fan_out, fan_in).",
        both("randn(fan_out, fan_in)", "randn(fan_in, fan_out)"),
    ),
    Mistake(
        "Xavier's weights transposed",
        "Your Xavier draws a row for each input. Here weights have a row for each node, as PyTorch keeps them: shape (fan_out, fan_in).",
        [Edit("randn(fan_out, fan_in)", "randn(fan_in, fan_out)", "xavier_init")],
    ),
    Mistake(
        "Kaiming's weights transposed",
        "Your Kaiming draws a row for each input. Here weights have a row for each node, as PyTorch keeps them: shape (fan_out, fan_in).",
        [Edit("randn(fan_out, fan_in)", "randn(fan_in, fan_out)", "kaiming_init")],
    ),
    *drawn(
        "uniform numbers instead of normal ones",
        "You draw uniformly between −1 and 1, times the standard deviation. Numbers drawn so have the standard "
        "deviation 1/√3, so the weights come out too small; draw from the normal distribution.",
        "torch.randn(fan_out, fan_in)",
        "(2 * torch.rand(fan_out, fan_in) - 1)",
    ),
    *drawn(
        "uniform numbers of the right standard deviation",
        "You draw uniformly between two bounds. The standard deviation is right, but normal numbers are asked "
        "for: torch.randn, times the standard deviation.",
        "torch.randn(fan_out, fan_in)",
        "math.sqrt(3) * (2 * torch.rand(fan_out, fan_in) - 1)",
    ),
    *drawn(
        "positive weights only",
        "All your weights are above 0: rand draws between 0 and 1. Then every node of a layer grows with every input. randn "
        "draws normal numbers around 0.",
        "randn(fan_out, fan_in)",
        "rand(fan_out, fan_in)",
    ),
    *drawn(
        "divided by the standard deviation",
        "You divide by the standard deviation instead of multiplying by it: the more inputs a node has, the "
        "smaller its weights should be.",
        "* DEVIATION",
        "/ DEVIATION",
    ),
    *drawn(
        "not scaled at all",
        "You return normal numbers of standard deviation 1, whatever the size: multiply them by the standard "
        "deviation.",
        " * DEVIATION",
        "",
    ),
    *drawn(
        "one node's weights for all",
        "All nodes get the same weights, so that all of them do the same and learn the same: draw fan_out * "
        "fan_in numbers.",
        "torch.randn(fan_out, fan_in)",
        "torch.randn(1, fan_in).repeat(fan_out, 1)",
    ),
    *drawn(
        "weights of 0",
        "All your weights are 0: then no node differs from another, and no signal comes through. Draw normal numbers.",
        "torch.randn(fan_out, fan_in)",
        "torch.zeros(fan_out, fan_in)",
    ),
    *drawn(
        "constant weights",
        "All your weights are equal to the standard deviation itself. Draw normal numbers and multiply them by it.",
        "torch.randn(fan_out, fan_in)",
        "torch.ones(fan_out, fan_in)",
    ),
]

FOLLOWING = [
    checked(
        "the same weights in every hidden layer",
        "All your hidden layers have the same weights: draw fresh ones for every layer, inside the loop.",
        (FRESH, f"{FRESH}\n    weights = [weights[min(layer, 1)] for layer in range(num_layers)]"),
    ),
    measured(
        "no ReLU between the layers",
        "Your standard deviations are those of a network without ReLU: cut every layer's output off at 0 before "
        "you measure it and pass it on.",
        PASS.replace("torch.relu(x @ W.T)", "x @ W.T"),
    ),
    measured(
        "measured before the ReLU",
        "You measure what goes into the ReLU. The exercise asks for the standard deviation of what comes out, "
        "with its many zeros.",
        "x = x @ W.T\n        spreads.append(x.std().item())\n        x = torch.relu(x)",
    ),
    measured(
        "measured after the ReLU, passed on without it",
        "You measure after the ReLU, but pass on what went into it: the next layer reads x after its ReLU.",
        "x = x @ W.T\n        spreads.append(torch.relu(x).std().item())",
    ),
    measured(
        "ReLU in front of each layer",
        "Your ReLU comes before each layer, so the example itself is cut off at 0, and what you measure is not. "
        "A layer is ReLU(x @ Wᵀ).",
        "x = torch.relu(x) @ W.T\n        spreads.append(x.std().item())",
    ),
    measured(
        "each layer's input measured",
        "You measure what goes into each layer, the example itself first. The exercise asks for the standard "
        "deviation of what comes out of its ReLU.",
        "spreads.append(x.std().item())\n        x = torch.relu(x @ W.T)",
    ),
    measured(
        "every layer reads the example",
        "Every layer of yours reads the example itself: pass on the output of the layer before, x = relu(x @ Wᵀ).",
        "spreads.append(torch.relu(x @ W.T).std().item())",
    ),
    Mistake(
        "every layer reads the example, with weights for it",
        "Every layer of yours reads the example itself: pass on the output of the layer before, x = relu(x @ Wᵀ). From the second layer on, "
        "fan_in is hidden_dim.",
        [
            Edit(PASS, "spreads.append(torch.relu(x @ W.T).std().item())", SPREAD),
            Edit("widths[layer], widths[layer + 1]", "input_dim, hidden_dim", CHECK),
        ],
    ),
    measured(
        "a new example for every layer",
        "Every layer of yours reads new random numbers. Draw one example, and pass on the output of each layer: x = relu(x @ Wᵀ).",
        "spreads.append(torch.relu(torch.randn(W.shape[1]) @ W.T).std().item())",
    ),
    measured(
        "a sigmoid instead of ReLU",
        "You apply a sigmoid after each layer. The exercise asks for ReLU: torch.relu(x @ W.T).",
        PASS.replace("torch.relu", "torch.sigmoid"),
    ),
    measured(
        "tanh instead of ReLU",
        "You apply tanh after each layer. The exercise asks for ReLU: torch.relu(x @ W.T).",
        PASS.replace("torch.relu", "torch.tanh"),
    ),
    followed(
        "mean instead of standard deviation",
        "You return the mean of the activations. The standard deviation is asked for.",
        "x.mean()",
    ),
    followed(
        "variance instead of standard deviation",
        "You return the variance of the activations. The standard deviation is its root.",
        "x.var()",
    ),
    followed(
        "size instead of standard deviation",
        "You return the root of the mean of the squares: what the lesson calls the size of the activations. The standard deviation is asked "
        "for: subtract the mean first. After a ReLU the mean is not 0, so the two differ.",
        "(x ** 2).mean().sqrt()",
    ),
    followed(
        "length instead of standard deviation",
        "You return the length of the activations, the root of the sum of squares. The standard deviation is asked for.",
        "x.norm()",
    ),
    followed(
        "largest activation instead of standard deviation",
        "You return the largest activation. The standard deviation is asked for.",
        "x.max()",
    ),
    followed(
        "standard deviation of the weights",
        "You return the standard deviation of the weights. The exercise asks for that of the activations.",
        "W.std()",
    ),
    checked(
        "the example's own standard deviation listed first",
        "Your list begins with the standard deviation of the example itself, so it is one number too long. There "
        "is one for each layer, after its ReLU.",
        (MEASURED, "x = torch.randn(input_dim)\n    return [x.std().item(), *measure_spread(x, weights)]"),
    ),
    checked(
        "Xavier and Kaiming exchanged",
        'You draw Kaiming\'s weights for "xavier" and Xavier\'s for "kaiming".',
        (KINDS, '{"xavier": kaiming_init, "kaiming": xavier_init, "random": random_init}'),
    ),
    checked(
        "the kind of initialization ignored",
        "You draw Xavier's weights whatever init_type says.",
        ("inits[init_type](", "xavier_init("),
    ),
    checked(
        "the kind of initialization ignored (Kaiming)",
        "You draw Kaiming's weights whatever init_type says.",
        ("inits[init_type](", "kaiming_init("),
    ),
    checked(
        "random weights made small",
        'Your "random" weights are those of Xavier. They are meant to show what happens without a rule: their '
        "standard deviation is 1, whatever the size.",
        ('"random": random_init', '"random": xavier_init'),
    ),
    checked(
        "random weights made small (Kaiming)",
        'Your "random" weights are those of Kaiming. They are meant to show what happens without a rule: their '
        "standard deviation is 1, whatever the size.",
        ('"random": random_init', '"random": kaiming_init'),
    ),
    *(
        checked(
            f"random weights times {factor}",
            f'You multiply the "random" weights by {factor}. They are meant to show what happens without a '
            "rule: their standard deviation is 1.",
            ('"random": random_init', f'"random": lambda i, o: {factor} * random_init(i, o)'),
        )
        for factor in ("0.01", "0.1")
    ),
    checked(
        "random weights positive",
        'Your "random" weights lie between 0 and 1 (rand). They are normal numbers of standard deviation 1: randn.',
        ('"random": random_init', '"random": lambda i, o: torch.rand(o, i)'),
    ),
    checked(
        "input_dim ignored",
        "Your example and your first layer have hidden_dim features. The example has input_dim, and the first layer the shape (hidden_dim, input_dim).",
        ("widths = [input_dim]", "widths = [hidden_dim]"),
        ("torch.randn(input_dim)", "torch.randn(hidden_dim)"),
    ),
    checked(
        "an example of positive numbers",
        "Your example holds numbers between 0 and 1 (rand), whose power is a third of that of normal ones "
        "(randn): all standard deviations come out too small.",
        ("torch.randn(input_dim)", "torch.rand(input_dim)"),
    ),
    checked(
        "one layer too few",
        "You return one number fewer than there are layers. Look at the loop: range(num_layers) has exactly "
        "num_layers numbers, and each round appends one.",
        ("range(num_layers)", "range(num_layers - 1)"),
    ),
    checked(
        "one layer too many",
        "You return one number more than there are layers. Look at the loop: range(num_layers) has exactly "
        "num_layers numbers, and each round appends one.",
        (FRESH, FRESH.replace("range(num_layers)", "range(num_layers + 1)")),
        ("[hidden_dim] * num_layers", "[hidden_dim] * (num_layers + 1)"),
    ),
    checked(
        "a layer where there are none",
        "For 0 layers you return one number: an empty list is asked for. Put the first layer into the loop as well.",
        ("widths = ", "num_layers = max(num_layers, 1)\n    widths = "),
    ),
]

MISTAKES = [*DRAWING, *FOLLOWING]
