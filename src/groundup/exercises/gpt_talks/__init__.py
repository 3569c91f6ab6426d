"""Making a GPT talk: draw a token, put it behind the text, ask again."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.strategies import SEEDS
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake, Observed

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

    def tell_modes(self):
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

LETTERS = "abcdefgh"
CHARACTERS = 400
IN_TRAINING = (
    "It asks the model in the mode it is in. In training mode dropout garbles what a model says: call model.eval() before "
    "the first token."
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


def look_at_text(answer: Answer, vocabulary: int, new_chars: int, context: Any, context_length: int) -> Observed:
    """Return what a sure model says, which has nothing left to chance."""
    modes: list[bool] = []

    def ask(count: int, shift: int) -> Any:
        model = answer.given(SURE, vocabulary, shift)
        shifted = (context + shift) % vocabulary
        text = answer.call("generate", model, count, shifted, context_length, spell(vocabulary, shift), seed=shift)
        modes.extend(answer.method(model, ["tell_modes"]))
        return text

    # Numbered otherwise, the same letters must come; what is drawn at random comes by its number.
    long = [ask(24, shift) for shift in range(3)]
    by_chance = set("".join(long[0])) <= set(LETTERS) and not long[0] == long[1] == long[2]
    text = "letters of its own at random" if by_chance else ask(new_chars, 0)
    return Observed(text, remark=IN_TRAINING if any(modes) else "")


def look_at_shares(answer: Answer, logits: Any, seed: int) -> Observed:
    """Return how often each letter comes, beside how often it should, in steps that chance does not overcome."""
    import torch

    def ask(logits: Any, count: int, seed: int = seed) -> Any:
        model = answer.given(FORGETFUL, logits)
        return answer.call("generate", model, count, torch.tensor([[0]]), 2, spell(len(logits)), seed=seed)

    # With logits so close, only draws that are none make a text of one letter.
    close = torch.tensor([0.0, 0.05, 0.1])
    turns = [set(ask(close.roll(turn), 30)) for turn in range(3)]
    if all(len(letters) == 1 for letters in turns):
        likeliest = [{LETTERS[int(close.roll(turn).argmax())]} for turn in range(3)]
        how = "always the likeliest" if turns == likeliest else "the same random number for every letter"
        return Observed(how)
    text = ask(logits, CHARACTERS)
    found = torch.tensor([text.count(letter) / len(text) for letter in LETTERS[: len(logits)]])
    # What chance does not overcome.
    slack = {how: 4.5 * (share * (1 - share) / CHARACTERS).sqrt() + 0.005 for how, share in tell_shares(logits).items()}
    fits = {
        how: float((found - share).abs().sum())
        for how, share in tell_shares(logits).items()
        if bool(((found - share).abs() <= slack[how]).all())
    }
    told = (
        AS_ASKED if AS_ASKED in fits else min(fits, key=lambda how: fits[how], default="letters by shares of its own")
    )
    pairs = zip(LETTERS, tell_shares(logits).get(told, found).tolist(), strict=False)
    shares = ", ".join(f"{letter} {share:.2f}" for letter, share in pairs)
    remark = SEEDED if ask(logits, 60, seed + 1) == ask(logits, 60, seed + 2) else ""
    return Observed(f"{told}: {shares}", remark=remark)


AS_ASKED = "every letter as often as its probability says"


def tell_shares(logits: Any) -> dict[str, Any]:
    """Return how often each letter comes under several ways of drawing."""
    probabilities = logits.softmax(0)
    return {
        AS_ASKED: probabilities,
        "every letter equally often": probabilities * 0 + 1 / len(logits),
        "letters nearly equally often, as softmax twice makes them": probabilities.softmax(0),
        "letters as often as their logits say": logits.clamp(min=0) / logits.clamp(min=0).sum(),
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


TALK = "generate"
DRAW = "torch.multinomial(probabilities, 1, generator=generator)"

exercise = Exercise(
    name="gpt-talks",
    title="Making a GPT talk",
    room="transformer",
    folder=Path(__file__).parent,
    modules=["groundup.steps.talking"],
    reference=reference,
    entries={"generate": ["generate", "generate_text"]},
    libraries=("numpy", "torch"),
    after=["gpt", "sampling"],
    checks=[
        Check(
            "the text of a model that is sure of every next character",
            "generate",
            prompts(),
            edges=[(4, 3, prompt([1, 2]), 2), (5, 6, prompt([0]), 8), (5, 4, prompt([3, 1, 4, 1, 2]), 3)],
            observe=look_at_text,
            arguments=("vocabulary", "new_chars", "context", "context_length"),
            examples=25,
        ),
        Check(
            "how often each character comes",
            "generate",
            share_cases(),
            edges=[shares(0.0, 1.0, 2.0), shares(2.0, 0.0, 1.0), shares(-2.0, -1.0, 0.5)],
            observe=look_at_shares,
            arguments=("logits", "seed"),
            examples=2,
        ),
    ],
    mistakes=[
        Mistake(
            "context not cropped",
            "You show the model the whole text however long it gets. It has learned positions for context_length tokens only: "
            "show it the last context_length ones.",
            [Edit("context[:, -context_length:]", "context", TALK)],
        ),
        Mistake(
            "cropped at the wrong end",
            "You show the model the first context_length tokens, so it never sees what it has just written. Keep the last ones.",
            [Edit("context[:, -context_length:]", "context[:, :context_length]", TALK)],
        ),
        Mistake(
            "one token too few shown",
            "You show the model one token less than it can see: the last context_length tokens, the newest included.",
            [Edit("context[:, -context_length:]", "context[:, -max(context_length - 1, 1) :]", TALK)],
        ),
        Mistake(
            "only the newest token shown",
            "You show the model nothing but the token it has just written: put it behind the text so far.",
            [Edit("torch.cat([context, token], dim=1)", "token", TALK)],
        ),
        Mistake(
            "the new token not put behind the text",
            "You ask the model about the same text again and again: what it wrote has to go behind the text before it is asked next.",
            [Edit("            context = torch.cat([context, token], dim=1)\n", "", TALK)],
        ),
        Mistake(
            "the new token put in front",
            "You put the new token before the text: time runs from left to right.",
            [Edit("[context, token]", "[token, context]", TALK)],
        ),
        Mistake(
            "logits of the first place",
            "You take the logits of the first place, which guess the second token. The last place guesses what comes next: index −1.",
            [Edit("logits[:, -1]", "logits[:, 0]", TALK)],
        ),
        Mistake(
            "logits averaged over the places",
            "You average the logits over all places. Only the last place has seen the whole text: index −1.",
            [Edit("logits[:, -1]", "logits.mean(1)", TALK)],
        ),
        Mistake(
            "drawn from the logits themselves",
            "You draw with the logits as weights. They are no probabilities, and may be negative: take their softmax first.",
            [Edit(".softmax(dim=-1)", "", TALK)],
        ),
        Mistake(
            "softmax twice",
            "You take the softmax of a softmax, which makes all characters nearly equally likely: once is enough.",
            [Edit(".softmax(dim=-1)", ".softmax(dim=-1).softmax(dim=-1)", TALK)],
        ),
        Mistake(
            "softmax over the wrong dimension",
            "Your softmax runs over the batch, where every number is alone and becomes 1: it belongs to the vocabulary, the last "
            "dimension.",
            [Edit(".softmax(dim=-1)", ".softmax(dim=0)", TALK)],
        ),
        Mistake(
            "always the likeliest",
            "You always take the likeliest character, which soon goes round in circles. Draw it: each comes as often as its "
            "probability says.",
            [Edit(DRAW, "probabilities.argmax(dim=-1, keepdim=True)", TALK)],
        ),
        Mistake(
            "seeded before every draw",
            "You set the generator back before every draw, so each one uses the same random number and characters that are not the "
            "likeliest come either always or never. Set a seed once, before the first character, or not at all. (The course's own "
            "template does this.)",
            [Edit("            token = torch", "            torch.manual_seed(0)\n            token = torch", TALK)],
        ),
        Mistake(
            "the prompt returned, too",
            "Your text begins with the prompt: only the new characters are asked for.",
            [Edit("characters = []", "characters = [int_to_char[int(token)] for token in context[0]]", TALK)],
        ),
        Mistake(
            "one character too few",
            "You return new_chars − 1 characters.",
            [Edit("range(new_chars)", "range(new_chars - 1)", TALK)],
        ),
        Mistake(
            "one character too many",
            "You return new_chars + 1 characters.",
            [Edit("range(new_chars)", "range(new_chars + 1)", TALK)],
        ),
        Mistake(
            "joined with spaces",
            "You put spaces between the characters: the tokens are characters, spaces among them.",
            [Edit('"".join', '" ".join', TALK)],
        ),
        Mistake(
            "numbers instead of characters",
            "You return the tokens' numbers: int_to_char tells the character of each.",
            [Edit("int_to_char[int(token)]", "str(int(token))", TALK)],
        ),
    ],
)
