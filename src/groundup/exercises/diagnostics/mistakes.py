"""What goes wrong in diagnosing a network."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

ACTIVATIONS, GRADIENTS, DIAGNOSE, OFF = (
    "compute_activation_stats",
    "compute_gradient_stats",
    "diagnose",
    "_off_for_all",
)
WATCHED = "in _watch(model, x, (nn.Linear, Linear))"
DEAD_SHARE = "_mean(_off_for_all(a))"
GRADIENT = "gradients = torch.autograd.grad(loss, weights, materialize_grads=True)"
ERROR = "functional.mse_loss(model(x), y)"
WEIGHTS = "[layer.weight for layer in model.modules() if isinstance(layer, nn.Linear | Linear)]"
BIASES = "torch.autograd.grad(functional.mse_loss(model(x), y), [m.bias for m in model.modules() if isinstance(m, nn.Linear)])"
ANY_DEAD = 'any(layer["dead_fraction"] > 0.5 for layer in activation_stats)'
ANY_NORM = 'any(layer["norm"] > 1000 for layer in gradient_stats)'
LAST_NORM = 'gradient_stats and gradient_stats[-1]["norm"] < 1e-5'
SMALL = 'if layer["std"] < 0.1:\n            return "vanishing_gradients"\n        '
LARGE = 'if layer["std"] > 10:\n            return "exploding_gradients"\n    '


def shown(name: str, says: str, *pairs: tuple[str, str]) -> Mistake:
    """Return a mistake in the figures of activations."""
    return Mistake(name, says, [Edit(old, new, ACTIVATIONS) for old, new in pairs])


def sloped(name: str, says: str, *pairs: tuple[str, str]) -> Mistake:
    """Return a mistake in the figures of gradients."""
    return Mistake(name, says, [Edit(old, new, GRADIENTS) for old, new in pairs])


def said(name: str, says: str, *pairs: tuple[str, str]) -> Mistake:
    """Return a mistake in the diagnosis."""
    return Mistake(name, says, [Edit(old, new, DIAGNOSE) for old, new in pairs])


KNOWN = [
    Mistake(
        "measured after the ReLU",
        "You take each layer's output after a ReLU. The exercise asks for what leaves the linear layer, negative "
        "values and all; the last layer has no ReLU at all.",
        [Edit(WATCHED, "in map(torch.relu, _watch(model, x, (nn.Linear, Linear)))", ACTIVATIONS)],
    ),
    Mistake(
        "the last layer left out",
        "You leave the last linear layer out: every one has its numbers.",
        [Edit(WATCHED, WATCHED + "[:-1]", ACTIVATIONS)],
    ),
    Mistake(
        "dead as soon as one example is off",
        "You count a node as dead if it is ≤ 0 for any example. A node may be 0 for one example and active for "
        "another: dead means ≤ 0 for every example of the batch.",
        [Edit(".all(dim=0)", ".any(dim=0)", OFF)],
    ),
    Mistake(
        "values counted instead of nodes",
        "Your dead fraction is the share of all values that are ≤ 0. Count nodes: first test for each node "
        "(column) whether its values for all examples are ≤ 0, then take the share of these nodes.",
        [Edit(".all(dim=0)", "", OFF)],
    ),
    Mistake(
        "examples counted instead of nodes",
        "You test for each example whether all its nodes are off. Test for each node (column) whether it is off "
        "for all examples (rows).",
        [Edit("all(dim=0)", "all(dim=1)", OFF)],
    ),
    Mistake(
        "a node at 0 counted as alive",
        "You look for values below 0. A node that returns exactly 0 for every example has no gradient through "
        "ReLU, either: ≤ 0.",
        [Edit("output <= 0", "output < 0", OFF)],
    ),
    Mistake(
        "no dead nodes in the last layer",
        "Your instinct is right: no ReLU follows the last layer, so a node that is always negative there is not "
        "dead. But the numbers asked for here count it as dead in every layer, the last one too.",
        [
            Edit("return [", "watched = _watch(model, x, (nn.Linear, Linear))\n    return [", ACTIVATIONS),
            Edit("_mean(_off_for_all(a))", "(0.0 if a is watched[-1] else _mean(_off_for_all(a)))", ACTIVATIONS),
            Edit(WATCHED, "in watched", ACTIVATIONS),
        ],
    ),
    Mistake(
        "standard deviation divided by N",
        "Your standard deviation divides the squares by N. The convention here is that of torch.std: N − 1. NumPy's std needs ddof=1.",
        [Edit("numbers.std()", "numbers.std(correction=0)", "_spread")],
    ),
    Mistake(
        "length without the root",
        "Your norm is the sum of the gradient's squares. Its length is the root of that.",
        [Edit("g.norm()", "g.square().sum()", GRADIENTS)],
    ),
    Mistake(
        "root of the mean square",
        "Your norm takes the mean of the squares. The length of a gradient is the root of their sum.",
        [Edit("g.norm()", "g.square().mean().sqrt()", GRADIENTS)],
    ),
    Mistake(
        "sum of sizes instead of length",
        "Your norm adds up absolute values. The length is the root of the sum of squares.",
        [Edit("g.norm()", "g.abs().sum()", GRADIENTS)],
    ),
    Mistake(
        "squared errors summed",
        "You differentiate the sum of the squared errors. The loss is their mean, over examples and outputs: its gradients are "
        "smaller by that number.",
        [Edit("mse_loss(model(x), y)", 'mse_loss(model(x), y, reduction="sum")', GRADIENTS)],
    ),
    Mistake(
        "gradients not zeroed",
        "The model still held gradients of an earlier step, and backward adds to what is there. Set them to zero before you call it.",
        [Edit("in gradients]", "in [g + w.grad for g, w in zip(gradients, weights, strict=True)]]", GRADIENTS)],
    ),
    Mistake(
        "biases counted as layers",
        "You return numbers for the biases, too. Return one dictionary per linear layer, of its weight's "
        "gradient alone.",
        [
            Edit(
                "[layer.weight for layer in model.modules() if isinstance(layer, nn.Linear | Linear)]",
                "list(model.parameters())",
                GRADIENTS,
            ),
            Edit("_spread(g)", "g.std().item()", GRADIENTS),  # of a single bias that is NaN
        ],
    ),
    Mistake(
        "target and prediction not compared",
        "Your loss leaves y out: what you differentiate is the mean square of the model's outputs.",
        [Edit("model(x), y)", "model(x), torch.zeros_like(y))", GRADIENTS)],
    ),
    Mistake(
        "half dead is too much already",
        "A dead fraction of exactly 0.5 is not above 0.5. Compare with >, not with >=.",
        [Edit('["dead_fraction"] > 0.5', '["dead_fraction"] >= 0.5', DIAGNOSE)],
    ),
    Mistake(
        "dead fractions averaged over layers",
        "You compare the mean over all layers with 0.5. One layer that is dead blocks the signal whatever the others do: look for "
        "any above 0.5.",
        [
            Edit(
                ANY_DEAD,
                'sum(layer["dead_fraction"] for layer in activation_stats) > 0.5 * len(activation_stats)',
                DIAGNOSE,
            )
        ],
    ),
    Mistake(
        "the last layer not counted among the dead",
        "Your instinct is right: no ReLU follows the last layer, so a node that is always negative there is not dead. But the rule asked "
        "for here counts every layer, the last one too.",
        [Edit(ANY_DEAD, ANY_DEAD.replace("activation_stats", "activation_stats[:-1]"), DIAGNOSE)],
    ),
    Mistake(
        "exploding gradients before dead neurons",
        "Where neurons are dead and gradients explode, you name the gradients. Dead neurons come first.",
        [Edit(ANY_DEAD, ANY_DEAD + ' and not any(layer["norm"] > 1000 for layer in gradient_stats)', DIAGNOSE)],
    ),
    Mistake(
        "exploding looked for in the last layer only",
        "You look at the last layer's norm alone for exploding gradients: any layer's above 1000 counts.",
        [
            Edit(
                '["norm"] > 1000 for layer in gradient_stats)',
                '["norm"] > 1000 for layer in gradient_stats[-1:])',
                DIAGNOSE,
            )
        ],
    ),
    Mistake(
        "vanishing looked for in every layer",
        "Your instinct is right: gradients vanish in the first layers. But the rule asked for here looks at the last layer's norm, and you "
        "say vanishing if any layer's norm is below 1e-5.",
        [Edit(LAST_NORM, 'any(layer["norm"] < 1e-5 for layer in gradient_stats)', DIAGNOSE)],
    ),
    Mistake(
        "vanishing looked for in the first layer",
        "Your instinct is right: gradients vanish in the first layers. But the rule asked for here looks at the last layer's norm, and you "
        "look at the first one's.",
        [Edit("gradient_stats[-1]", "gradient_stats[0]", DIAGNOSE)],
    ),
    Mistake(
        "small standard deviation not noticed",
        "A layer whose activations have a standard deviation below 0.1 passes as healthy: that is vanishing.",
        [Edit('layer["std"] < 0.1', 'layer["std"] < 0', DIAGNOSE)],
    ),
    Mistake(
        "large standard deviation not noticed",
        "A layer whose activations have a standard deviation above 10 passes as healthy: that is exploding.",
        [Edit('layer["std"] > 10', 'layer["std"] > float("inf")', DIAGNOSE)],
    ),
]

MORE = [
    shown(
        "measured after the ReLU, the last layer without one",
        "You take what comes out of each ReLU, and of the last layer. The exercise asks for what leaves each "
        "linear layer, before the ReLU, negative values and all.",
        (WATCHED, "in [*_watch(model, x, (nn.ReLU,)), _watch(model, x, (nn.Linear, Linear))[-1]]"),
    ),
    shown(
        "the ReLUs' outputs only",
        "You return numbers of the ReLUs' outputs. The exercise asks for what leaves each linear layer, before "
        "the ReLU; the last one has none.",
        (WATCHED, "in _watch(model, x, (nn.ReLU,))"),
    ),
    shown(
        "numbers of the ReLUs, too",
        "You return numbers of every layer, the ReLUs too: one dictionary for each linear layer, "
        "isinstance(layer, nn.Linear).",
        (WATCHED, "in _watch(model, x, (nn.Linear, nn.ReLU))"),
    ),
    shown(
        "the linear layers run without ReLU",
        "You run the linear layers one after the other and leave the ReLUs out: each layer reads what came out of the ReLU before it.",
        (
            WATCHED,
            "in _watch(nn.Sequential(*[layer for layer in model if not isinstance(layer, nn.ReLU)]), x, (nn.Linear, Linear))",
        ),
    ),
    shown(
        "layers in reverse order (activations)",
        "Your numbers for the activations run from the last layer to the first. Append them in the order in "
        "which x passes through the layers.",
        (WATCHED, WATCHED + "[::-1]"),
    ),
    shown(
        "living share returned",
        "You return the share of nodes that live. The dead ones are asked for: one minus it.",
        (DEAD_SHARE, "_mean(~_off_for_all(a))"),
    ),
    shown(
        "count of dead nodes",
        "You return how many nodes are dead. Divide by how many the layer has.",
        (DEAD_SHARE, "_off_for_all(a).double().sum().item()"),
    ),
    shown(
        "dead nodes divided by all values",
        "You divide the number of dead nodes by examples × nodes. The share is one of nodes.",
        (DEAD_SHARE, "_off_for_all(a).double().sum().item() / a.numel()"),
    ),
    shown(
        "dead where exactly 0",
        "You count nodes that are exactly 0. Before the ReLU those that it will cut off are negative: ≤ 0 for every example.",
        (DEAD_SHARE, "_mean((a == 0).all(dim=0))"),
    ),
    shown(
        "values of exactly 0 counted",
        "You return the share of values that are exactly 0. A node is dead if it is ≤ 0 before the ReLU for every example.",
        (DEAD_SHARE, "_mean((a == 0).flatten())"),
    ),
    shown(
        "dead where the mean is not above 0",
        "You count a node as dead if its mean over the examples is ≤ 0. It has to be ≤ 0 for every example.",
        (DEAD_SHARE, "_mean(a.mean(dim=0) <= 0)"),
    ),
    shown(
        "mean of the sizes",
        "Your mean is that of the absolute values: it is the plain mean, negative values and all.",
        ("a.mean().item()", "a.abs().mean().item()"),
    ),
    shown(
        "activations summed",
        "You add the activations up: mean divides by how many there are.",
        ("a.mean().item()", "a.sum().item()"),
    ),
    shown(
        "variance of the activations",
        "Your std of the activations is their variance: take the root.",
        ("_spread(a)", "_spread(a) ** 2"),
    ),
    shown(
        "standard deviation of each node averaged",
        "You take each node's standard deviation and average those. It is one over all examples and nodes together: a.std().",
        ("_spread(a)", "(a.std(dim=0).mean().item() if len(a) > 1 else 0.0)"),
    ),
    shown(
        "standard deviation of the activations divided by N",
        "The standard deviation of your activations divides the squares by N. The convention here is that of torch.std: N − 1.",
        ("_spread(a)", "a.std(correction=0).item()"),
    ),
    sloped(
        "weight and bias together",
        "Your numbers are those of a layer's weight and bias gradients together: only the weight's gradient is "
        "asked for.",
        (
            GRADIENT,
            f"{GRADIENT}\n    gradients = [torch.cat([g.flatten(), b]) for g, b in zip(gradients, {BIASES}, strict=True)]",
        ),
    ),
    sloped(
        "the bias instead of the weight",
        "Your numbers are those of the biases' gradients: the weights' are asked for.",
        (GRADIENT, f"gradients = {BIASES}"),
    ),
    sloped(
        "the weights themselves",
        "Your numbers are those of the weights. The exercise asks for their gradients: weight.grad, after backward().",
        (GRADIENT, "gradients = [w.detach() for w in weights]"),
    ),
    sloped(
        "layers in reverse order (gradients)",
        "Your numbers for the gradients run from the last layer to the first, as the backward pass does. The "
        "first layer comes first in the list.",
        (GRADIENT, f"{GRADIENT}[::-1]"),
    ),
    sloped(
        "squared errors summed over the outputs",
        "You add the squared errors of an example's outputs up, and average over the examples only. The loss is the mean over examples and outputs.",
        (ERROR, f"{ERROR} * y.shape[-1]"),
    ),
    sloped(
        "squared errors summed over the examples",
        "You add the squared errors of the examples up, and average over the outputs only. The loss is the mean over examples and outputs.",
        (ERROR, f"{ERROR} * len(y)"),
    ),
    sloped(
        "half of the loss",
        "Your loss has a factor ½: here it is the plain mean of the squares.",
        (ERROR, f"0.5 * {ERROR}"),
    ),
    sloped(
        "root of the loss",
        "You take the root of the loss: the mean squared error has none.",
        (ERROR, f"{ERROR}.sqrt()"),
    ),
    sloped(
        "absolute errors in the loss",
        "Your loss averages the absolute errors: the mean squared error is asked for.",
        (ERROR, "functional.l1_loss(model(x), y)"),
    ),
    sloped(
        "the outputs differentiated",
        (
            "You differentiate the model's outputs. Compute the loss from them and y "
            "first, and call backward() on the loss."
        ),
        (ERROR, "model(x).mean()"),
    ),
    sloped(
        "the outputs' sum differentiated",
        "You differentiate the model's outputs. Compute the loss from them and y first, and call backward() on "
        "the loss.",
        (ERROR, "model(x).sum()"),
    ),
    sloped(
        "the last layer left out (gradients)",
        "You leave the gradient of the last layer out. Go through all nn.Linear layers of the model.",
        (GRADIENT, f"{GRADIENT}[:-1]"),
    ),
    sloped(
        "largest gradient instead of length",
        "Your norm is the largest gradient by size. The length is the root of the sum of squares.",
        ("g.norm()", "g.abs().max()"),
    ),
    sloped(
        "length of the largest row",
        "Your norm is taken row by row. It is one length for all of a layer's weights together: √(Σ g²).",
        ("g.norm()", "g.norm(dim=1).max()"),
    ),
    sloped(
        "mean of the sizes of gradients",
        "Your mean is that of the absolute values: it is the plain mean.",
        ("g.mean().item()", "g.abs().mean().item()"),
    ),
    sloped(
        "variance of the gradients",
        "Your std of the gradients is their variance: take the root.",
        ("_spread(g)", "_spread(g) ** 2"),
    ),
    sloped(
        "standard deviation of the gradients divided by N",
        "The standard deviation of your gradients divides the squares by N. The convention here is that of torch.std: N − 1.",
        ("_spread(g)", "g.std(correction=0).item()"),
    ),
    said(
        "small standard deviations looked for before large ones",
        "You look through all layers for a standard deviation below 0.1 before you look for one above 10. Go "
        "through the layers once: the first whose standard deviation is outside decides.",
        (
            "for layer in activation_stats:\n        " + SMALL + LARGE,
            'if any(layer["std"] < 0.1 for layer in activation_stats):\n        return "vanishing_gradients"\n    '
            'if any(layer["std"] > 10 for layer in activation_stats):\n        return "exploding_gradients"\n    ',
        ),
    ),
    said(
        "large standard deviations looked for before small ones",
        "You look through all layers for a standard deviation above 10 before you look for one below 0.1. Go "
        "through the layers once: the first whose standard deviation is outside decides.",
        (
            "for layer in activation_stats:\n        " + SMALL + LARGE,
            'if any(layer["std"] > 10 for layer in activation_stats):\n        return "exploding_gradients"\n    '
            'if any(layer["std"] < 0.1 for layer in activation_stats):\n        return "vanishing_gradients"\n    ',
        ),
    ),
    said(
        "only the first layer's standard deviation",
        "You look at the first layer's standard deviation only: go through all layers.",
        ("for layer in activation_stats:", "for layer in activation_stats[:1]:"),
    ),
    said(
        "only the last layer's standard deviation",
        "You look at the last layer's standard deviation only: go through all layers.",
        ("for layer in activation_stats:", "for layer in activation_stats[-1:]:"),
    ),
    said(
        "standard deviations not looked at",
        "You never look at the activations' standard deviations: below 0.1 is vanishing, above 10 exploding.",
        ("for layer in activation_stats:\n        " + SMALL + LARGE, ""),
    ),
    said(
        "names of the standard deviations exchanged",
        "You say exploding for a standard deviation below 0.1 and vanishing for one above 10: it is the other "
        "way round.",
        (SMALL, SMALL.replace("vanishing", "exploding")),
        (LARGE, LARGE.replace("exploding", "vanishing")),
    ),
    said(
        "a standard deviation of exactly 0.1 counts",
        "A standard deviation of exactly 0.1 is not below 0.1. Compare with <, not with <=.",
        ('layer["std"] < 0.1', 'layer["std"] <= 0.1'),
    ),
    said(
        "a standard deviation of exactly 10 counts",
        "A standard deviation of exactly 10 is not above 10. Compare with >, not with >=.",
        ('layer["std"] > 10', 'layer["std"] >= 10'),
    ),
    said(
        "a norm of exactly 1000 counts",
        "A norm of exactly 1000 is not above 1000. Compare with >, not with >=.",
        ('["norm"] > 1000', '["norm"] >= 1000'),
    ),
    said(
        "all layers dead",
        "You say dead_neurons only when all layers are above 0.5. One is enough: any.",
        (ANY_DEAD, ANY_DEAD.replace("any", "all")),
    ),
    said(
        "only the first layer asked for dead neurons",
        "You ask the first layer only for dead neurons: any layer above 0.5 counts.",
        (ANY_DEAD, ANY_DEAD.replace("activation_stats", "activation_stats[:1]")),
    ),
    said(
        "all norms exploding",
        "You say exploding_gradients only when all layers' norms are above 1000. One is enough: any.",
        (ANY_NORM, ANY_NORM.replace("any", "all")),
    ),
    said(
        "exploding looked for in the first layer only",
        "You look at the first layer's norm alone for exploding gradients: any layer's above 1000 counts.",
        (ANY_NORM, ANY_NORM.replace("gradient_stats", "gradient_stats[:1]")),
    ),
    said(
        "all norms vanishing",
        "You say vanishing_gradients only when all layers' norms are below 1e-5. The rule asked for here looks at the last layer's alone.",
        (LAST_NORM, 'all(layer["norm"] < 1e-5 for layer in gradient_stats)'),
    ),
    said(
        "dead neurons not looked for",
        "You never return dead_neurons. Return it if any layer has a dead fraction above 0.5.",
        (ANY_DEAD, "False"),
    ),
    said(
        "exploding norms not looked for",
        (
            "You never test for a norm above 1000. Any layer whose gradient norm "
            "is above 1000 gives exploding_gradients."
        ),
        (ANY_NORM, "False"),
    ),
    said(
        "vanishing norms not looked for",
        "You never test whether the norm of the last layer is below 1e-5. If it is, the answer is vanishing_gradients.",
        (LAST_NORM, "False"),
    ),
    said(
        "vanishing gradients before dead neurons",
        "Where neurons are dead and the last norm is tiny, you name the gradients. Dead neurons come first.",
        (ANY_DEAD, ANY_DEAD + ' and not gradient_stats[-1]["norm"] < 1e-5'),
    ),
    said(
        "vanishing before exploding",
        "Where one norm is above 1000 and the last below 1e-5, you say vanishing. Exploding is asked for first.",
        (ANY_NORM, ANY_NORM + ' and not gradient_stats[-1]["norm"] < 1e-5'),
    ),
    said(
        "standard deviations before norms",
        "You look at the activations' standard deviations before the gradients' norms. The first yes decides, so "
        "the order matters.",
        (ANY_NORM, ANY_NORM + ' and not any(layer["std"] < 0.1 or layer["std"] > 10 for layer in activation_stats)'),
        (LAST_NORM, LAST_NORM + ' and not any(layer["std"] < 0.1 or layer["std"] > 10 for layer in activation_stats)'),
    ),
]

# What is said of two rules at once comes before what is said of one.
FIRST = (
    "small standard deviations looked for before large ones",
    "large standard deviations looked for before small ones",
)
MISTAKES = sorted([*KNOWN, *MORE], key=lambda one: one.name not in FIRST)
