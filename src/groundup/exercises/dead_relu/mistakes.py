"""What goes wrong in finding dead ReLUs and in what is said about them."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

DETECT, SUGGEST, OFF = "detect_dead_neurons", "suggest_fix", "_off_for_all"
GROWING = "all(later > earlier for earlier, later in pairwise(fractions))"
SHARE, WATCHED, BEFORE = (
    "_mean(_off_for_all(output))",
    "_watch(model, x, (nn.ReLU,))",
    "_watch(model, x, (nn.Linear,))[:-1]",
)
FIRST_RULE = 'if max(fractions) > 0.5:\n        return "use_leaky_relu"\n    '
SECOND_RULE = 'if fractions[0] > 0.3:\n        return "reinitialize"\n    '
THIRD_RULE = f'if {GROWING} and fractions[-1] > 0.1:\n        return "reduce_learning_rate"\n    '
DEAD = (
    "A node is dead if its output after the ReLU is 0 for every example of the batch. That means ≤ 0 before the ReLU."
)


def found(name: str, says: str, *pairs: tuple[str, str]) -> Mistake:
    """Return a mistake in finding dead nodes."""
    return Mistake(name, says, [Edit(old, new, DETECT) for old, new in pairs])


def seen_before(name: str, says: str, test: str) -> Mistake:
    """Return a mistake of who looks at what goes into each ReLU: which nodes of ``output`` are taken for dead."""
    return found(name, says, (SHARE, f"_mean({test})"), (WATCHED, BEFORE))


def said(name: str, says: str, *pairs: tuple[str, str]) -> Mistake:
    """Return a mistake in what is said."""
    return Mistake(name, says, [Edit(old, new, SUGGEST) for old, new in pairs])


FINDING = [
    Mistake(
        "dead as soon as one example is off",
        "You count a node as dead if it is 0 for any example. It may be 0 for one example and active for "
        "another: dead means 0 for every example of the batch.",
        [Edit(".all(dim=0)", ".any(dim=0)", OFF)],
    ),
    Mistake(
        "values counted instead of nodes",
        "You return the share of all values that are 0. Count nodes: first test for each node (column) whether "
        "its values for all examples are 0, then take the share of these nodes.",
        [Edit(".all(dim=0)", "", OFF)],
    ),
    Mistake(
        "examples counted instead of nodes",
        "You test for each example whether all its nodes are 0. Test for each node (column) whether it is 0 for "
        "all examples (rows).",
        [Edit("all(dim=0)", "all(dim=1)", OFF)],
    ),
    Mistake(
        "looked for values below 0",
        "You look for values below 0 after the ReLU: there are none. A dead node returns exactly 0.",
        [Edit("output <= 0", "output < 0", OFF)],
    ),
    found(
        "living share returned",
        "You return the share of nodes that live. The dead ones are asked for: one minus it.",
        (SHARE, "_mean(~_off_for_all(output))"),
    ),
    found(
        "count instead of fraction",
        "You return how many nodes are dead. Divide by how many the layer has.",
        (SHARE, "_off_for_all(output).double().sum().item()"),
    ),
    seen_before(
        "a node at exactly 0 before the ReLU counted as alive",
        f"You look for values below 0 in front of the ReLU. Exactly 0 stays 0 as well, and there is no slope either. {DEAD}",
        "(output < 0).all(dim=0)",
    ),
    seen_before(
        "the mean over the examples looked at",
        "You take a node for dead if its mean, or its sum, over the examples is not above 0 before the ReLU. One example of 5 and one of −9 "
        f"have a negative mean, but the node is alive. {DEAD}",
        "output.mean(dim=0) <= 0",
    ),
    seen_before(
        "zeros looked for in front of the ReLU",
        f"You look for exact zeros in what the linear layer puts out, where negative values are not cut off yet. {DEAD}",
        "(output == 0).all(dim=0)",
    ),
    seen_before(
        "linear layers watched, living ones counted",
        f"You look for values above 0 where those at or below 0 are the dead ones. {DEAD}",
        "(output > 0).all(dim=0)",
    ),
    found(
        "every layer reads the batch",
        "Every layer of yours reads the batch itself, so that the signal is not passed on: write x = layer(x) for each layer in turn.",
        (WATCHED, "[output for layer in model for output in [layer(x)] if isinstance(layer, nn.ReLU)]"),
    ),
    found(
        "every linear layer reads the batch",
        "Every linear layer of yours reads the batch itself: the next layer reads what the ReLU before it puts out. Write x = layer(x) for "
        "each layer in turn.",
        (WATCHED, "[layer(x).relu() for layer in model if isinstance(layer, nn.Linear)][:-1]"),
    ),
    found(
        "passed on without the ReLU",
        "You look at what the ReLU puts out, but pass on what goes into it. The next layer reads x = layer(x), of the ReLU too.",
        (
            WATCHED,
            "_watch(nn.Sequential(*(layer for layer in model if isinstance(layer, nn.Linear))), x, (nn.Linear,))[:-1]",
        ),
    ),
    found(
        "linear layers watched instead of ReLUs",
        "You return one number for each linear layer. The last one has no ReLU after it, and negative outputs "
        "are all right there. Return one number for each ReLU.",
        (WATCHED, "_watch(model, x, (nn.Linear,))"),
    ),
    found(
        "linear layers watched for exact zeros",
        "You return one number for each linear layer, the share of its nodes that are exactly 0. Look after the "
        "ReLUs: there negative values have become 0, and there is one number for each of them.",
        (SHARE, "_mean((output == 0).all(dim=0))"),
        (WATCHED, "_watch(model, x, (nn.Linear,))"),
    ),
    found(
        "a number for every layer",
        "You return one number for every layer of the model, the linear ones too (zeros looked for). One for "
        "each nn.ReLU is asked for: isinstance(layer, nn.ReLU).",
        (SHARE, "_mean((output == 0).all(dim=0))"),
        (WATCHED, "_watch(model, x, (nn.Linear, nn.ReLU))"),
    ),
    found(
        "a number for every layer, linear ones at ≤ 0",
        "You return one number for every layer of the model, the linear ones too. One for each nn.ReLU is asked "
        "for: isinstance(layer, nn.ReLU).",
        (WATCHED, "_watch(model, x, (nn.Linear, nn.ReLU))"),
    ),
    found(
        "the last ReLU left out",
        "You leave the last ReLU out: there is one number for each.",
        (WATCHED, f"{WATCHED}[:-1]"),
    ),
    found(
        "the first ReLU left out",
        "You leave the first ReLU out: there is one number for each.",
        (WATCHED, f"{WATCHED}[1:]"),
    ),
    found(
        "only the first ReLU",
        "You look at the first ReLU only: there is one number for each.",
        (WATCHED, f"{WATCHED}[:1]"),
    ),
    found(
        "only the last ReLU",
        "You look at the last ReLU only: there is one number for each.",
        (WATCHED, f"{WATCHED}[-1:]"),
    ),
    found(
        "layers in reverse order",
        "Your fractions run from the last ReLU to the first. Go through the layers in the order of the model, "
        "and append each fraction at the end of the list. (Is the loop or the list reversed?)",
        ("(nn.ReLU,))]", "(nn.ReLU,))][::-1]"),
    ),
    found(
        "divided by the number of examples",
        "You divide the number of dead nodes by the number of examples. The share is one of nodes: divide by how many the layer has.",
        (SHARE, "_off_for_all(output).double().sum().item() / (output.numel() // output.shape[-1])"),
    ),
    found(
        "divided by all values",
        "You divide the number of dead nodes by examples × nodes, all values there are. The share is one of nodes: divide by how many the layer "
        "has.",
        (SHARE, "_off_for_all(output).double().sum().item() / output.numel()"),
    ),
    found(
        "in percent",
        "You return percent: a share lies between 0 and 1.",
        (SHARE, "100 * _mean(_off_for_all(output))"),
    ),
    found(
        "only the first example looked at",
        "You look at the first example only. A node is dead if it is 0 for every example of the batch.",
        (SHARE, "_mean(_off_for_all(output[:1]))"),
    ),
    found(
        "only the last example looked at",
        "You look at the last example only. A node is dead if it is 0 for every example of the batch.",
        (SHARE, "_mean(_off_for_all(output[-1:]))"),
    ),
    found(
        "whole layers counted",
        "Your number is 1 where all nodes of a layer are dead and 0 elsewhere. The share of its nodes is asked for.",
        (SHARE, "float(_off_for_all(output).all())"),
    ),
    found(
        "small values counted as dead",
        "You count nodes as dead whose values are small (below 0.01, say). Small is not dead: a dead node is exactly 0 for every example.",
        (SHARE, "_mean((output < 0.01).all(dim=0))"),
    ),
    found(
        "small means counted as dead",
        "You count nodes as dead whose mean is small (below 0.01, say). Small is not dead: a dead node is exactly 0 for every example.",
        (SHARE, "_mean(output.mean(dim=0) < 0.01)"),
    ),
    found(
        "one number for all layers",
        "You return one number for all layers together. A list is asked for, with one number for each ReLU.",
        ("return [", "parts = ["),
        ("(nn.ReLU,))]", "(nn.ReLU,))]\n    return sum(parts) / len(parts)"),
    ),
]

SAYING = [
    said(
        "exactly half counts as more",
        "Exactly 0.5 is not above 0.5. Compare with >, not with >=.",
        ("max(fractions) > 0.5", "max(fractions) >= 0.5"),
    ),
    said(
        "exactly 0.3 counts as more",
        "A first layer at exactly 0.3 is not above 0.3. Compare with >, not with >=.",
        ("fractions[0] > 0.3", "fractions[0] >= 0.3"),
    ),
    said(
        "exactly 0.1 counts as more",
        "A last layer at exactly 0.1 is not above 0.1. Compare with >, not with >=.",
        ("fractions[-1] > 0.1", "fractions[-1] >= 0.1"),
    ),
    said(
        "mean instead of the worst layer",
        "You compare the mean of the fractions with 0.5. One dead layer blocks the signal whatever the others do: look for any above 0.5.",
        ("max(fractions) > 0.5", "sum(fractions) / len(fractions) > 0.5"),
    ),
    said(
        "all layers above 0.5",
        "You say use_leaky_relu only when all layers are above 0.5. One is enough: any.",
        ("max(fractions) > 0.5", "min(fractions) > 0.5"),
    ),
    said(
        "only the last layer asked for 0.5",
        "You compare the last layer with 0.5: any layer above it is enough.",
        ("max(fractions) > 0.5", "fractions[-1] > 0.5"),
    ),
    said(
        "any layer above 0.3",
        "You say reinitialize when any layer is above 0.3: this rule is about the first layer only.",
        ("fractions[0] > 0.3", "max(fractions) > 0.3"),
    ),
    said(
        "the last layer instead of the first",
        "You compare the last layer with 0.3: this rule is about the first one.",
        ("fractions[0] > 0.3", "fractions[-1] > 0.3"),
    ),
    said(
        "mean instead of the first layer",
        "You compare the mean of the fractions with 0.3: this rule is about the first layer.",
        ("fractions[0] > 0.3", "sum(fractions) / len(fractions) > 0.3"),
    ),
    said(
        "equal layers pass for growing",
        "You let two layers of the same fraction pass for growing. Every layer has to have more than the one before.",
        ("later > earlier", "later >= earlier"),
    ),
    said(
        "falling instead of growing",
        "You ask whether the fractions fall from layer to layer. They have to grow.",
        ("later > earlier", "later < earlier"),
    ),
    said(
        "the first layer has to be above 0, too",
        "You compare the first layer with 0, as if a layer of fraction 0 stood before it. [0, 0.2] grows: compare each layer with the one before "
        "it, beginning with the second.",
        (GROWING, GROWING.replace("pairwise(fractions)", "pairwise([0, *fractions])")),
    ),
    said(
        "only first and last compared",
        "You compare the last layer with the first. Every layer has to have more than the one before it.",
        (GROWING, "(len(fractions) == 1 or fractions[-1] > fractions[0])"),
    ),
    said(
        "only the last two compared",
        "You compare the last layer with the one before it only. Every layer has to have more than the one before it.",
        (GROWING, "(len(fractions) == 1 or fractions[-1] > fractions[-2])"),
    ),
    said(
        "only the first two compared",
        "You compare the first two layers only, often because a return is inside the loop. Every layer has to "
        "have more than the one before it.",
        (GROWING, "(len(fractions) == 1 or fractions[1] > fractions[0])"),
    ),
    said(
        "one step up is enough",
        "One layer with more than the one before is not enough: every one has to have more.",
        (GROWING, "(len(fractions) == 1 or any(later > earlier for earlier, later in pairwise(fractions)))"),
    ),
    said(
        "growth not asked for",
        "You say reduce_learning_rate whenever the last layer is above 0.1. The fractions have to grow from layer to layer, too.",
        (GROWING + " and ", ""),
    ),
    said(
        "growth alone",
        "You say reduce_learning_rate whenever fractions grow. The last layer has to be above 0.1, too.",
        (" and fractions[-1] > 0.1", ""),
    ),
    said(
        "growth or 0.1",
        "You say reduce_learning_rate when the fractions grow or the last is above 0.1. Both have to hold: and.",
        (" and fractions[-1] > 0.1", " or fractions[-1] > 0.1"),
    ),
    said(
        "the first layer asked for 0.1",
        "You compare the first layer with 0.1: in this rule it is the last one.",
        ("fractions[-1] > 0.1", "fractions[0] > 0.1"),
    ),
    said(
        "the first rule missing",
        "You never return use_leaky_relu. Ask first whether any layer is above 0.5.",
        (FIRST_RULE, ""),
    ),
    said(
        "the second rule missing",
        ("You never return reinitialize. Return it if the fraction of the first layer is above 0.3."),
        (SECOND_RULE, ""),
    ),
    said(
        "the third rule missing",
        "You never return reduce_learning_rate. Return it if the fractions grow from layer to layer and the last "
        "is above 0.1.",
        (THIRD_RULE, ""),
    ),
    said(
        "the first layer asked before the worst",
        "You ask whether the first layer is above 0.3 before you ask whether any is above 0.5. The first yes decides, so the order matters.",
        (FIRST_RULE + SECOND_RULE, SECOND_RULE + FIRST_RULE),
    ),
    said(
        "growth asked first",
        "You ask whether the fractions grow before you ask for 0.5 and 0.3. The first yes decides, so the order matters.",
        (FIRST_RULE + SECOND_RULE + THIRD_RULE, THIRD_RULE + FIRST_RULE + SECOND_RULE),
    ),
    said(
        "growth asked before the first layer",
        "You ask whether the fractions grow before you ask whether the first layer is above 0.3. The first yes decides, so the order matters.",
        (SECOND_RULE + THIRD_RULE, THIRD_RULE + SECOND_RULE),
    ),
    said(
        "healthy asked for first",
        "You say healthy when no layer, or the last one, is above some bound, before you ask the other questions. healthy comes last.",
        (THIRD_RULE, 'if max(fractions) < 0.3:\n        return "healthy"\n    ' + THIRD_RULE),
    ),
    said(
        "use_leaky_relu and reinitialize exchanged",
        "You say reinitialize where use_leaky_relu is right, and the other way round.",
        (
            FIRST_RULE + SECOND_RULE,
            (FIRST_RULE + SECOND_RULE)
            .replace("use_leaky_relu", "-")
            .replace("reinitialize", "use_leaky_relu")
            .replace("-", "reinitialize"),
        ),
    ),
]

MISTAKES = [*FINDING, *SAYING]
