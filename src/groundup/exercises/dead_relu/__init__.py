"""Dead ReLUs: find them, and say what to do."""

from __future__ import annotations

import itertools
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.strategies import exact_tensors
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake

MODEL = """
from torch import nn

def make(layers):
    modules = []
    for weight, bias in layers:
        linear = nn.Linear(weight.shape[1], weight.shape[0])
        linear.weight.data, linear.bias.data = weight.clone(), bias.clone()
        modules += [linear, nn.ReLU()]
    return nn.Sequential(*modules[:-1])
"""


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {"detect_dead_neurons": step.detect_dead_neurons, "suggest_fix": step.suggest_fix}


def look_at_model(answer: Answer, layers: Any, x: Any) -> Any:
    """Build the model beside the answer, and return the fractions it finds."""
    return answer.call("detect_dead_neurons", answer.given(MODEL, layers), x)


@st.composite
def models(draw: st.DrawFn) -> Case:
    """Draw layers, a ReLU behind all but the last, and a batch; biases are low, so that nodes die."""
    widths = draw(st.lists(st.integers(1, 4), min_size=3, max_size=5))
    layers = [
        (draw(exact_tensors(nodes, inputs)), draw(exact_tensors(nodes, low=-3, high=1)))
        for inputs, nodes in itertools.pairwise(widths)
    ]
    return layers, draw(exact_tensors(draw(st.integers(1, 4)), widths[0]))


FRACTION = st.sampled_from([0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
FRACTIONS = st.lists(FRACTION, max_size=4) | st.lists(FRACTION, unique=True, min_size=2, max_size=4).map(sorted)


def worked() -> Case:
    """Return the example of the statement: layers and x."""
    import torch

    first = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0], [1.0, -1.0]]), torch.tensor([0.0, 0.0, 0.0, -2.0])
    last = torch.tensor([[1.0, 1.0, 1.0, 1.0]]), torch.tensor([-9.0])
    return [first, last], torch.tensor([[1.0, 2.0], [2.0, 0.0]])


DETECT, SUGGEST, OFF = "detect_dead_neurons", "suggest_fix", "_off_for_all"
GROWING = "all(later > earlier for earlier, later in pairwise(fractions))"

exercise = Exercise(
    name="dead-relu",
    title="Dead ReLUs",
    room="foundations",
    folder=Path(__file__).parent,
    modules=["groundup.steps.diagnostics"],
    reference=reference,
    entries={DETECT: [DETECT], SUGGEST: [SUGGEST]},
    rounding=4,
    libraries=("numpy", "torch"),
    after=["diagnostics"],
    checks=[
        Check(
            "the fraction of dead nodes behind each ReLU",
            DETECT,
            models(),
            observe=look_at_model,
            arguments=("layers", "x"),
            edges=[worked()],
        ),
        Check(
            "the fix",
            SUGGEST,
            st.tuples(FRACTIONS),
            edges=[
                ([0.1, 0.6],),
                ([0.4, 0.1],),
                ([0.05, 0.1, 0.2],),
                ([0.0, 0.2],),
                ([0.0, 0.0],),
                ([],),
                ([0.2],),
                ([0.5],),
                ([0.3, 0.1],),
                ([0.0, 0.1],),
                ([0.1, 0.1, 0.2],),
                ([0.1, 0.4],),
                ([0.3, 0.2],),
                ([0.05, 0.2, 0.15],),
                ([0.3, 0.1, 0.2],),
                ([0.4, 0.5],),
            ],
            examples=40,
        ),
    ],
    mistakes=[
        Mistake(
            "dead as soon as one example is off",
            "You count a node as dead if it is 0 for any example. It may rest for one and work for another: dead means 0 for every "
            "example of the batch.",
            [Edit(".all(dim=0)", ".any(dim=0)", OFF)],
        ),
        Mistake(
            "values counted instead of nodes",
            "You return the share of all values that are 0. Count nodes: first ask of each node (column) whether all its examples "
            "are 0, then take the share of the nodes.",
            [Edit(".all(dim=0)", "", OFF)],
        ),
        Mistake(
            "examples counted instead of nodes",
            "You ask of each example whether all its nodes are 0. It is the other way round: of each node (column), whether it is 0 "
            "for all examples (rows).",
            [Edit("all(dim=0)", "all(dim=1)", OFF)],
        ),
        Mistake(
            "looked for values below 0",
            "You look for values below 0 behind the ReLU: there are none. A dead node puts out exactly 0.",
            [Edit("output <= 0", "output < 0", OFF)],
        ),
        Mistake(
            "linear layers watched instead of ReLUs",
            "You return a figure for each linear layer. The last one has no ReLU behind it, and a negative output there is in good health: "
            "one figure for each ReLU.",
            [Edit("(nn.ReLU,)", "(nn.Linear,)", DETECT)],
        ),
        Mistake(
            "living share returned",
            "You return the share of nodes that live. The dead ones are asked for: one minus it.",
            [Edit("_mean(_off_for_all(output))", "_mean(~_off_for_all(output))", DETECT)],
        ),
        Mistake(
            "count instead of fraction",
            "You return how many nodes are dead. Divide by how many the layer has.",
            [Edit("_mean(_off_for_all(output))", "_off_for_all(output).double().sum().item()", DETECT)],
        ),
        Mistake(
            "divided by the number of examples",
            "You divide the number of dead nodes by the number of examples. The share is one of nodes: divide by how many the layer has.",
            [
                Edit(
                    "_mean(_off_for_all(output))",
                    "_mean(_off_for_all(output)) * output.shape[-1] / (output.numel() // output.shape[-1])",
                    DETECT,
                )
            ],
        ),
        Mistake(
            "layers in reverse order",
            "Your fractions run from the last ReLU to the first.",
            [Edit("(nn.ReLU,))]", "(nn.ReLU,))][::-1]", DETECT)],
        ),
        Mistake(
            "no layers at all not expected",
            "With an empty list you fail: no layers are healthy ones. Ask for that first.",
            [Edit("if not fractions:", "if fractions is None:", SUGGEST)],
        ),
        Mistake(
            "mean instead of the worst layer",
            "You compare the mean of the fractions with 0.5. One dead layer blocks the signal whatever the others do: look for any above 0.5.",
            [Edit("max(fractions) > 0.5", "sum(fractions) / len(fractions) > 0.5", SUGGEST)],
        ),
        Mistake(
            "exactly half counts as more",
            "Exactly 0.5 is not above 0.5 yet.",
            [Edit("max(fractions) > 0.5", "max(fractions) >= 0.5", SUGGEST)],
        ),
        Mistake(
            "exactly 0.3 counts as more",
            "A first layer at exactly 0.3 is not above 0.3 yet.",
            [Edit("fractions[0] > 0.3", "fractions[0] >= 0.3", SUGGEST)],
        ),
        Mistake(
            "any layer above 0.3",
            "You say reinitialize when any layer is above 0.3: this rule is about the first layer, before which only the input stands.",
            [Edit("fractions[0] > 0.3", "max(fractions) > 0.3", SUGGEST)],
        ),
        Mistake(
            "the last layer instead of the first",
            "You compare the last layer with 0.3: this rule is about the first one.",
            [Edit("fractions[0] > 0.3", "fractions[-1] > 0.3", SUGGEST)],
        ),
        Mistake(
            "equal layers pass for growing",
            "You let two layers of the same fraction pass for growing. Every layer has to have more than the one before.",
            [Edit("later > earlier", "later >= earlier", SUGGEST)],
        ),
        Mistake(
            "only first and last compared",
            "You compare the last layer with the first. Every layer has to have more than the one before it.",
            [Edit(GROWING, "(len(fractions) == 1 or fractions[-1] > fractions[0])", SUGGEST)],
        ),
        Mistake(
            "one step up is enough",
            "One layer with more than the one before is not enough: every one has to have more.",
            [
                Edit(
                    GROWING,
                    "(len(fractions) == 1 or any(later > earlier for earlier, later in pairwise(fractions)))",
                    SUGGEST,
                )
            ],
        ),
        Mistake(
            "growth not asked for",
            "You say reduce_learning_rate whenever the last layer is above 0.1. The fractions have to grow from layer to layer, too.",
            [Edit(GROWING + " and ", "", SUGGEST)],
        ),
        Mistake(
            "growth alone",
            "You say reduce_learning_rate whenever fractions grow. The last layer has to be above 0.1, too.",
            [Edit(" and fractions[-1] > 0.1", "", SUGGEST)],
        ),
        Mistake(
            "a single layer never grows",
            "With one layer you never say reduce_learning_rate. There is nothing to compare it with, so nothing speaks against growing: only 0.1 "
            "decides.",
            [Edit("if all(", "if len(fractions) > 1 and all(", SUGGEST)],
        ),
    ],
)
