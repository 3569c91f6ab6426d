"""Initialisation: random weights of the right size, and what becomes of a signal with others."""

from __future__ import annotations

import math
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.initialisation.mistakes import MISTAKES
from groundup.exercises.strategies import SEEDS
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise, Observation

# So many, that the mean of their spreads strays by a thirtieth from one lot to the next.
NETWORKS, DEEP_NETWORKS = 150, 24
# By how much the logarithm of a layer's factor changes to the next layer, at most, where both have the same weights and
# the signal has settled.
SETTLED = 0.01
SILENT = "0 in some networks: no node lets anything through"
# An example of one to seven numbers has none above 0 in a seventh of the networks; a layer of six nodes and more
# returns only zeros in one of 300.
OFTEN = 0.06


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

    def observe(answer: Answer, fan_in: int, fan_out: int, seed: int) -> Observation:
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
        return Observation(value, remark=remark if alike else "")

    return observe


# Runs beside the answer: see `groundup.exercises.repeating`. A seed set inside would make all networks alike.
REPEATER = """
import sys

def make():
    runner = sys._getframe(1).f_locals["self"]
    torch = sys.modules["torch"]

    def repeat(names, times, num_layers, input_dim, hidden_dim, init_type):
        check = runner.find(names)
        kept, torch.manual_seed = torch.manual_seed, lambda seed: torch.default_generator
        try:
            return [
                [float(one) for one in check(num_layers, input_dim + time % 7, hidden_dim + time % 5, init_type)]
                for time in range(times)
            ]
        finally:
            torch.manual_seed = kept

    return repeat
"""


def follow(answer: Answer, times: int, *case: Any) -> list[list[float]]:
    """Return the spreads that many networks give, all of about one size."""
    handle = answer.given(REPEATER)
    return [list(one) for one in answer.use(handle, list(answer.entries["check_activations"]), times, *case, seed=1)]


def look_at_spreads(answer: Answer, num_layers: int, input_dim: int, hidden_dim: int, init_type: str) -> dict[str, Any]:
    """Return the spread behind each layer, on average over many networks; no number where it often is none.

    Where some networks let nothing through, the others stray too far for an average to tell one kind from another.
    """
    networks = follow(answer, NETWORKS, num_layers, input_dim, hidden_dim, init_type)
    layers = list(zip(*networks, strict=True))
    return {
        f"behind layer {number}": SILENT if layer.count(0.0) > NETWORKS / 10 else sum(layer) / NETWORKS
        for number, layer in enumerate(layers, 1)
    }


def look_at_hidden_layers(answer: Answer, num_layers: int, input_dim: int, hidden_dim: int, init_type: str) -> Any:
    """Tell whether all hidden layers share their weights: their factors then settle, from layer to layer, at one."""
    changes = []
    for spreads in follow(answer, DEEP_NETWORKS, num_layers, input_dim, hidden_dim, init_type):
        if len(spreads) > 2 and min(spreads[-3:]) > 0:
            first, second, third = (math.log(spread) for spread in spreads[-3:])
            changes.append(abs(third - 2 * second + first))
    if len(changes) < DEEP_NETWORKS // 4:
        return "cannot be told"
    return "the same in all" if sorted(changes)[len(changes) // 4] < SETTLED else "fresh in each"


def look_at_zeros(answer: Answer, num_layers: int, input_dim: int, hidden_dim: int, init_type: str) -> str:
    """Tell whether the first layer often returns only zeros, as it does where the example itself is cut off at 0."""
    networks = follow(answer, NETWORKS, num_layers, input_dim, hidden_dim, init_type)
    return "often" if sum(one[0] == 0 for one in networks) > OFTEN * NETWORKS else "hardly ever"


def look_at_length(answer: Answer, num_layers: int, input_dim: int, hidden_dim: int, init_type: str) -> int:
    """Return how many figures there are."""
    return len(list(answer.call("check_activations", num_layers, input_dim, hidden_dim, init_type)))


INITS = st.sampled_from(["xavier", "kaiming", "random"])
SHAPES = st.tuples(st.integers(1, 6), st.integers(1, 6))
FANS = st.tuples(st.sampled_from([80, 120, 160]), st.sampled_from([80, 120]), SEEDS)
NETS: st.SearchStrategy[Case] = st.tuples(
    st.integers(1, 3), st.sampled_from([32, 96]), st.sampled_from([24, 32]), INITS
)
SMALL = st.tuples(st.integers(0, 4), st.integers(1, 5), st.integers(2, 5), INITS)


def sizes(*case: Any) -> dict[str, int]:
    """Return the sizes of a layer or a network."""
    if isinstance(case[-1], str):
        return {"L": case[0]}
    return {"fan_in": case[0], "fan_out": case[1]}


def benchmark_case() -> tuple[str, None, Case]:
    """Return the network to measure on."""
    return "check_activations", None, (5, 500, 500, "kaiming")


DRAWN = ("fan_in", "fan_out", "seed")

exercise = Exercise(
    name="initialisation",
    title="Initialization of weights",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c4_training.initialisation"],
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
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "the shape of Xavier's weights",
            "xavier_init",
            SHAPES,
            observer=look_at_shape("xavier_init"),
            edges=[(4, 3), (1, 1)],
            examples=10,
        ),
        Check(
            "the shape of Kaiming's weights",
            "kaiming_init",
            SHAPES,
            observer=look_at_shape("kaiming_init"),
            edges=[(4, 3), (1, 1)],
            examples=10,
        ),
        Check(
            "the distribution of Xavier's weights",
            "xavier_init",
            FANS,
            observer=look_at_draw("xavier_init"),
            arguments=DRAWN,
            edges=[(200, 50, 0)],
            examples=2,
            tolerance=0.05,
        ),
        Check(
            "the distribution of Kaiming's weights",
            "kaiming_init",
            FANS,
            observer=look_at_draw("kaiming_init"),
            arguments=DRAWN,
            edges=[(200, 50, 0)],
            examples=2,
            tolerance=0.05,
        ),
        Check(
            "one figure for each layer",
            "check_activations",
            SMALL,
            observer=look_at_length,
            edges=[(0, 3, 3, "xavier")],
            examples=10,
        ),
        Check(
            "the standard deviation after each layer",
            "check_activations",
            NETS,
            observer=look_at_spreads,
            edges=[(3, 96, 24, "kaiming"), (3, 32, 32, "xavier"), (2, 96, 24, "random")],
            examples=1,
            tolerance=0.2,
        ),
        Check(
            "how often a layer returns only zeros",
            "check_activations",
            st.just((1, 1, 6, "kaiming")),
            observer=look_at_zeros,
            edges=[(1, 1, 6, "kaiming")],
            examples=1,
        ),
        Check(
            "fresh weights in every layer",
            "check_activations",
            st.just((40, 6, 8, "random")),
            observer=look_at_hidden_layers,
            edges=[(40, 6, 8, "random")],
            examples=1,
        ),
    ],
    mistakes=MISTAKES,
)
