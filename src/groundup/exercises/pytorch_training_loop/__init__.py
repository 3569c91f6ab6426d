"""The training loop in PyTorch: what is learned, in which order things happen, and which examples each step sees."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.calling import name_nothing
from groundup.exercises.pytorch_training_loop.mistakes import MISTAKES
from groundup.exercises.strategies import SEEDS, random_tensors
from groundup.exercises.watched_training import PICK, WATCHED, is_cleared_too_late
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise

ARGUMENTS = ("inputs", "targets", "epochs", "batch_size", "the weight at first", "the optimizer's learning rate")


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the exercise's signature."""

    def train(
        model: Any, loss_function: Any, optimizer: Any, inputs: Any, targets: Any, epochs: int, batch_size: int
    ) -> Any:
        return step.train(model, loss_function, optimizer, inputs, targets, epochs, batch_size)

    return {"train": train}


def run(answer: Answer, table: Case, training: bool, seed: int = 0) -> tuple[Any, Any]:
    """Let an answer train a watched model; return it, and what the answer returned."""
    inputs, targets, epochs, size, weight, rate = table
    watched = answer.given(WATCHED, weight, rate, training)
    model, loss, optimizer = (answer.given(PICK, watched, name) for name in ("model", "loss_function", "optimizer"))
    got = answer.call("train", model, loss, optimizer, inputs, targets, epochs, size, seed=seed)
    return watched, got


def learn(answer: Answer, inputs: Any, targets: Any, epochs: int, weight: Any, rate: float) -> dict[str, Any]:
    """Return losses and weight after epochs of one batch each: the order of the examples makes no difference."""
    watched, losses = run(answer, (inputs, targets, epochs, len(inputs), weight, rate), training=True)
    return {"the losses": name_nothing(losses), "the weight after training": answer.method(watched, ["read_weight"])}


def watch_steps(
    answer: Answer, inputs: Any, targets: Any, epochs: int, size: int, weight: Any, rate: float
) -> dict[str, Any]:
    """Tell in which order things happen; clearing the gradients counts where it is needed, before they are computed."""
    watched, losses = run(answer, (inputs, targets, epochs, size, weight, rate), training=False)
    events = answer.method(watched, ["list_events"])
    steps: list[list[str]] = [[]]
    for event in events:
        if event[0] != "zero_grad":
            if event[0] == "predict" and steps[-1]:
                steps.append([])
            steps[-1].append(event[0])
    back = [event[1] for event in events if event[0] == "backward"]
    return {
        "steps": len(steps),
        "what happens in a step": sorted({", ".join(step) for step in steps}),
        "no old gradients at backward": all(back) if back else "no backward",
        "gradients cleared between backward and step": is_cleared_too_late(events),
        "trains in training mode": all(event[1] for event in events if event[0] == "predict"),
        "losses returned": len(losses) if isinstance(losses, list | tuple) else name_nothing(losses),
        "each loss is": list_kinds(losses),
    }


def list_kinds(losses: Any) -> Any:
    """Return which kinds of things a list holds."""
    if not isinstance(losses, list | tuple):
        return "no list"
    return sorted({"a number" if isinstance(loss, int | float) else "no plain number" for loss in losses})


def watch_examples(answer: Answer, rows: int, epochs: int, size: int, seed: int) -> dict[str, Any]:
    """Tell which examples come in which steps."""
    import torch

    inputs = torch.arange(rows, dtype=torch.float32)[:, None]
    watched, _ = run(answer, (inputs, 100 + inputs[:, 0], epochs, size, torch.zeros(1), 0.0), True, seed)
    events = answer.method(watched, ["list_events"])
    batches = [[int(row[0]) for row in event[2]] for event in events if event[0] == "predict"]
    targets = [[int(one) - 100 for one in event[2].flatten()] for event in events if event[0] == "loss"]
    per_epoch = -(-rows // size)
    starts = range(0, len(batches), per_epoch)
    passes = [[row for batch in batches[start : start + per_epoch] for row in batch] for start in starts]
    return {
        "examples in the batches": [len(batch) for batch in batches],
        "every example once per epoch": all(sorted(one) == list(range(rows)) for one in passes),
        "the order is random": any(one != sorted(one) for one in passes),
        "each epoch has an order of its own": len({tuple(one) for one in passes}) == len(passes),
        "targets belong to their inputs": batches == targets,
        # The weight is 0, so every prediction is.
        "the loss is given the prediction first": not any(event[1].any() for event in events if event[0] == "loss"),
    }


@st.composite
def tables(draw: st.DrawFn) -> Case:
    """Draw examples, epochs, a first weight and a learning rate."""
    rows, features = draw(st.integers(1, 6)), draw(st.integers(1, 3))
    scale = draw(st.sampled_from([1.0, 0.1, 2.0]))
    inputs, targets = draw(random_tensors(rows, features)), draw(random_tensors(rows))
    rate = draw(st.sampled_from([0.1, 0.01, 0.03]))
    return scale * inputs, targets, draw(st.integers(1, 4)), draw(random_tensors(features)), rate


@st.composite
def batched(draw: st.DrawFn) -> Case:
    """Draw examples with a batch size, which need not divide their number."""
    inputs, targets, epochs, weight, rate = draw(tables())
    return inputs, targets, epochs, draw(st.integers(1, 4)), weight, rate


def worked(epochs: int) -> Case:
    """Return the statement's example."""
    import torch

    return torch.tensor([[1.0], [2.0]]), torch.tensor([2.0, 4.0]), epochs, torch.zeros(1), 0.1


def several(rows: int, epochs: int, size: int) -> Case:
    """Return a case of several batches."""
    import torch

    draw = torch.Generator().manual_seed(rows)
    inputs, targets = torch.randn(rows, 2, generator=draw), torch.randn(rows, generator=draw)
    return inputs, targets, epochs, size, torch.ones(2), 0.05


exercise = Exercise(
    name="pytorch-training-loop",
    title="The training loop in PyTorch",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c4_training.training_loop"],
    reference=reference,
    entries={"train": ["train", "fit"]},
    tolerance=1e-4,
    libraries=("numpy", "torch"),
    checks=[
        # First, since where targets belong to other inputs, losses are chance.
        Check(
            "which examples each step sees",
            "train",
            # So many that two orders are equal, or one is sorted, in no more than one case in 40,000.
            st.tuples(st.integers(9, 12), st.integers(2, 3), st.integers(2, 5), SEEDS),
            observer=watch_examples,
            edges=[(10, 2, 4, 0), (9, 3, 3, 1)],
            examples=5,
            arguments=("number of examples", "epochs", "batch_size", "seed"),
        ),
        Check(
            "losses and weight where a batch holds all examples",
            "train",
            tables(),
            observer=learn,
            edges=[worked(2), worked(1), worked(5)],
            examples=16,
            arguments=("inputs", "targets", "epochs", "the weight at first", "the optimizer's learning rate"),
        ),
        Check(
            "what happens in a step",
            "train",
            batched(),
            observer=watch_steps,
            edges=[several(5, 2, 2), several(4, 3, 4), several(3, 1, 1)],
            examples=6,
            arguments=ARGUMENTS,
        ),
    ],
    mistakes=MISTAKES,
)
