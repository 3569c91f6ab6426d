"""Making a GPT talk: draw a token, put it behind the text, ask again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.gpt_talks.mistakes import MISTAKES
from groundup.exercises.strategies import SEEDS
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise, Observation

# Sure of one token after each place: twice the token there, plus the first of those shown, plus how many there are.
SURE = """
import torch

class Sure(torch.nn.Module):
    def __init__(self, vocabulary, shift):
        super().__init__()
        self.vocabulary, self.shift = vocabulary, shift
        self.modes = []

    def forward(self, tokens):
        self.modes.append(self.training)
        tokens = (tokens - self.shift) % self.vocabulary
        counts = torch.arange(1, tokens.shape[1] + 1)
        following = (2 * tokens + tokens[:, :1] + counts + self.shift) % self.vocabulary
        return 99.0 * torch.nn.functional.one_hot(following, self.vocabulary)

    def list_modes(self):
        return self.modes

def make(vocabulary, shift):
    return Sure(vocabulary, shift)
"""

# The same logits after whatever it is shown.
FORGETFUL = """
import torch

class Forgetful(torch.nn.Module):
    def __init__(self, logits):
        super().__init__()
        self.logits = logits

    def forward(self, tokens):
        return self.logits.expand(*tokens.shape, -1).clone()

def make(logits):
    return Forgetful(logits)
"""

# Other logits at every call; it may set the seed back before each.
CHANGING = """
import torch

class Changing(torch.nn.Module):
    def __init__(self, rows, reset):
        super().__init__()
        self.rows, self.reset, self.calls = rows, reset, 0

    def forward(self, tokens):
        if self.reset:
            torch.default_generator.manual_seed(0)
        self.calls += 1
        return self.rows[(self.calls - 1) % len(self.rows)].expand(*tokens.shape, -1).clone()

def make(rows, reset):
    return Changing(rows, reset)
"""

LETTERS = "abcdefgh"
CHARACTERS, MORE, LONG = 300, 4000, 12
IN_TRAINING = (
    "It calls the model in the mode it is in. In training mode dropout disturbs the predictions: call "
    "model.eval() before the first token."
)
RESET = (
    "It sets the random state back before every draw, as the course's template does, so each character is drawn "
    "with the same random number: of several likely characters one is always drawn and the others never. That is "
    "accepted, since the template asks for it. To let the model talk freely, leave the state alone: set a seed "
    "once, before the loop, or not at all."
)
SEEDED = "It sets a seed of its own, so the same prompt gives the same text at every call."


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the course's signature."""

    def generate(model: Any, new_chars: int, context: Any, context_length: int, int_to_char: Any) -> Any:
        return step.generate(model, new_chars, context, context_length, int_to_char)

    return {"generate": generate}


def spell(vocabulary: int, shift: int = 0) -> dict[int, str]:
    """Return a letter for every token, counted from token ``shift`` on."""
    return {(token + shift) % vocabulary: letter for token, letter in enumerate(LETTERS[:vocabulary])}


def look_at_text(answer: Answer, vocabulary: int, new_chars: int, context: Any, context_length: int) -> Observation:
    """Return what a sure model says, which has nothing left to chance."""
    modes: list[bool] = []

    def ask(count: int, shift: int) -> Any:
        model = answer.given(SURE, vocabulary, shift)
        shifted = (context + shift) % vocabulary
        text = answer.call("generate", model, count, shifted, context_length, spell(vocabulary, shift), seed=shift)
        modes.extend(answer.method(model, ["list_modes"]))
        return text

    # Numbered otherwise, the same letters must come; what is drawn at random comes by its number.
    first, second = ask(LONG, 0), ask(LONG, 1)
    by_chance = set("".join(first)) <= set(LETTERS) and first != second
    text = "letters of its own at random" if by_chance else ask(new_chars, 0)
    return Observation(text, remark=IN_TRAINING if any(modes) else "")


def look_at_shares(answer: Answer, logits: Any, seed: int) -> Observation:
    """Return how often each letter comes, beside how often it should, in steps that chance does not overcome."""
    import torch

    def ask(logits: Any, count: int, seed: int = seed) -> Any:
        model = answer.given(FORGETFUL, logits)
        return answer.call("generate", model, count, torch.tensor([[0]]), 2, spell(len(logits)), seed=seed)

    # With logits so close, only draws that are none make a text of one letter.
    close = torch.tensor([0.0, 0.05, 0.1])
    turns = [set(ask(close.roll(turn), 16)) for turn in range(3)]
    if all(len(letters) == 1 for letters in turns):
        likeliest = [{LETTERS[int(close.roll(turn).argmax())]} for turn in range(3)]
        return Observation("always the most likely") if turns == likeliest else look_at_one_number(answer, reset=False)
    # Of who draws the very letters that the reference draws with the same random numbers, few are enough.
    same_draws = logits.tolist() != [0.0, 1.0, 2.0] or (
        look_at_one_number(answer, reset=True).value == [draw_with_one_number(rows, 0) for rows in make_rows()]
    )
    count = CHARACTERS if same_draws else MORE
    text = ask(logits, count)
    found = torch.tensor([text.count(letter) / len(text) for letter in LETTERS[: len(logits)]])
    # What chance does not overcome.
    slack = {
        how: 4.9 * (share * (1 - share) / len(text)).sqrt() + 2 / len(text)
        for how, share in find_shares(logits).items()
    }
    fits = {
        how: float((found - share).abs().sum())
        for how, share in find_shares(logits).items()
        if bool(((found - share).abs() <= slack[how]).all())
    }
    told = (
        AS_ASKED if AS_ASKED in fits else min(fits, key=lambda how: fits[how], default="letters by shares of its own")
    )
    pairs = zip(LETTERS, find_shares(logits).get(told, found).tolist(), strict=False)
    shares = ", ".join(f"{letter} {share:.2f}" for letter, share in pairs)
    # Of the reference nobody asks whether it sets a seed.
    seeded = not answer.local and ask(logits, 40, seed + 1) == ask(logits, 40, seed + 2)
    return Observation(f"{told}: {shares}", remark=SEEDED if seeded else "")


def look_at_one_number(answer: Answer, reset: bool) -> Observation:
    """Return the letters of an answer that draws each one with the same random number, where that is the course's.

    Parameters
    ----------
    answer : Answer
        Whose letters.
    reset : bool
        Whether the model sets the seed back, so that an answer which does not do it draws so, too.
    """
    import torch

    told = []
    for rows in make_rows():
        vocabulary = rows.shape[1]
        model = answer.given(CHANGING, rows, reset)
        text = answer.call("generate", model, ROWS, torch.tensor([[0]]), 2, spell(vocabulary), seed=vocabulary)
        if any(text == draw_with_one_number(rows, other) for other in OTHER_SEEDS):
            return Observation(ANOTHER_SEED, {"one number": True})
        told.append(text)
    return Observation(told, {"one number": True}, RESET)


def make_rows() -> list[Any]:
    """Return logits for texts of several vocabularies, the same at every call."""
    import torch

    return [2 * torch.randn(ROWS, size, generator=torch.Generator().manual_seed(size)) for size in (3, 5, 8)]


def draw_with_one_number(rows: Any, seed: int) -> str:
    """Return the letters drawn from some logits, with the seed set back before each."""
    import torch

    generator = torch.Generator()
    draws = [torch.multinomial(row.softmax(0), 1, generator=generator.manual_seed(seed)) for row in rows]
    return "".join(LETTERS[int(draw)] for draw in draws)


ROWS = 40
OTHER_SEEDS = (1, 2, 7, 10, 42, 100, 123, 1234, 1337)
ANOTHER_SEED = "the same random number for every letter"


@dataclass(frozen=True)
class SharesCheck(Check):
    """How often each letter comes. The course's template draws each with the same random number: so does then the reference."""

    def reference_values(self, candidate: Answer, case: Case, context: Any) -> Iterator[Any]:
        """Yield what the reference, or it with a mistake, lets one observe."""
        if context and context.get("one number"):
            yield look_at_one_number(candidate, reset=True).value
        yield self.observe(candidate, case).value


AS_ASKED = "every letter as often as its probability says"


def find_shares(logits: Any) -> dict[str, Any]:
    """Return how often each letter comes under several ways of drawing."""
    probabilities = logits.softmax(0)
    return {
        AS_ASKED: probabilities,
        "every letter equally often": probabilities * 0 + 1 / len(logits),
        "letters nearly equally often, as softmax twice makes them": probabilities.softmax(0),
        "letters as often as their logits say": logits.clamp(min=0) / logits.clamp(min=0).sum(),
        **{f"letters as the logits divided by {by} make them": (logits / by).softmax(0) for by in (0.5, 0.8, 2.0)},
        "the less likely, the more often": (-logits).softmax(0),
        "never the most likely": probabilities.masked_fill(probabilities == probabilities.max(), 0.0)
        / (1 - probabilities.max()),
        "only the two most likely": probabilities.masked_fill(probabilities == probabilities.min(), 0.0)
        / (1 - probabilities.min()),
        "letters as the sigmoid of their logits says": logits.sigmoid() / logits.sigmoid().sum(),
    }


@st.composite
def prompts(draw: st.DrawFn) -> Case:
    """Draw a vocabulary's size, how many characters, a prompt and a context length, shorter or longer than the prompt."""
    import torch

    vocabulary = draw(st.integers(3, 6))
    row = draw(st.lists(st.integers(0, vocabulary - 1), min_size=1, max_size=5))
    return vocabulary, draw(st.integers(1, 8)), torch.tensor([row]), draw(st.integers(1, 4))


@st.composite
def share_cases(draw: st.DrawFn) -> Case:
    """Draw logits whose shares are far apart, and a seed."""
    import torch

    return torch.tensor(draw(st.permutations([0.0, 1.0, 2.0]))), draw(SEEDS)


def prompt(row: list[int]) -> Any:
    """Return a prompt as a tensor, 1×T."""
    import torch

    return torch.tensor([row])


def shares(*logits: float) -> Case:
    """Return a case of these logits."""
    import torch

    return torch.tensor(logits), 0


exercise = Exercise(
    name="gpt-talks",
    title="Making a GPT talk",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c6_gpt.generate"],
    reference=reference,
    entries={"generate": ["generate", "generate_text"]},
    libraries=("numpy", "torch"),
    checks=[
        Check(
            "the text of a model that is sure of every next character",
            "generate",
            prompts(),
            edges=[
                (4, 3, prompt([1, 2]), 2),
                (5, 6, prompt([0]), 8),
                (5, 4, prompt([3, 1, 4, 1, 2]), 3),
                (4, 0, prompt([1, 2]), 2),
                (6, 8, prompt([5, 0]), 1),
                (4, 7, prompt([3, 1, 2, 0, 2, 1, 3]), 4),
                (3, 1, prompt([2]), 1),
            ],
            observer=look_at_text,
            arguments=("vocabulary", "new_chars", "context", "context_length"),
            examples=25,
        ),
        SharesCheck(
            "how often each character comes",
            "generate",
            share_cases(),
            # The last one takes the longest: what is wrong by far is told by the others.
            edges=[shares(2.0, 0.0, 1.0), shares(-2.0, -1.0, 0.5), shares(0.0, 1.0, 2.0)],
            observer=look_at_shares,
            arguments=("logits", "seed"),
            examples=2,
        ),
    ],
    mistakes=MISTAKES,
)
