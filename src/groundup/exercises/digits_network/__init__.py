"""The network that reads digits."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.chance import fits
from groundup.exercises.digits_network.mistakes import MISTAKES
from groundup.exercises.module_checks import SEEDED_FORWARD, LearningCheck, take_output
from groundup.exercises.strategies import SEEDS, random_tensors
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise, Observation
from groundup.judge.module_check import ModuleCheck

NAME = "Solution"


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step with the course's sigmoid at its end, and with logits."""
    return {NAME: lambda: step.DigitNetwork(head="sigmoid"), "logits": lambda: step.DigitNetwork(head="logits")}


PICTURES = 320
# What the module's own flag says, asked beside it.
MODE = """
def make(module):
    return int(module.training)
"""


def drop_in_training(answer: Answer, seed: int) -> Observation:
    """Tell what dropout does to ten hidden nodes that are 1, which the ten scores pass on, 0.5 added."""
    import torch

    network = answer.make(NAME, seed=seed)
    answer.fill(network, {name: pass_on(value) for name, value, _ in answer.parameters(network)})
    pictures = torch.ones(PICTURES, 784)
    passes, modes = [], []
    for mode in (False, True):
        answer.mode(network, mode)
        passes += [take_output(answer.use(network, pictures, seed=seed + number)) for number in (1, 2)]
        modes.append(answer.method(answer.given(MODE, network), ["__int__"]) == int(mode))
    if any(scores.shape != (PICTURES, 10) for scores in passes):
        return Observation({"shape": list(passes[2].shape[1:])})
    calm = torch.equal(passes[0], passes[1])
    squashed = abs(passes[0][0, 0].item() - 1.5) > 0.1
    first, second = (scores.logit(eps=1e-6) if squashed else scores for scores in passes[2:])
    off = first < 0.95
    share = off.double().mean().item()
    told: dict[str, Any] = {
        "two passes agree in evaluation": calm,
        "each call leaves the mode as it was": all(modes),
        "share of hidden nodes that are off": format_share(int(off.sum()), off.numel()),
        "what the scores are in training": sorted({round(score, 2) for score in first.flatten().tolist()})[:4],
    }
    if 0 < share < 1:
        told["all pictures of a batch lose the same nodes"] = bool((off == off[0]).all())
        told["all nodes of a picture are lost together"] = bool((off == off[:, :1]).all())
    seeded = 0 < share < 1 and torch.equal(first, second)
    return Observation(told, remark=SEEDED_FORWARD if seeded else "")


def format_share(off: int, count: int) -> str:
    """Return the share that is off in words: the right one where chance explains it, else to the nearest twentieth."""
    return "about 0.2" if fits([off, count - off], [0.2, 0.8]) else f"about {round(20 * off / count) / 20:g}"


def pass_on(weight: Any) -> Any:
    """Return values with which a hidden node is the mean of two pixels, a score one hidden node and 0.5."""
    import torch

    if weight.numel() == 10:
        return torch.full_like(weight, 0.5)
    if weight.ndim < 2:
        return torch.zeros_like(weight)
    # However the weights lie, (in, out) or (out, in).
    one = torch.eye(*weight.shape)
    return one if 10 in weight.shape else (one + one.roll(1, list(weight.shape).index(max(weight.shape)))) / 2


@st.composite
def cases(draw: st.DrawFn, sizes: tuple[float, ...] = (1.0, 0.3, 2.5)) -> Case:
    """Draw one picture or several, of values of one of these sizes."""
    size = draw(st.sampled_from(sizes))
    return (), (draw(random_tensors(draw(st.sampled_from([3, 1, 2])), 784)) * size,), draw(SEEDS)


def fixed_case(count: int) -> Case:
    """Return a case of some pictures."""
    import torch

    return (), (torch.randn(count, 784, generator=torch.Generator().manual_seed(count)),), 3


SHOWN = ("built with", "images", "seed")

exercise = Exercise(
    name="digits-network",
    title="The network that reads digits",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c4_training.digits"],
    reference=reference,
    entries={NAME: [NAME, "DigitNetwork", "DigitRecognizer", "Net"]},
    rounding=4,
    tolerance=1e-4,
    libraries=("numpy", "torch"),
    checks=[
        ModuleCheck(
            "what the network answers",
            NAME,
            cases(),
            [fixed_case(1), fixed_case(3)],
            examples=4,
            arguments=SHOWN,
            variants=("logits",),
        ),
        # Small scores: 1 / (1 + exp(-z)) by hand is right, but below z = -88 its gradient is no number.
        LearningCheck("its gradients", NAME, cases((0.3, 0.1)), examples=2, arguments=SHOWN, variants=("logits",)),
        Check(
            "dropout in training, and only there",
            NAME,
            st.tuples(SEEDS),
            observer=drop_in_training,
            examples=1,
            arguments=("seed",),
            edges=[(1,), (2,)],
        ),
    ],
    mistakes=MISTAKES,
)
