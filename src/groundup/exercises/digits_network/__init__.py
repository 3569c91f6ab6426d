"""The network that reads digits."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.strategies import SEEDS, random_tensors
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake
from groundup.judge.module_check import ModuleCheck

NAME = "Solution"


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step with the course's sigmoid at its end, and with logits."""
    return {NAME: lambda: step.DigitNetwork(head="sigmoid"), "logits": lambda: step.DigitNetwork(head="logits")}


def drop_in_training(answer: Answer, seed: int) -> dict[str, Any]:
    """Tell what dropout does to ten hidden nodes that are 1, which the ten scores pass on, 0.5 added."""
    import torch

    network = answer.make(NAME, seed=seed)
    answer.fill(network, {name: pass_on(value) for name, value, _ in answer.parameters(network)})
    pictures = torch.ones(400, 784)
    passes = []
    for mode in (False, True):
        answer.mode(network, mode)
        passes += [answer.use(network, pictures, seed=seed + number).detach() for number in (1, 2)]
    squashed = abs(passes[0][0, 0].item() - 1.5) > 0.1
    first, second = (scores.logit(eps=1e-6) if squashed else scores for scores in passes[2:])
    off = first < 1.0
    share = off.double().mean().item()
    return {
        "two passes agree in evaluation": torch.equal(passes[0], passes[1]),
        "two passes drop the same nodes in training": share > 0 and torch.equal(first, second),
        "all pictures of a batch lose the same nodes": share > 0 and bool((off == off[0]).all()),
        # So many draws stray from 0.2 by less than this, but for once in millions.
        "share of hidden nodes that are off": "about 0.2" if abs(share - 0.2) < 0.035 else f"about {share:.1f}",
        "what the scores are in training": sorted({round(score, 2) for score in first.flatten().tolist()})[:4],
    }


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


CASES: st.SearchStrategy[Case] = st.tuples(st.just(()), st.tuples(random_tensors(3, 784)), SEEDS)
FORWARD, SHOWN = "DigitNetwork.forward", ("built with", "images", "seed")
HIDDEN = "self.relu(self.first_linear(images))"
RESULT = 'return sigmoid(scores) if self.head == "sigmoid" else scores'

exercise = Exercise(
    name="digits-network",
    title="The network that reads digits",
    room="pytorch",
    folder=Path(__file__).parent,
    modules=["groundup.steps.digits"],
    reference=reference,
    entries={NAME: [NAME, "DigitNetwork", "DigitRecognizer", "Net"]},
    rounding=4,
    tolerance=1e-4,
    libraries=("numpy", "torch"),
    after=["linear", "dropout"],
    checks=[
        ModuleCheck("what the network answers", NAME, CASES, examples=5, arguments=SHOWN, variants=("logits",)),
        ModuleCheck(
            "its gradients",
            NAME,
            CASES,
            examples=2,
            arguments=SHOWN,
            gradients=True,
            variants=("logits",),
            tolerance=1e-3,
        ),
        Check(
            "dropout in training, and only there",
            NAME,
            st.tuples(SEEDS),
            observe=drop_in_training,
            examples=2,
            arguments=("seed",),
        ),
    ],
    mistakes=[
        Mistake(
            "ReLU forgotten",
            "There is no ReLU between your layers: both together are then only one linear layer.",
            [Edit(HIDDEN, "self.first_linear(images)", FORWARD)],
        ),
        Mistake(
            "sigmoid instead of ReLU",
            "You squash the hidden layer with a sigmoid: ReLU is asked for there.",
            [Edit(HIDDEN, "sigmoid(self.first_linear(images))", FORWARD)],
        ),
        Mistake(
            "softmax instead of the sigmoid",
            "Your ten outputs add up to one: that is a softmax. The network of the course ends in a sigmoid of each.",
            [Edit(RESULT, "return scores.softmax(dim=-1)", FORWARD)],
        ),
        Mistake(
            "ReLU at the end",
            "You cut the outputs off at 0: at the end stands the sigmoid (or nothing, for logits).",
            [Edit(RESULT, "return self.relu(scores)", FORWARD)],
        ),
        Mistake(
            "sigmoid twice",
            "You squash the outputs twice.",
            [Edit(RESULT, "return sigmoid(sigmoid(scores))", FORWARD)],
        ),
        Mistake(
            "dropout forgotten",
            "Nothing is dropped in training: dropout of 0.2 stands behind the ReLU.",
            [Edit("self.second_linear(self.drop(hidden))", "self.second_linear(hidden)", FORWARD)],
        ),
        Mistake(
            "dropout active in evaluation",
            "You drop in evaluation as well: nn.Dropout as a layer switches itself off.",
            [Edit("self.drop(hidden)", "nn.functional.dropout(hidden, 0.2, True)", FORWARD)],
        ),
        Mistake(
            "seed fixed inside forward",
            "You set the seed inside forward, so that the same nodes are off at every step: that is no dropout.",
            [Edit(f"hidden = {HIDDEN}", f"__import__('torch').manual_seed(0)\n        hidden = {HIDDEN}", FORWARD)],
        ),
        Mistake(
            "half of the nodes off",
            "You drop with probability 0.5: 0.2 is asked for.",
            [Edit("Dropout(dropout)", "Dropout(0.5)", "DigitNetwork.__init__")],
        ),
        Mistake(
            "dropout of 0.8",
            "You drop with probability 0.8: 0.2 is the share of the nodes that are off, not of those that stay on.",
            [Edit("Dropout(dropout)", "Dropout(0.8)", "DigitNetwork.__init__")],
        ),
        Mistake(
            "pixels dropped",
            "You drop pixels: dropout stands behind the ReLU, on the 512 hidden nodes.",
            [
                Edit(HIDDEN, "self.relu(self.first_linear(self.drop(images)))", FORWARD),
                Edit("self.second_linear(self.drop(hidden))", "self.second_linear(hidden)", FORWARD),
            ],
        ),
        Mistake(
            "scores dropped",
            "You drop scores, so a digit's answer is missing at random: dropout stands behind the ReLU, on the 512 hidden nodes.",
            [Edit("self.second_linear(self.drop(hidden))", "self.drop(self.second_linear(hidden))", FORWARD)],
        ),
        Mistake(
            "256 hidden nodes",
            "Your hidden layer has 256 nodes: 512 are asked for.",
            [Edit("hidden: int = 512", "hidden: int = 256", "DigitNetwork.__init__")],
        ),
        Mistake(
            "bias left out",
            "Your linear layers have no bias: leave it on, as nn.Linear does by itself.",
            [
                Edit("Linear(features, hidden)", "Linear(features, hidden, bias=False)", "DigitNetwork.__init__"),
                Edit("Linear(hidden, classes)", "Linear(hidden, classes, bias=False)", "DigitNetwork.__init__"),
            ],
        ),
        Mistake(
            "detached",
            "The output is right, but no gradient reaches the first layer: something is detached or computed under no_grad.",
            [Edit("self.drop(hidden)", "self.drop(hidden.detach())", FORWARD)],
        ),
    ],
)
