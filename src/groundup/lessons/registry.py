"""The lessons, without importing any; their order and their exercises are those of `groundup.course`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from groundup import course


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
    """

    name: str
    title: str
    about: str

    @property
    def exercises(self) -> tuple[str, ...]:
        """The exercises that it leads to, in the order of the course; the first one is judged in its page."""
        return course.list_exercises(self.name)

    @property
    def path(self) -> Path:
        """The notebook."""
        return Path(__file__).parent / "notebooks" / f"{self.name}.py"


_TOLD = {
    "descending": ("Walking downhill", "Type any curve or surface, and roll down it at any learning rate."),
    "regression": ("A line through heights", "Watch the line fall into place, and its way down the error bowl."),
    "shapes": ("Tensors and their shapes", "Reshape, stack and multiply, and see where every number goes."),
    "neuron": ("One neuron and the chain rule", "Turn two weights, and follow the gradient back through the neuron."),
    "network": (
        "A network that draws borders",
        "Train on points in a plane, live; provoke over-fitting, then cure it with dropout.",
    ),
    "losses": (
        "What to make small",
        "Push scores around, and see what softmax and cross-entropy answer; what a sigmoid in between costs.",
    ),
    "optimisers": ("How to step", "Race plain descent, momentum and Adam on the same network."),
    "signals": ("Keeping the signal alive", "Choose how weights begin, and watch activations swell, vanish or stay."),
    "digits": ("Draw a digit", "Draw with the mouse; see probabilities, and what each hidden node answers to."),
    "vocabulary": ("From text to numbers", "Type a text, and watch byte pairs merge into tokens."),
    "sentiment": (
        "Words on a map",
        "Type a sentence and see each word’s share; the map of embeddings, and nearest words.",
    ),
    "attention": (
        "Who looks at whom",
        "Your own sentence through every head and layer, with mask and scale to switch off.",
    ),
    "transformer": ("The block", "Positions, residuals and norms, switched on and off."),
    "training": ("From noise to words", "Train a small GPT live, and read its samples on the way."),
    "sampling": (
        "The next token",
        "Move temperature, top-k and top-p under a trained GPT, and grow a text token by token.",
    ),
}
LESSONS = tuple(Lesson(name, *_TOLD[name]) for name in course.LESSONS)
