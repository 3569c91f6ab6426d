"""Initialisation: random weights of the right size, and what becomes of a signal with others."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.strategies import SEEDS
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake, Observed

NETWORKS = 6


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {
        "xavier_init": step.xavier_init,
        "kaiming_init": step.kaiming_init,
        "check_activations": step.check_activations,
    }


def as_weights(drawn: Any) -> Any:
    """Return what was drawn as a tensor, whether it came as one, as an array or as lists."""
    import torch

    return torch.as_tensor(drawn, dtype=torch.float64)


def name_kind(numbers: Any, spread: float) -> str:
    """Name the distribution that numbers come from, by how far they lie from their mean, on average."""
    if spread == 0:
        return "all equal"
    distance = float((numbers - numbers.mean()).abs().mean()) / spread
    kinds = {"normal": 0.798, "uniform": 0.866}
    return next(
        (kind for kind, wanted in kinds.items() if abs(distance - wanted) < 0.034), "neither normal nor uniform"
    )


def look_at_shape(name: str) -> Any:
    """Return an observation of the shape of what one function draws."""
    return lambda answer, fan_in, fan_out: str(tuple(as_weights(answer.call(name, fan_in, fan_out)).shape))


def look_at_draw(name: str) -> Any:
    """Return an observation of the distribution that one function draws from."""

    def observe(answer: Answer, fan_in: int, fan_out: int, seed: int) -> Observed:
        first = as_weights(answer.call(name, fan_in, fan_out, seed=seed))
        again = [as_weights(answer.call(name, 4, 3, seed=number)) for number in (1, 2)]
        spread = float(first.std())
        # So many numbers stray from their mean by less than this, but for once in millions.
        centred = bool(abs(first.mean()) < 0.06 * spread)
        value = {
            "mean": "about 0" if centred else f"{float(first.mean()):.2g}",
            "standard deviation": spread,
            "kind of numbers": name_kind(first, spread),
            "all rows are equal": str(bool((first == first[:1]).all())),
        }
        remark = (
            f"Your {name} sets the seed itself, so that two layers of one size start out equal. That is accepted here; "
            "in a network, leave the seed to the caller."
        )
        alike = spread > 0 and again[0].shape == again[1].shape and bool((again[0] == again[1]).all())
        return Observed(value, remark=remark if alike else "")

    return observe


def look_at_spreads(answer: Answer, num_layers: int, input_dim: int, hidden_dim: int, init_type: str) -> dict[str, Any]:
    """Return the spread behind each layer, on average over some networks.

    Their sizes differ a little, so that they differ even where the answer sets the seed.
    """
    sums = [0.0] * num_layers
    for number in range(NETWORKS):
        sizes = input_dim + 37 * number, hidden_dim + 11 * number
        spreads = answer.call("check_activations", num_layers, *sizes, init_type, seed=number)
        sums = [total + float(spread) for total, spread in zip(sums, spreads, strict=True)]
    return {f"behind layer {number}": total / NETWORKS for number, total in enumerate(sums, 1)}


def look_at_length(answer: Answer, num_layers: int, input_dim: int, hidden_dim: int, init_type: str) -> int:
    """Return how many figures there are."""
    return len(list(answer.call("check_activations", num_layers, input_dim, hidden_dim, init_type)))


INITS = st.sampled_from(["xavier", "kaiming", "random"])
SHAPES = st.tuples(st.integers(1, 6), st.integers(1, 6))
FANS = st.tuples(st.sampled_from([80, 120, 160]), st.sampled_from([80, 120]), SEEDS)
NETS: st.SearchStrategy[Case] = st.tuples(
    st.integers(1, 3), st.sampled_from([200, 600]), st.sampled_from([300, 500]), INITS
)
SMALL = st.tuples(st.integers(0, 4), st.integers(1, 5), st.integers(2, 5), INITS)


def sizes(*case: Any) -> dict[str, int]:
    """Return the sizes of a layer or a network."""
    if isinstance(case[-1], str):
        return {"L": case[0]}
    return {"fan_in": case[0], "fan_out": case[1]}


def both(old: str, new: str) -> list[Edit]:
    """Make one change in both functions that draw, with DEVIATION for what they multiply by."""
    names = {"xavier_init": "xavier_deviation(fan_in, fan_out)", "kaiming_init": "kaiming_deviation(fan_in)"}
    return [Edit(old.replace("DEVIATION", d), new.replace("DEVIATION", d), name) for name, d in names.items()]


def large() -> tuple[str, None, Case]:
    """Return the network to measure on."""
    return "check_activations", None, (5, 500, 500, "kaiming")


DRAWN = ("fan_in", "fan_out", "seed")
XAVIER, KAIMING, SPREAD = "xavier_deviation", "kaiming_deviation", "measure_spread"

exercise = Exercise(
    name="initialisation",
    title="Initialisation of weights",
    room="foundations",
    folder=Path(__file__).parent,
    modules=["groundup.steps.initialisation"],
    reference=reference,
    entries={
        "xavier_init": ["xavier_init"],
        "kaiming_init": ["kaiming_init"],
        "check_activations": ["check_activations"],
    },
    # Not the uniform ones: nn.Linear calls them, and their numbers are of the wrong distribution anyway.
    forbidden=["torch.nn.init.xavier_normal_", "torch.nn.init.kaiming_normal_"],
    libraries=("numpy", "torch"),
    sizes=sizes,
    large=large,
    after=["neuron"],
    checks=[
        Check(
            "the shape of Xavier's weights",
            "xavier_init",
            SHAPES,
            observe=look_at_shape("xavier_init"),
            edges=[(4, 3), (1, 1)],
            examples=10,
        ),
        Check(
            "the shape of Kaiming's weights",
            "kaiming_init",
            SHAPES,
            observe=look_at_shape("kaiming_init"),
            edges=[(4, 3), (1, 1)],
            examples=10,
        ),
        Check(
            "the distribution of Xavier's weights",
            "xavier_init",
            FANS,
            observe=look_at_draw("xavier_init"),
            arguments=DRAWN,
            edges=[(200, 50, 0)],
            examples=2,
            tolerance=0.05,
        ),
        Check(
            "the distribution of Kaiming's weights",
            "kaiming_init",
            FANS,
            observe=look_at_draw("kaiming_init"),
            arguments=DRAWN,
            edges=[(200, 50, 0)],
            examples=2,
            tolerance=0.05,
        ),
        Check(
            "one figure for each layer",
            "check_activations",
            SMALL,
            observe=look_at_length,
            edges=[(0, 3, 3, "xavier")],
            examples=10,
        ),
        Check(
            "the spread behind each layer",
            "check_activations",
            NETS,
            observe=look_at_spreads,
            edges=[(3, 200, 500, "kaiming"), (3, 600, 300, "xavier"), (2, 200, 300, "random")],
            examples=2,
            tolerance=0.2,
        ),
    ],
    mistakes=[
        Mistake(
            "Xavier's variance taken for the deviation",
            "You multiply Xavier's normal numbers by 2 / (fan_in + fan_out). That is the variance they shall have; multiplying by a "
            "number changes the variance by its square, so multiply by the root.",
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
            "You divide by fan_in · fan_out, all weights there are. A node adds up fan_in = {fan_in} products on the way forward, and its input "
            "gathers fan_out = {fan_out} slopes on the way back: Xavier takes the mean of the two, (fan_in + fan_out) / 2.",
            [Edit("fan_in + fan_out", "fan_in * fan_out", XAVIER)],
        ),
        Mistake(
            "Xavier with one fan only",
            "Your Xavier looks at fan_in alone. It is the middle between keeping the signal's size on the way forward (fan_in) and "
            "the gradient's on the way back (fan_out): both stand underneath.",
            [Edit("(fan_in + fan_out)", "fan_in", XAVIER)],
        ),
        Mistake(
            "Kaiming's variance taken for the deviation",
            "You multiply Kaiming's normal numbers by 2 / fan_in. That is the variance; multiply by its root.",
            [Edit("math.sqrt(2 / fan_in)", "(2 / fan_in)", KAIMING)],
        ),
        Mistake(
            "Kaiming without the 2",
            "Kaiming's weights are √2 too small. ReLU sets half of the numbers to 0 and so halves the signal's power: the 2 on "
            "top makes up for that.",
            [Edit("sqrt(2 /", "sqrt(1 /", KAIMING)],
        ),
        Mistake(
            "Kaiming with fan_out",
            "You divide Kaiming's 2 by fan_out = {fan_out}, the nodes. A node adds up fan_in = {fan_in} products, and its size "
            "depends on that number.",
            [Edit("kaiming_deviation(fan_in)", "kaiming_deviation(fan_out)", "kaiming_init")],
        ),
        Mistake(
            "Kaiming with both fans",
            "Your Kaiming divides by fan_in + fan_out, which is Xavier's. Kaiming keeps the size of the signal on the way forward: "
            "fan_in alone stands underneath.",
            [Edit("kaiming_deviation(fan_in)", "math.sqrt(2 / (fan_in + fan_out))", "kaiming_init")],
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
        Mistake(
            "uniform numbers instead of normal ones",
            "You draw uniformly between −1 and 1, times the deviation. Numbers drawn so have the deviation 1/√3, so the weights come "
            "out too small; draw from the normal distribution.",
            both("torch.randn(fan_out, fan_in)", "(2 * torch.rand(fan_out, fan_in) - 1)"),
        ),
        Mistake(
            "positive weights only",
            "All your weights are above 0: rand draws between 0 and 1. Then every node of a layer grows with every input. randn "
            "draws normal numbers around 0.",
            both("randn(fan_out, fan_in)", "rand(fan_out, fan_in)"),
        ),
        Mistake(
            "divided by the deviation",
            "You divide by the deviation instead of multiplying by it: the more inputs a node has, the smaller its weights shall be.",
            both("* DEVIATION", "/ DEVIATION"),
        ),
        Mistake(
            "no ReLU between the layers",
            "Your spreads are those of a network without ReLU: cut every layer's output off at 0 before you measure it and pass it on.",
            [Edit("torch.relu(x @ W.T)", "x @ W.T", SPREAD)],
        ),
        Mistake(
            "measured before the ReLU",
            "You measure what goes into the ReLU. What is asked for is the spread of what comes out, with its many zeros.",
            [
                Edit(
                    "x = torch.relu(x @ W.T)\n        spreads.append(x.std().item())",
                    "x = x @ W.T\n        spreads.append(x.std().item())\n        x = torch.relu(x)",
                    SPREAD,
                )
            ],
        ),
        Mistake(
            "mean instead of spread",
            "You return the mean of the activations. The standard deviation is asked for.",
            [Edit("x.std()", "x.mean()", SPREAD)],
        ),
        Mistake(
            "variance instead of spread",
            "You return the variance of the activations. The standard deviation is its root.",
            [Edit("x.std()", "x.var()", SPREAD)],
        ),
        Mistake(
            "the kind of initialisation ignored",
            "You draw Xavier's weights whatever init_type says.",
            [Edit("inits[init_type](", "xavier_init(", "check_activations")],
        ),
        Mistake(
            "random weights made small",
            'Your "random" weights are those of Xavier. They are meant to show what happens without: deviation 1, whatever the size.',
            [Edit('"random": random_init', '"random": xavier_init', "check_activations")],
        ),
        Mistake(
            "an input of positive numbers",
            "Your example holds numbers between 0 and 1 (rand), whose power is a third of that of normal ones (randn): all spreads "
            "come out too small.",
            [Edit("torch.randn(input_dim)", "torch.rand(input_dim)", "check_activations")],
        ),
        Mistake(
            "one layer too few",
            "You return a figure less than there are layers.",
            [Edit("range(num_layers)", "range(num_layers - 1)", "check_activations")],
        ),
    ],
)
