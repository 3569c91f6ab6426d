"""The lessons in the order of the course, without importing any."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from groundup.base.errors import UserError


@dataclass(frozen=True)
class Lesson:
    """A lesson.

    Attributes
    ----------
    name : str
        Its file's name.
    title : str
        As a person reads it.
    about : str
        One sentence: what there is to move.
    exercises : tuple of str
        The exercises that it leads to; the first one is judged in its page.
    """

    name: str
    title: str
    about: str
    exercises: tuple[str, ...]

    @property
    def path(self) -> Path:
        """The notebook."""
        return Path(__file__).parent / "notebooks" / f"{self.name}.py"


LESSONS = (
    Lesson(
        "descending",
        "Walking downhill",
        "Type any curve or surface, and roll down it at any learning rate.",
        ("gradient-descent", "descent-in-several-variables"),
    ),
    Lesson(
        "regression",
        "A line through heights",
        "Watch the line fall into place, and its way down the error bowl.",
        ("regression-training", "regression-forward", "training-loop"),
    ),
    Lesson(
        "shapes",
        "Tensors and their shapes",
        "Reshape, stack and multiply, and see where every number goes.",
        ("tensors",),
    ),
    Lesson(
        "neuron",
        "One neuron and the chain rule",
        "Turn two weights, and follow the gradient back through the neuron.",
        ("neuron-backward", "neuron", "activations"),
    ),
    Lesson(
        "network",
        "A network that draws borders",
        "Train on points in a plane, live; provoke over-fitting, then cure it with dropout.",
        ("two-layer-backward", "network-forward", "dropout", "linear"),
    ),
    Lesson(
        "losses",
        "What to make small",
        "Push scores around, and see what softmax and cross-entropy answer; what a sigmoid in between costs.",
        ("loss-from-logits", "softmax", "cross-entropy"),
    ),
    Lesson(
        "optimisers",
        "How to step",
        "Race plain descent, momentum and Adam on the same network.",
        ("optimiser", "dead-relu"),
    ),
    Lesson(
        "signals",
        "Keeping the signal alive",
        "Choose how weights begin, and watch activations swell, vanish or stay.",
        ("initialisation", "diagnostics", "layer-norm", "batch-norm", "rms-norm"),
    ),
    Lesson(
        "digits",
        "Draw a digit",
        "Draw with the mouse; see probabilities, and what each hidden node answers to.",
        ("digits-network", "evaluation"),
    ),
    Lesson(
        "vocabulary",
        "From text to numbers",
        "Type a text, and watch byte pairs merge into tokens.",
        ("byte-pair", "vocabulary", "tokenizer-edges", "text-data-set", "data-loader", "data-set"),
    ),
    Lesson(
        "sentiment",
        "Words on a map",
        "Type a sentence and see each word’s share; the map of embeddings, and nearest words.",
        ("sentiment-model", "embedding"),
    ),
    Lesson(
        "attention",
        "Who looks at whom",
        "Your own sentence through every head and layer, with mask and scale to switch off.",
        ("self-attention", "multi-head-attention", "grouped-query-attention"),
    ),
    Lesson(
        "transformer",
        "The block",
        "Positions, residuals and norms, switched on and off.",
        ("transformer-block", "positional-encoding", "gpt"),
    ),
    Lesson(
        "training",
        "From noise to words",
        "Train a small GPT live, and read its samples on the way.",
        ("gpt-training",),
    ),
    Lesson(
        "sampling",
        "The next token",
        "Move temperature, top-k and top-p under a trained GPT, and grow a text token by token.",
        ("sampling", "gpt-talks", "key-value-cache"),
    ),
)


def find_lesson(name: str) -> Lesson:
    """Return a lesson by its name.

    Raises
    ------
    UserError
        There is none of that name.
    """
    known = {lesson.name: lesson for lesson in LESSONS}
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}."
        raise UserError(f"There is no lesson named {name}. {hint}")
    return known[name]
