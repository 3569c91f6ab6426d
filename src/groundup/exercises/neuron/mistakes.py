"""What goes wrong in a neuron: in its sum, in the choice of the activation, in the sigmoid, in ReLU, at the end."""

from __future__ import annotations

from collections.abc import Iterator

from groundup.judge.exercise import Edit, Mistake

SUM, ANSWER = "w @ x + b", "float(activations[activation](z))"
CHOICE = '{"sigmoid": sigmoid, "relu": relu}'
SIGMOID, RELU = "np.where(z >= 0, 1 / (1 + small), small / (1 + small))", "np.where(z <= 0, 0, z)"


def weigh(name: str, says: str, new: str) -> Mistake:
    """Return a mistake in the sum: what is there instead."""
    return Mistake(name, says, [Edit(SUM, new, "neuron")])


def answer(name: str, says: str, new: str, *more: Edit) -> Mistake:
    """Return a mistake in what is made of the sum."""
    return Mistake(name, says, [Edit(ANSWER, new, "neuron"), *more])


def choose(name: str, says: str, sigmoid: str, relu: str) -> Mistake:
    """Return a mistake in what either activation does, for the sum z."""
    return Mistake(
        name, says, [Edit(CHOICE, f'{{"sigmoid": lambda z: {sigmoid}, "relu": lambda z: {relu}}}', "neuron")]
    )


def sigmoid(name: str, says: str, new: str) -> Mistake:
    """Return a mistake in the sigmoid: what it returns instead."""
    return Mistake(name, says, [Edit(SIGMOID, new, "sigmoid")])


def relu(name: str, says: str, new: str) -> Mistake:
    """Return a mistake in ReLU: what it returns instead."""
    return Mistake(name, says, [Edit(RELU, new, "relu")])


def bare(name: str, says: str, new: str) -> Mistake:
    """Return a mistake in the place of the bias: what the neuron returns, of the sum z without it."""
    return Mistake(name, says, [Edit(SUM, "w @ x", "neuron"), Edit(ANSWER, new, "neuron")])


SUMS = [
    weigh(
        "bias left out",
        "The bias is missing: it is added to the weighted sum before the activation.",
        "w @ x",
    ),
    weigh(
        "averaged, not summed",
        "You average the products: a neuron adds them up.",
        "w @ x / len(x) + b",
    ),
    weigh("bias subtracted", "You subtract the bias: add it.", "w @ x - b"),
    weigh(
        "bias added to every product",
        "You add the bias to every product, so it counts once per input. It is added once, to the sum.",
        "w @ x + b * len(x)",
    ),
    bare(
        "bias added after the activation",
        "You add the bias to the activation's result. It belongs in the sum that goes through the activation.",
        f"{ANSWER} + b",
    ),
    weigh(
        "the first input left out",
        "The first input is left out of the sum: range(len(x)) begins at 0.",
        "w[1:] @ x[1:] + b",
    ),
    weigh(
        "the last input left out",
        "The last input is left out of the sum: range(len(x)) already ends before len(x): no − 1 is needed.",
        "w[:-1] @ x[:-1] + b",
    ),
    weigh(
        "the mean of products and bias",
        "You divide the products and the bias by the number of inputs: a neuron adds them up.",
        "(w @ x + b) / len(x)",
    ),
    weigh(
        "only the first product",
        "Only the first input is used: the loop ends after it. A return inside the loop does that: indent it less.",
        "w[0] * x[0] + b",
    ),
    weigh(
        "only the last product",
        "Only the last input is used: add the products up with `+=`, not `=`.",
        "w[-1] * x[-1] + b",
    ),
    weigh(
        "weights in reverse order",
        "Each input is multiplied by the weight of another one: x[j] belongs to w[j].",
        "w[::-1] @ x + b",
    ),
    weigh(
        "inputs and weights added",
        "You add weights to inputs. Each input is multiplied by its weight, then the products are added.",
        "np.sum(w + x) + b",
    ),
    weigh(
        "the two sums multiplied",
        "You add up inputs and weights separately and multiply the sums. Multiply each input by its weight first.",
        "np.sum(w) * np.sum(x) + b",
    ),
    weigh(
        "weights ignored",
        "You add up the inputs without their weights. Multiply each input by its weight first.",
        "np.sum(x) + b",
    ),
    weigh(
        "inputs ignored",
        "You add up the weights without the inputs. Multiply each weight by its input first.",
        "np.sum(w) + b",
    ),
    weigh("bias multiplied", "You multiply the sum by the bias: add it.", "w @ x * b"),
    weigh(
        "bias multiplied with the weights",
        "You add the bias to the sum before it is multiplied: look at the brackets. It is w @ x, then + b.",
        "(w + b) @ x",
    ),
    weigh("bias added to the inputs", "You add the bias to the inputs. It is w @ x, then + b.", "w @ (x + b)"),
    weigh(
        "bias counted twice",
        "The bias comes in twice: a sum that starts with b needs no + b at the end.",
        "w @ x + 2 * b",
    ),
    weigh(
        "sign of the sum",
        (
            "Your sum has the wrong sign. Look for a minus that does not belong there, or for "
            "one that is missing: the sigmoid is 1 / (1 + e^(−z)), with a minus in the exponent."
        ),
        "-(w @ x + b)",
    ),
    weigh(
        "sign of the products",
        ("The products have the wrong sign. Look for a minus in front of w, of x or of the whole product."),
        "b - w @ x",
    ),
    weigh(
        "products squared", "You square the products: a neuron adds them up as they are.", "np.sum((w * x) ** 2) + b"
    ),
    weigh(
        "the size of the products",
        "You add the products without their signs: leave out abs.",
        "np.sum(np.abs(w * x)) + b",
    ),
    weigh("the largest product", "You take the largest product: a neuron adds all of them up.", "np.max(w * x) + b"),
    weigh(
        "the products multiplied",
        "You multiply the products with each other: a neuron adds them up.",
        "np.prod(w * x) + b",
    ),
    weigh(
        "inputs divided by weights",
        "You divide the inputs by their weights: multiply them instead.",
        "np.sum(x / w) + b",
    ),
    weigh(
        "inputs minus weights", "You subtract the weights from the inputs: multiply them instead.", "np.sum(x - w) + b"
    ),
    weigh(
        "divided by √d",
        "You divide the sum by the root of the number of inputs: a neuron only adds up.",
        "w @ x / np.sqrt(len(x)) + b",
    ),
    weigh(
        "weights normalized",
        "You divide the weights by their length: a neuron takes them as they are.",
        "w @ x / np.linalg.norm(w) + b",
    ),
    weigh("the bias cut to a whole number", "You cut the bias to a whole number: leave out int.", "w @ x + int(b)"),
    weigh("the sum cut to a whole number", "You cut the sum to a whole number: leave out int.", "int(w @ x + b)"),
    weigh(
        "the size of the sum",
        "You take the sum without its sign. A sum may be negative: leave out abs.",
        "abs(w @ x + b)",
    ),
    *(
        weigh(
            f"the sum rounded to {places} place{'s' * (places != 1)}",
            f"You round the sum to {places} place{'s' * (places != 1)} before the activation. Round once, at the end.",
            f"np.round(w @ x + b, {places})",
        )
        for places in (2, 1, 3, 0, 4)
    ),
]

CHOICES = [
    Mistake(
        "always the sigmoid",
        "You use the sigmoid whatever is asked for: look at the argument activation.",
        [Edit("activations[activation]", 'activations["sigmoid"]', "neuron")],
    ),
    Mistake(
        "always ReLU",
        'You use ReLU whatever is asked for. Compare the argument activation with "sigmoid", in lower-case letters.',
        [Edit("activations[activation]", 'activations["relu"]', "neuron")],
    ),
    Mistake(
        "activations exchanged",
        "You use ReLU where the sigmoid is asked for, and the sigmoid for ReLU.",
        [Edit(CHOICE, '{"sigmoid": relu, "relu": sigmoid}', "neuron")],
    ),
    answer("activation forgotten", "You return the weighted sum itself: the activation comes last.", "float(z)"),
    choose(
        "no activation for the sigmoid",
        "Where the sigmoid is asked for, you return the weighted sum itself.",
        "z",
        "relu(z)",
    ),
    choose(
        "ReLU after the sigmoid",
        "For ReLU you apply the sigmoid, too: each activation works on the sum.",
        "sigmoid(z)",
        "sigmoid(relu(z))",
    ),
    choose(
        "the sigmoid after ReLU",
        "For the sigmoid you apply ReLU, too: each activation works on the sum.",
        "sigmoid(relu(z))",
        "relu(z)",
    ),
    Mistake(
        "the sigmoid of each product by itself",
        "You put each product, with the bias, through the activation, and add the results up: first the whole sum, then the activation, once.",
        [Edit(SUM, "w * x + b", "neuron"), Edit(ANSWER, "float(activations[activation](z).sum())", "neuron")],
    ),
    Mistake(
        "each product through the activation, then the bias",
        "You put each product through the activation, add the results up, and then the bias: first the whole sum with the bias, then the "
        "activation, once.",
        [Edit(SUM, "w * x", "neuron"), Edit(ANSWER, "float(activations[activation](z).sum() + b)", "neuron")],
    ),
    Mistake(
        "ReLU of each product by itself",
        "You put each product through ReLU and add the results up, then the bias: first the whole sum with the bias, then ReLU, once.",
        [Edit(CHOICE, '{"sigmoid": sigmoid, "relu": lambda z: np.maximum(w * x, 0).sum() + b}', "neuron")],
    ),
    Mistake(
        "ReLU of the inputs",
        "You apply ReLU to the inputs: it works on the weighted sum.",
        [Edit(CHOICE, '{"sigmoid": sigmoid, "relu": lambda z: relu(w @ np.maximum(x, 0) + b)}', "neuron")],
    ),
    bare(
        "bias added after ReLU",
        "For ReLU you add the bias after the activation. It belongs in the sum.",
        'float(sigmoid(z + b) if activation == "sigmoid" else relu(z) + b)',
    ),
    bare(
        "bias added after the sigmoid",
        "For the sigmoid you add the bias after the activation. It belongs in the sum.",
        'float(relu(z + b) if activation == "relu" else sigmoid(z) + b)',
    ),
    bare(
        "no bias for ReLU",
        "For ReLU the bias is missing. It belongs in the sum, whichever activation follows.",
        'float(sigmoid(z + b) if activation == "sigmoid" else relu(z))',
    ),
    bare(
        "no bias for the sigmoid",
        "For the sigmoid the bias is missing. It belongs in the sum, whichever activation follows.",
        'float(relu(z + b) if activation == "relu" else sigmoid(z))',
    ),
]

SIGMOIDS = [
    sigmoid(
        "sign of the exponent",
        "Your sigmoid falls where it should rise: it is 1 / (1 + e⁻ᶻ), with a minus in the exponent.",
        "np.where(z >= 0, small / (1 + small), 1 / (1 + small))",
    ),
    sigmoid(
        "tanh instead of the sigmoid",
        "You return tanh, which runs from −1 to 1. The sigmoid runs from 0 to 1: 1 / (1 + e⁻ᶻ).",
        "np.tanh(z)",
    ),
    sigmoid(
        "NaN for large sums",
        "You compute eᶻ / (1 + eᶻ): for large z both overflow, and inf / inf is NaN. 1 / (1 + e⁻ᶻ) is the same, and for large z its power "
        "goes to 0.",
        "np.exp(z) / (1 + np.exp(z))",
    ),
    *(
        sigmoid(
            f"math.exp overflows {where}",
            "math.exp raises OverflowError for large powers. np.exp gives infinity there, so that 1 / (1 + np.exp(-z)) is 0, as it should be.",
            f"np.asarray({code.replace('exp', '__import__(' + chr(34) + 'math' + chr(34) + ').exp')})",
        )
        for where, code in (
            ("for very negative sums", "1 / (1 + exp(-z))"),
            ("for large sums", "exp(z) / (1 + exp(z))"),
        )
    ),
    sigmoid(
        "brackets missing around the denominator",
        "You compute 1 + e⁻ᶻ. 1 / 1 + e⁻ᶻ is that, too, since division comes before addition: put brackets around the denominator, "
        "1 / (1 + e⁻ᶻ).",
        "1 / 1 + np.exp(-z)",
    ),
    sigmoid(
        "minus in the denominator",
        "You divide by 1 − e⁻ᶻ: the denominator of the sigmoid is 1 + e⁻ᶻ.",
        "1 / (1 - np.exp(-z))",
    ),
    sigmoid(
        "the 1 in the denominator is missing",
        "You return 1 / e⁻ᶻ: the denominator of the sigmoid is 1 + e⁻ᶻ.",
        "np.exp(z)",
    ),
    sigmoid("only the exponential", "You return e⁻ᶻ: the sigmoid is 1 / (1 + e⁻ᶻ).", "np.exp(-z)"),
    sigmoid("no exponential", "You compute 1 / (1 − z): the exponential is missing, 1 / (1 + e⁻ᶻ).", "1 / (1 - z)"),
    sigmoid(
        "the sigmoid's derivative instead of itself",
        "You return σ(z) (1 − σ(z)), the derivative of the sigmoid. The exercise asks for σ(z).",
        "small / (1 + small) ** 2",
    ),
    sigmoid(
        "the sigmoid twice",
        "You apply the sigmoid to the sum twice: once is enough.",
        f"1 / (1 + np.exp(-{SIGMOID}))",
    ),
    sigmoid("from −1 to 1", "Your sigmoid runs from −1 to 1: it is 1 / (1 + e⁻ᶻ), not 2σ(z) − 1.", "np.tanh(z / 2)"),
    sigmoid(
        "the sigmoid of 2z",
        "Your sigmoid is too steep: it is that of 2z. From tanh it is (1 + tanh(z / 2)) / 2.",
        "(1 + np.tanh(z)) / 2",
    ),
    sigmoid(
        "the sigmoid of the size",
        "Your sigmoid forgets the sign of z. If you use e^−|z|, negative z need another formula: e^−|z| / (1 + e^−|z|).",
        "1 / (1 + small)",
    ),
    sigmoid(
        "a step instead of the sigmoid",
        "Where the sigmoid is asked for, you return only 0 or 1. It goes smoothly from 0 to 1.",
        "np.where(z >= 0, 1.0, 0.0)",
    ),
    sigmoid(
        "the sigmoid rounded to a whole number",
        "Where the sigmoid is asked for, you return only 0 or 1: you round it to a whole number, or ask whether "
        "z is above 0.",
        "np.where(z > 0, 1.0, 0.0)",
    ),
    sigmoid(
        "softmax instead of the sigmoid",
        "Your sigmoid is always 1: softmax of a single number is. The sigmoid is 1 / (1 + e⁻ᶻ).",
        "np.ones_like(z)",
    ),
    sigmoid("2 to the power of −z", "You take 2⁻ᶻ: the sigmoid takes e⁻ᶻ, np.exp(-z).", "1 / (1 + 2.0**-z)"),
    sigmoid(
        "10 to the power of −z",
        "You take 10⁻ᶻ (1e-z does not mean e): the sigmoid takes e⁻ᶻ, np.exp(-z).",
        "1 / (1 + 10.0**-z)",
    ),
    sigmoid("the exponential of z squared", "You take e to the power of −z²: it is e⁻ᶻ.", "1 / (1 + np.exp(-(z**2)))"),
    sigmoid(
        "SiLU instead of the sigmoid",
        "You multiply the sigmoid by z, which is SiLU. The exercise asks for the sigmoid alone.",
        f"z * {SIGMOID}",
    ),
    sigmoid("log-sigmoid", "You return the logarithm of the sigmoid: leave out log.", "-np.logaddexp(0, -z)"),
    *(
        sigmoid(
            f"the sigmoid rounded to {places} place{'s' * (places > 1)}",
            f"You round the sigmoid to {places} place{'s' * (places > 1)}. Keep at least 5 decimal places.",
            f"np.round({SIGMOID}, {places})",
        )
        for places in (2, 3, 4, 1)
    ),
]


def list_relus() -> Iterator[Mistake]:
    """Yield what goes wrong in ReLU alone."""
    for share in (0.01, 0.1, 0.2, 0.001, 0.3, 0.05, 0.02, 0.5):
        yield relu(
            f"leaky, {share:g}",
            f"Your ReLU lets {share:g} times a negative sum through, which is a leaky ReLU. Here negative becomes exactly 0.",
            f"np.where(z <= 0, {share} * z, z)",
        )
    yield relu(
        "ReLU's derivative instead of itself",
        "Your ReLU returns 1 for a positive sum: that is its derivative. A positive sum stays as it is.",
        "np.where(z <= 0, 0, 1)",
    )
    yield relu(
        "ReLU's derivative, 1 at 0",
        "Your ReLU returns 0 or 1: that is its derivative. A positive sum stays as it is.",
        "np.where(z < 0, 0, 1)",
    )
    yield relu("negative sums kept", "Your ReLU returns the sum as it is. A negative sum becomes 0.", "z")
    yield relu("absolute value instead of ReLU", "Your ReLU turns negative sums positive. They become 0.", "abs(z)")
    yield relu(
        "ReLU the wrong way round",
        "Your ReLU keeps the negative sums: it is max(0, z), not min(0, z).",
        "np.minimum(0, z)",
    )
    yield relu(
        "the size of negative sums",
        "Your ReLU returns −z for negative sums and 0 for positive ones: it is max(0, z).",
        "np.where(z >= 0, 0, -z)",
    )
    yield relu(
        "the sign of ReLU", "Your ReLU returns −z for a positive sum. It stays as it is.", "np.where(z <= 0, 0, -z)"
    )
    yield relu("always 0", "Your ReLU is always 0: a positive sum stays as it is.", "0 * z")
    yield relu(
        "cut at 1",
        ("Your ReLU cuts large sums off at 1. It has no upper bound: return positive numbers as they are."),
        "np.clip(z, 0, 1)",
    )
    yield relu(
        "cut at 6",
        ("Your ReLU cuts large sums off at 6 (ReLU6). It has no upper bound: return positive numbers as they are."),
        "np.clip(z, 0, 6)",
    )
    yield relu("at least 1", "Your ReLU returns at least 1: it is max(0, z), not max(1, z).", "np.maximum(1, z)")
    yield relu("sums below 1 become 0", "Your ReLU turns sums below 1 into 0. The bound is 0.", "np.where(z < 1, 0, z)")
    yield relu(
        "sums up to a half become 0", "Your ReLU turns sums below ½ into 0. The bound is 0.", "np.where(z < 0.5, 0, z)"
    )
    yield relu(
        "−1 for negative sums", "Your ReLU returns −1 for a negative sum. It becomes 0.", "np.where(z < 0, -1, z)"
    )
    yield relu("1 for negative sums", "Your ReLU returns 1 for a negative sum. It becomes 0.", "np.where(z <= 0, 1, z)")
    yield relu(
        "ReLU squared",
        "You return the square of ReLU. A positive sum stays as it is.",
        "np.where(z <= 0, 0, z) ** 2",
    )
    yield relu(
        "twice ReLU",
        "Positive sums come out twice as large: z + |z| is twice ReLU, divide it by 2.",
        "np.where(z <= 0, 0, 2 * z)",
    )
    yield relu(
        "an exponential below 0",
        "Your ReLU returns eᶻ − 1 for negative sums, which is ELU. Here they become exactly 0.",
        "np.where(z <= 0, np.expm1(np.minimum(z, 0)), z)",
    )
    yield relu(
        "softplus instead of ReLU",
        "You return log(1 + eᶻ), a smooth ReLU. Here a negative sum becomes exactly 0.",
        "np.logaddexp(0, z)",
    )
    yield relu(
        "SiLU instead of ReLU",
        "You return z * σ(z), which is SiLU. Here a negative sum becomes exactly 0.",
        "z * sigmoid(z)",
    )
    yield relu("tanh instead of ReLU", "Where ReLU is asked for, you return tanh. It is max(0, z).", "np.tanh(z)")
    yield relu("ReLU cut to whole numbers", "Your ReLU returns whole numbers: leave out int.", f"np.trunc({RELU})")
    for places in (2, 3, 4, 1):
        yield relu(
            f"ReLU rounded to {places} place{'s' * (places > 1)}",
            f"You round ReLU's result to {places} place{'s' * (places > 1)}. Keep at least 5 decimal places.",
            f"np.round({RELU}, {places})",
        )
    yield answer(
        "nothing returned for a sum below 0",
        "Where ReLU is asked for, you return nothing (None) where the sum is not above 0: `if z > 0: return z` "
        "needs an else with 0.",
        f'{ANSWER} if activation == "sigmoid" or z > 0 else None',
    )
    yield answer(
        "nothing returned for a negative sum",
        "Where ReLU is asked for, you return nothing (None) where the sum is negative: an if needs an else, with 0.",
        f'{ANSWER} if activation == "sigmoid" or z >= 0 else None',
    )


ENDS = [
    answer("nothing returned", "It returns nothing (None): is a return statement missing?", "None"),
    answer(
        "nothing returned for ReLU",
        "Where ReLU is asked for, you return nothing (None): that activation is missing, or its return, or its "
        "name is spelled in another way.",
        f'{ANSWER} if activation == "sigmoid" else None',
    ),
    answer(
        "nothing returned for the sigmoid",
        "Where the sigmoid is asked for, you return nothing (None): that activation is missing, or its return, "
        "or its name is spelled in another way.",
        f'{ANSWER} if activation == "relu" else None',
    ),
    bare(
        "the larger of bias and sum",
        "For ReLU you take the larger of the sum and the bias. The bias is added to the sum, and the larger of that and 0 is taken.",
        'float(sigmoid(z + b) if activation == "sigmoid" else max(z, b))',
    ),
    bare(
        "bias subtracted for the sigmoid",
        "In the sigmoid you subtract the bias: the exponent is −(w @ x + b), so both parts have the minus.",
        'float(sigmoid(z - b) if activation == "sigmoid" else relu(z + b))',
    ),
    bare(
        "bias subtracted for ReLU",
        "In ReLU you subtract the bias: add it.",
        'float(sigmoid(z + b) if activation == "sigmoid" else relu(z - b))',
    ),
    answer(
        "an array instead of a number",
        "You return an array with one number in it. The exercise asks for the number itself.",
        "activations[activation](z).reshape(1)",
    ),
    answer(
        "sum and answer returned",
        "You return two numbers, the sum and the answer. The exercise asks for the answer alone.",
        f"float(z), {ANSWER}",
    ),
    answer(
        "the answer multiplied by the sum",
        "You multiply the activation's result by the sum: return it as it is.",
        f"{ANSWER} * float(z)",
    ),
    answer(
        "one minus the answer", "You return 1 − the answer: return the activation's result as it is.", f"1 - {ANSWER}"
    ),
    *(
        answer(
            f"rounded to {places} place{'s' * (places != 1)}",
            f"The answer is right, but rounded to {places} place{'s' * (places != 1)}. Keep at least 5 decimal places.",
            f"round({ANSWER}, {places})",
        )
        for places in (2, 3, 4, 1, 0)
    ),
]

MISTAKES = [*SUMS[:8], *SIGMOIDS[:3], *list_relus(), *CHOICES, *SUMS[8:], *SIGMOIDS[3:], *ENDS]
