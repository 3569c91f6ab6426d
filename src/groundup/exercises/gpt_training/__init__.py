"""Training a GPT: random windows, the next-token loss, AdamW."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.chance import fits, is_same_draw
from groundup.exercises.gpt_training.mistakes import BATCHES, MISTAKES
from groundup.exercises.strategies import SEEDS
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise, Observation

# A table of logits for every token, which keeps what it was asked for.
MODEL = """
import torch

class Table(torch.nn.Module):
    def __init__(self, logits):
        super().__init__()
        self.table = torch.nn.Parameter(logits.clone())
        self.asked, self.steps = [], []

    def forward(self, tokens):
        logits = self.table[tokens]
        self.asked.append(tokens.detach().clone())
        self.steps.append([self.training, torch.zeros(tokens.shape, dtype=torch.bool)])
        if logits.requires_grad:
            used = self.steps[-1][1]

            def note(slope):
                used.logical_or_((slope != 0).any(-1))

            logits.register_hook(note)
        return logits

    def list_windows(self):
        return self.asked

    def list_modes(self):
        return [mode for mode, _ in self.steps]

    def list_places(self):
        return [used for _, used in self.steps]

def make(logits):
    return Table(logits)
"""


def reference(loop: ModuleType, batches: ModuleType) -> dict[str, Any]:
    """Return the step under the course's signature."""

    def train(model: Any, data: Any, epochs: int, context_length: int, batch_size: int, lr: float) -> Any:
        return loop.train(model, data, epochs, context_length, batch_size, lr)

    return {"train": train}


def look_at_weights(
    answer: Answer, table: Any, data: Any, epochs: int, context_length: int, batch_size: int, lr: float
) -> dict[str, Any]:
    """Return the loss and the trained weights: with one possible window nothing is left to chance."""
    model = answer.given(MODEL, table)
    loss = answer.call("train", model, data, epochs, context_length, batch_size, lr)
    return {"the loss returned": loss, "the weights after it": answer.parameters(model)[0][1]}


def look_at_windows(
    answer: Answer, data: Any, context_length: int, batch_size: int, lr: float, seed: int
) -> dict[str, Any]:
    """Tell which windows so many steps are taken on, and what is learned from them."""
    import torch

    epochs, vocabulary = 25, len(data)
    model = answer.given(MODEL, torch.zeros(vocabulary, vocabulary))
    answer.call("train", model, data, epochs, context_length, batch_size, lr, seed=seed)
    asked = answer.method(model, ["list_windows"])
    modes, places = answer.method(model, ["list_modes"]), answer.method(model, ["list_places"])
    # No token comes twice, so a window's first token tells where it starts.
    where = {int(token): place for place, token in enumerate(data)}
    starts = [[where[int(row[0])] for row in rows] for rows in asked]
    every = sorted({start for row in starts for start in row})
    if len(every) > 1 and all(row == starts[0] for row in starts):
        told: Any = "the same windows at every step"
    elif len(every) > 1 and all(len(set(row)) == 1 for row in starts):
        told = "all windows of a batch at one place"
    elif len(every) > 1 and all(step == 1 for row in starts for step in np.diff(row)):
        told = "the windows of a batch one after the other"
    else:
        told = [f"at {start}" for start in every]
    rows = [row.tolist() for batch in asked for row in batch]
    whole = all(row == data[where[row[0]] :][: len(row)].tolist() for row in rows)
    return {
        "steps": len(asked),
        "windows and tokens in a batch": sorted({tuple(batch.shape) for batch in asked}),
        "where windows start": told,
        "every window is a piece of the text": whole,
        "trains in training mode": all(modes),
        "places in a window that the loss counts": bool(all(used.all() for used in places)),
    }


def look_at_steps(answer: Answer, data: Any, epochs: int, context_length: int, batch_size: int) -> dict[str, int]:
    """Return how many steps are taken on a text that holds several batches, so that a pass over it is not one step."""
    import torch

    model = answer.given(MODEL, torch.zeros(len(data), len(data)))
    answer.call("train", model, data, epochs, context_length, batch_size, 0.1)
    return {"steps": len(answer.method(model, ["list_windows"]))}


def look_at_learning(answer: Answer, data: Any, context_length: int, batch_size: int, seed: int) -> dict[str, bool]:
    """Tell whether what follows each token that it was shown is learned."""
    import torch

    model = answer.given(MODEL, torch.zeros(len(data), len(data)))
    answer.call("train", model, data, 60, context_length, batch_size, 0.1, seed=seed)
    shown = {int(token) for batch in answer.method(model, ["list_windows"]) for token in batch.flatten()}
    chances = answer.parameters(model)[0][1].softmax(1)
    follows = {int(token): int(following) for token, following in itertools.pairwise(data)}
    return {
        "it learns what follows every token": all(
            bool(chances[token, follows[token]] > 0.5) for token in shown & follows.keys()
        )
    }


def look_at_starts(answer: Answer, data: Any, context_length: int, seed: int) -> Observation:
    """Tell how often windows start at each place, up to chance."""
    import torch

    epochs, batch_size = 12, 100
    model = answer.given(MODEL, torch.zeros(len(data), len(data)))
    answer.call("train", model, data, epochs, context_length, batch_size, 0.1, seed=seed)
    firsts = [int(row[0]) for batch in answer.method(model, ["list_windows"]) for row in batch]
    counts = [firsts.count(int(token)) for token in data[: len(data) - context_length]]
    if sum(counts) != len(firsts) or len(firsts) != epochs * batch_size:
        return Observation({OFTEN: "not looked at: they are others than asked for"})
    batches = [firsts[place : place + batch_size] for place in range(0, len(firsts), batch_size)]
    if any(len(set(batch)) == 1 for batch in batches) or batches[0] == batches[1]:
        return Observation({OFTEN: "not looked at: the windows of a batch depend on each other"})
    told = EVEN if fits(counts, [1 / len(counts)] * len(counts)) else [f"{count / len(firsts):.2f}" for count in counts]
    return Observation({OFTEN: told}, {"counts": counts, "told": told, "right": told == EVEN})


@dataclass(frozen=True)
class StartsCheck(Check):
    """Compares how often windows start at each place."""

    def reference_values(self, candidate: Answer, case: Case, context: Any) -> Iterator[Any]:
        """Yield the answer's own observation where a candidate draws alike, whatever random numbers it draws by."""
        seen = self.observe(candidate, case)
        if is_same_draw(context, seen.context):
            yield {OFTEN: context["told"]}
        yield seen.value


OFTEN = "how often windows start at each place"
EVEN = "each as often"


def look_at_evaluation(answer: Answer, table: Any, data: Any) -> dict[str, bool]:
    """Tell whether a model that comes in evaluation mode is trained in training mode."""
    model = answer.given(MODEL, table)
    answer.mode(model, False)
    answer.call("train", model, data, 2, len(data) - 1, 1, 0.1)
    return {"trains in training mode": all(answer.method(model, ["list_modes"]))}


NOT_IN_TRAINING = (
    "It trains the model in the mode in which it comes. That is accepted, since the course hands over a new model, "
    "which is in "
    "training mode. One that was evaluated before would be trained without dropout: call model.train() before the loop."
)


@st.composite
def single_windows(draw: st.DrawFn) -> Case:
    """Draw a text with exactly one window, a table, and settings."""
    import torch

    vocabulary, time = draw(st.integers(3, 5)), draw(st.integers(1, 4))
    data = draw(st.lists(st.integers(0, vocabulary - 1), min_size=time + 1, max_size=time + 1))
    table = torch.randn(vocabulary, vocabulary, generator=torch.Generator().manual_seed(draw(SEEDS)))
    table = draw(st.sampled_from([1.0, 4.0])) * table
    rate = draw(st.sampled_from([0.1, 0.03, 1.0]))
    return table, torch.tensor(data), draw(st.integers(1, 4)), time, draw(st.integers(1, 3)), rate


@st.composite
def texts(draw: st.DrawFn) -> Case:
    """Draw a text in which no token comes twice, and settings."""
    import torch

    time = draw(st.integers(2, 3))
    data = draw(st.permutations(range(time + draw(st.integers(5, 7)))))
    # With fewer windows in a batch, a place where a window can start would sometimes not come in all steps, by chance.
    return torch.tensor(data), time, draw(st.integers(5, 7)), 0.1, draw(SEEDS)


@st.composite
def long_texts(draw: st.DrawFn) -> Case:
    """Draw a text of two or three batches, a number of steps, and settings."""
    import torch

    time, batch_size = draw(st.integers(2, 3)), draw(st.integers(2, 4))
    count = time * batch_size * draw(st.integers(2, 3)) + draw(st.integers(0, time * batch_size - 1))
    return torch.arange(count), draw(st.integers(1, 3)), time, batch_size


@st.composite
def starts(draw: st.DrawFn) -> Case:
    """Draw a text in which no token comes twice, with half a dozen windows."""
    import torch

    time = draw(st.integers(2, 3))
    return torch.tensor(draw(st.permutations(range(time + 6)))), time, draw(SEEDS)


def one_window(epochs: int, batch_size: int) -> Case:
    """Return the worked example with so many steps and windows: three tokens, all equally likely at first."""
    import torch

    return torch.zeros(3, 3), torch.tensor([0, 1, 2]), epochs, 2, batch_size, 0.1


def large_gradient() -> Case:
    """Return a text of two tokens on which the model is sure of the wrong one: the gradient is longer than 1 at first."""
    import torch

    return torch.tensor([[3.0, 0.0], [0.0, 0.0]]), torch.tensor([0, 1]), 4, 1, 1, 1.0


def three_batches(more: int) -> Case:
    """Return a text of three batches of three windows of two tokens, and so many tokens more."""
    import torch

    return torch.arange(18 + more), 2, 2, 3


def eight_tokens() -> Case:
    """Return a text of eight tokens in their order."""
    import torch

    return torch.arange(8), 3, 4, 0.1, 0


exercise = Exercise(
    name="gpt-training",
    title="Training a GPT",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c6_gpt.gpt_training", BATCHES],
    reference=reference,
    entries={"train": ["train", "train_gpt"]},
    tolerance=1e-3,
    rounding=4,
    libraries=("numpy", "torch"),
    checks=[
        Check(
            "loss and weights where there is one window only",
            "train",
            single_windows(),
            edges=[one_window(1, 1), one_window(3, 2), large_gradient()],
            observer=look_at_weights,
            arguments=("the model's table", "data", "epochs", "context_length", "batch_size", "lr"),
            examples=20,
        ),
        Check(
            "how many steps it takes",
            "train",
            long_texts(),
            # They tell every way to count the batches of a text from every other.
            edges=[three_batches(0), three_batches(1)],
            observer=look_at_steps,
            arguments=("data", "epochs", "context_length", "batch_size"),
            examples=2,
        ),
        Check(
            "which windows it trains on",
            "train",
            texts(),
            edges=[eight_tokens()],
            observer=look_at_windows,
            arguments=("data", "context_length", "batch_size", "lr", "seed"),
            examples=4,
        ),
        Check(
            "what it learns",
            "train",
            texts().map(lambda case: (*case[:3], case[4])),
            observer=look_at_learning,
            arguments=("data", "context_length", "batch_size", "seed"),
            examples=1,
        ),
        StartsCheck(
            "how often each window comes",
            "train",
            starts(),
            observer=look_at_starts,
            arguments=("data", "context_length", "seed"),
            examples=2,
        ),
        Check(
            "training mode",
            "train",
            st.just(one_window(1, 1)[:2]),
            observer=look_at_evaluation,
            arguments=("the model's table", "data"),
            examples=1,
            beyond=NOT_IN_TRAINING,
        ),
    ],
    mistakes=MISTAKES,
)
