"""A small world of animals: a text that tells facts and asks questions, and a GPT of it that learns to answer.

The text has every fact, and many questions, but never an answer behind a question. So a GPT that was trained on it
knows the facts, and continues a question with the next sentence. Half of the questions are then used to teach it to
answer; the other half shows what it learned apart from those answers.
"""

from __future__ import annotations

import copy
import dataclasses
import random
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from groundup.data.corpus.chat_marks import PlainEncoder, add_marks, find_marks
from groundup.data.corpus.tokens import Tokenizer
from groundup.lessons.trained import OpenedGPT, SmallModel, open_small_gpt
from groundup.lessons.watching import Watch
from groundup.models.batched_decoding import sample_batch
from groundup.steps.c4_training.optimisers import Adam
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c7_beyond.answer_loss import answer_loss, answer_targets
from groundup.steps.c7_beyond.chat_template import MARKS, encode_chat
from groundup.steps.c7_beyond.lora import add_low_rank, merged_weights
from groundup.tasks.gpt.origin import enlarge_rows

# Where each animal lives, what it eats, what color it has, and what its child is called.
ANIMALS = {
    "cow": ("stable", "grass", "brown", "calf"),
    "fish": ("sea", "worms", "blue", "fry"),
    "bear": ("forest", "honey", "black", "cub"),
    "camel": ("desert", "leaves", "yellow", "calf"),
    "cat": ("house", "mice", "grey", "kitten"),
    "dog": ("yard", "meat", "brown", "puppy"),
    "duck": ("pond", "seeds", "white", "chick"),
    "horse": ("stable", "hay", "black", "foal"),
    "owl": ("tree", "mice", "grey", "chick"),
    "pig": ("farm", "corn", "pink", "piglet"),
    "seal": ("sea", "fish", "grey", "pup"),
    "frog": ("pond", "flies", "green", "tadpole"),
    "sheep": ("meadow", "grass", "white", "lamb"),
    "lion": ("desert", "meat", "yellow", "cub"),
    "mouse": ("house", "cheese", "grey", "pup"),
    "hen": ("farm", "corn", "red", "chick"),
}
ASKED = ("home", "food", "color", "child")
FACTS = ("lives in the {}.", "eats {}.", "is {}.", "has a {}.")
QUESTIONS = ("Where does the {} live?", "What does the {} eat?", "What color is the {}?", "What child has the {}?")
# The text tells facts more often than it asks.
TOLD_SHARE = 0.7
LINES = 12_000
BASE = SmallModel(
    "animals",
    "gpt",
    (
        "tokenizer=bytepair",
        "vocabulary_size=420",
        "layers=2",
        "heads=4",
        "width=64",
        "context=32",
        "batch_size=24",
        "steps=240",
        "evaluate_every=40",
        "measured_tokens=512",
        "sample_tokens=0",
    ),
    lambda: write_text(LINES),
)
ANSWERS, EVERYTHING, NO_END = COUNTED = ("answers", "everything", "no end")
MOST_STEPS, EVERY = 100, 10
BATCH, RATE, WARM_UP = 16, 2e-3, 10
# Low rank bears larger steps. With those of all weights, rank 1 ended with half of the answers for some seeds.
LOW_RANK_RATE = 6e-3
ANSWER_TOKENS = 12
MARK_COUNT = len(MARKS)


def write_text(lines: int, seed: int = 0) -> str:
    """Return so many lines: a few facts of one animal, the next ones with "It", or a few questions, again and again.

    Examples
    --------
    >>> len(write_text(5).splitlines())
    5
    """
    chance = random.Random(seed)
    written: list[str] = []
    while len(written) < lines:
        count = chance.randrange(2, 5)
        if chance.random() < TOLD_SHARE:
            animal = chance.choice(list(ANIMALS))
            for place, asked in enumerate(chance.sample(range(len(ASKED)), min(count, len(ASKED)))):
                fact = FACTS[asked].format(ANIMALS[animal][asked])
                written.append(f"{'It' if place else f'The {animal}'} {fact}")
        else:
            written += [chance.choice(QUESTIONS).format(chance.choice(list(ANIMALS))) for _ in range(count)]
    return "".join(f"{line}\n" for line in written[:lines])


@dataclass(frozen=True)
class Pair:
    """A question of the small world and its answer."""

    animal: str
    asked: str

    @property
    def question(self) -> str:
        """What is asked."""
        return QUESTIONS[ASKED.index(self.asked)].format(self.animal)

    @property
    def answer(self) -> str:
        """The right answer."""
        place = ASKED.index(self.asked)
        return "It " + FACTS[place].format(ANIMALS[self.animal][place])

    @property
    def dialogue(self) -> list[dict[str, str]]:
        """Question and answer as messages."""
        return [{"role": "user", "content": self.question}, {"role": "assistant", "content": self.answer}]


@cache
def split_pairs() -> tuple[tuple[Pair, ...], tuple[Pair, ...]]:
    """Return the pairs that are learned from, and as many that are not: of each kind of question one half."""
    chance = random.Random(1)
    learned: list[Pair] = []
    new: list[Pair] = []
    for asked in ASKED:
        animals = list(ANIMALS)
        chance.shuffle(animals)
        half = len(animals) // 2
        learned += [Pair(animal, asked) for animal in animals[:half]]
        new += [Pair(animal, asked) for animal in animals[half:]]
    return tuple(learned), tuple(new)


@dataclass(frozen=True, eq=False)
class Student:
    """A GPT that is to learn to answer, with tokens for the marks.

    Attributes
    ----------
    model : GPT
        Its weights are not changed.
    tokenizer : Tokenizer
        With the marks.
    """

    model: GPT
    tokenizer: Tokenizer

    @cached_property
    def encode_text(self) -> PlainEncoder:
        """What turns a plain text into tokens; to make it takes longer than to use it."""
        return PlainEncoder(self.tokenizer)

    def encode(self, pair: Pair, ask: bool = False) -> tuple[list[int], list[bool]]:
        """Return a pair's tokens, and which the model is to write; with ``ask`` only up to the answer."""
        messages = pair.dialogue[:1] if ask else pair.dialogue
        return encode_chat(messages, self.encode_text, find_marks(self.tokenizer) or {}, ask)


@lru_cache(maxsize=2)
def make_student(opened: OpenedGPT) -> Student:
    """Return a copy of a model with four tokens more, each like the mean of all others."""
    tokenizer = add_marks(opened.tokenizer)
    model = GPT(dataclasses.replace(opened.model.settings, vocabulary=tokenizer.size))
    tensors = {
        name: enlarge_rows(tensor, tokenizer.size) if name in ("token_embedding.weight", "output.weight") else tensor
        for name, tensor in opened.model.state_dict().items()
    }
    model.load_state_dict(tensors)
    return Student(model.eval(), tokenizer)


def open_student() -> Student:
    """Return the student; errors as of `groundup.lessons.trained.open_small`."""
    return make_student(open_small_gpt(BASE))


def choose_counted(answered: list[bool], counted: str) -> list[bool]:
    """Return which tokens count: those of the answers, all, or those of the answers without the mark that ends them."""
    if counted == EVERYTHING:
        return [True] * len(answered)
    if counted == NO_END:
        return [here and following for here, following in zip(answered, [*answered[1:], False], strict=True)]
    return answered


def stack_rows(
    rows: list[tuple[list[int], list[bool]]],
) -> tuple[Int[Tensor, "batch token"], Bool[Tensor, "batch token"]]:
    """Return rows of tokens and of what counts as two tensors; zeros that do not count fill the shorter ones."""
    longest = max(len(tokens) for tokens, _ in rows)
    tokens = torch.tensor([[*row, *[0] * (longest - len(row))] for row, _ in rows])
    counted = torch.tensor([[*mask, *[False] * (longest - len(mask))] for _, mask in rows])
    return tokens, counted


@dataclass(frozen=True)
class Tuning:
    """How a model learned to answer.

    Attributes
    ----------
    steps : tuple of int
        When it was asked.
    answers : tuple of dict
        At each of these steps, from each pair to the tokens of its answer, as far as the mark that ends it.
    model : GPT
        The model at the end; changes of low rank stand beside their matrices.
    weights : dict
        Its weights, with any change of low rank merged.
    trained : int
        How many weights were trained.
    """

    steps: tuple[int, ...]
    answers: tuple[dict[Pair, list[int]], ...]
    model: GPT
    weights: dict[str, Tensor]
    trained: int

    def share_exact(self, student: Student, pairs: tuple[Pair, ...]) -> list[float]:
        """Return the share of pairs that are answered exactly, the end included, at each of the steps."""
        right = {pair: student.encode(pair)[0][len(student.encode(pair, ask=True)[0]) :] for pair in pairs}
        return [sum(found[pair] == right[pair] for pair in pairs) / len(pairs) for found in self.answers]

    def share_begun(self, student: Student, pairs: tuple[Pair, ...]) -> list[float]:
        """Return the share of pairs whose answer begins with the right sentence, whatever comes behind it."""
        begun = [
            [student.tokenizer.decode(found[pair]).startswith(pair.answer) for pair in pairs] for found in self.answers
        ]
        return [sum(found) / len(pairs) for found in begun]


_tunings: dict[Tuned, Tuning] = {}


@dataclass(frozen=True)
class Tuned:
    """A student that learns to answer, as `groundup.lessons.trained.open_small` trains it; attributes as of `tune`."""

    student: Student
    counted: str = ANSWERS
    rank: int | None = None
    most: int = MOST_STEPS

    @property
    def name(self) -> str:
        """No two have the same."""
        return f"answers of {id(self.student)}: {self.counted}, {self.rank}, {self.most}"

    def find(self) -> Tuning | None:
        """Return how it learned, if it did."""
        return _tunings.get(self)

    def train(self, watch: Watch) -> Tuning:
        """Let it learn while ``watch`` follows, and return how it did."""
        _tunings[self] = _tune(self, watch)
        return _tunings[self]


def tune(student: Student, counted: str = ANSWERS, rank: int | None = None, most: int = MOST_STEPS) -> Tuning:
    """Teach a student to answer, always with the same batches.

    Parameters
    ----------
    student : Student
        Stays as it is.
    counted : str
        Which tokens count in the loss: one of `COUNTED`.
    rank : int, optional
        Train only changes of this rank of the blocks' matrices, and the rows of the marks; all weights if left out.
    most : int
        How many steps it takes.
    """
    key = Tuned(student, counted, rank, most)
    return key.find() or key.train(Watch())


def _tune(tuned: Tuned, watch: Watch) -> Tuning:
    student, rank, most = tuned.student, tuned.rank, tuned.most
    learned, new = split_pairs()
    model = copy.deepcopy(student.model).train()
    if rank is None:
        trained, count = list(model.parameters()), model.count_weights()
    else:
        model.requires_grad_(False)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            add_low_rank(model.blocks, rank, alpha=2 * rank)
        marks = [model.token_embedding.weight, model.output.weight]
        changes = [parameter for parameter in model.parameters() if parameter.requires_grad]
        for matrix in marks:
            matrix.requires_grad_(True).register_hook(keep_last_rows)
        trained = [*changes, *marks]
        count = sum(parameter.numel() for parameter in changes) + sum(MARK_COUNT * matrix.shape[1] for matrix in marks)
    rate = RATE if rank is None else LOW_RANK_RATE
    optimizer = Adam(trained, rate)
    chance = random.Random(0)
    rows = {pair: student.encode(pair) for pair in learned}
    steps, answers = [], []
    watch.begin(most)
    for step in range(most + 1):
        if step % EVERY == 0:
            steps.append(step)
            answers.append(ask_all(model, student, (*learned, *new)))
        if step == most:
            break
        optimizer.param_groups[0]["lr"] = rate * min(1, (step + 1) / WARM_UP)
        batch = [rows[pair] for pair in chance.sample(learned, BATCH)]
        tokens, mask = stack_rows([(row, choose_counted(answered, tuned.counted)) for row, answered in batch])
        inputs, targets = answer_targets(tokens, mask)
        optimizer.zero_grad()
        loss = answer_loss(model(inputs), targets)
        loss.backward()
        optimizer.step()
        watch.advance(loss=loss.item())
    weights = {name: tensor.detach().clone() for name, tensor in merged_weights(model).items()}
    return Tuning(tuple(steps), tuple(answers), model, weights, count)


def keep_last_rows(gradient: Float[Tensor, "vocabulary channel"]) -> Float[Tensor, "vocabulary channel"]:
    """Return a gradient that moves the rows of the marks only, which are the last ones."""
    kept = torch.zeros_like(gradient)
    kept[-MARK_COUNT:] = gradient[-MARK_COUNT:]
    return kept


@torch.inference_mode()
def ask_all(model: GPT, student: Student, pairs: tuple[Pair, ...]) -> dict[Pair, list[int]]:
    """Return a model's answer to each question, token by token the likeliest, up to the mark that ends it."""
    end = (find_marks(student.tokenizer) or {})["<|end|>"]
    asked = {pair: student.encode(pair, ask=True)[0] for pair in pairs}
    by_length: dict[int, list[Pair]] = {}
    for pair, tokens in asked.items():
        by_length.setdefault(len(tokens), []).append(pair)
    found = {}
    for group in by_length.values():
        prompts = torch.tensor([asked[pair] for pair in group])
        written, _ = sample_batch(model, prompts, ANSWER_TOKENS, greedy=True)
        for pair, row in zip(group, written.tolist(), strict=True):
            found[pair] = row[: row.index(end) + 1] if end in row else row
    return found
