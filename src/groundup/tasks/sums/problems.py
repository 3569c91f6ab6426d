"""Sums as text: how a question and its answer are written, which ones are held out, and batches of them.

Every number has the same width, with zeros in front, so ``12+345`` is written ``012+345=`` for three digits. Then each
digit of a number always stands at the same distance from the digits that it is added to, and no token says where an
answer ends. With ``order="reversed"`` the answer begins with its last digit: ``012+345=7530``. This is the order in
which a person adds by hand, and each digit then depends only on two digits of the question and a carry.
Source: N. Lee et al., "Teaching arithmetic to small transformers", ICLR 2024, section 3 (reversed answers).

A product can be written with its working, as people multiply by hand: the left number times each digit of the right
one, the last digit first and with the zeros of its place. Each of these partial products is added to the total so far,
and the last total is the answer. 47*36 is 282+1410=1692, and with ``order="reversed"`` each of these numbers is written
from its last digit on: ``47*36=282+0141=2961``. Each token then depends on a few of the tokens before it only.
Source: M. Nye et al., "Show your work: scratchpads for intermediate computation with language models", 2021.

A tenth of all questions is held out by a rule: a hash of the two numbers. It depends neither on the seed nor on the
run, and not on the order of the two numbers, so that 2+3 does not give away 3+2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Int
from torch import Tensor

from groundup.base.errors import UserError

SIGNS = {"plus": "+", "times": "*"}
ALPHABET = "*+0123456789="  # in Unicode order, as `groundup.data.corpus.tokens` numbers characters
ZERO = ALPHABET.index("0")
HELD_OUT_SHARE = 10  # one question in so many
# What an int64 holds: a sum of two numbers of 18 digits, a product of two numbers of 9 digits.
MOST_DIGITS = {"plus": 18, "times": 9}
_QUESTION = re.compile(r"\s*(\d+)\s*([+*x×·])\s*(\d+)\s*(?:=\s*(\d*)\s*)?", re.ASCII)
_GOLDEN, _MIX_1, _MIX_2 = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


@dataclass(frozen=True)
class Questions:
    """Pairs of numbers.

    Attributes
    ----------
    left, right : array of int64, shape (question,)
        The two numbers of each question.
    """

    left: Int[np.ndarray, " question"]
    right: Int[np.ndarray, " question"]

    def __len__(self) -> int:
        """Count the questions."""
        return len(self.left)

    def take(self, places: np.ndarray | slice) -> Questions:
        """Return the questions at some places, or those for which a mask is true."""
        return Questions(self.left[places], self.right[places])


@dataclass(frozen=True)
class Problems:
    """All questions of one kind, and how they are written.

    Attributes
    ----------
    digits : int
        The most digits of a number in a question.
    operation : {"plus", "times"}
        What is asked.
    order : {"reversed", "reading"}
        Whether an answer is written from its last digit on or as it is read.
    working : bool
        Whether partial products and totals are written before a product. Sums and products of one digit have none.

    Examples
    --------
    >>> problems = Problems(3, "plus", "reversed")
    >>> problems.write(problems.read("12+345"))
    ['012+345=7530']
    >>> problems = Problems(2, "times", "reading", working=True)
    >>> problems.write(problems.read("47*36"))
    ['47*36=282+1410=1692']
    """

    digits: int = 3
    operation: str = "plus"
    order: str = "reversed"
    working: bool = False

    def __post_init__(self) -> None:
        if self.digits > MOST_DIGITS[self.operation]:
            raise UserError(
                f"--set digits={self.digits}: with operation={self.operation} a number has at most "
                f"{MOST_DIGITS[self.operation]} digits."
            )

    @property
    def answer_length(self) -> int:
        """How many digits an answer is written with."""
        return self.digits + 1 if self.operation == "plus" else 2 * self.digits

    @property
    def working_lengths(self) -> list[int]:
        """How many digits each number of a working is written with; none where no working is written."""
        if not self.working or self.operation == "plus" or self.digits == 1:
            return []
        # Of every place a partial product and a total; but the first one is its own total, the last total the answer.
        return [self.digits + 1 + place for place in range(self.digits) for _ in "+="][1:-1]

    @property
    def working_length(self) -> int:
        """How many tokens the working has: its numbers, and a sign behind each."""
        return sum(self.working_lengths) + len(self.working_lengths)

    @property
    def written_length(self) -> int:
        """How many tokens the model writes: the working and the answer."""
        return self.working_length + self.answer_length

    @property
    def question_length(self) -> int:
        """How many tokens a question has, from its first digit to the equals sign."""
        return 2 * self.digits + 2

    @property
    def sign(self) -> str:
        """The sign between the numbers."""
        return SIGNS[self.operation]

    def solve(self, questions: Questions) -> Int[np.ndarray, " question"]:
        """Return the right answers."""
        if self.operation == "plus":
            return questions.left + questions.right
        return questions.left * questions.right

    def encode_questions(self, questions: Questions) -> Int[Tensor, "question time"]:
        """Return the tokens of questions, each with its equals sign at the end."""
        count = len(questions)
        sign, equals = (np.full((count, 1), ALPHABET.index(letter)) for letter in (self.sign, "="))
        left, right = (_cut(number, self.digits) + ZERO for number in (questions.left, questions.right))
        return torch.from_numpy(np.concatenate([left, sign, right, equals], axis=1))

    def encode_answers(self, answers: Int[np.ndarray, " question"]) -> Int[Tensor, "question time"]:
        """Return the tokens of answers in the order in which they are written."""
        return torch.from_numpy(self._encode(answers, self.answer_length))

    def encode_written(self, questions: Questions) -> Int[Tensor, "question time"]:
        """Return the tokens of all that is to be written behind questions: the working, and the right answer."""
        parts, left, right = [], questions.left, questions.right
        for number, length in enumerate(self.working_lengths):
            place = (number + 1) // 2
            known = right % 10 ** (place + 1)  # the digits that are multiplied by now
            factor = known if _is_total(number) else known - right % 10**place
            sign = "=" if _is_total(number + 1) else "+"
            parts += [self._encode(left * factor, length), np.full((len(left), 1), ALPHABET.index(sign))]
        parts.append(self._encode(self.solve(questions), self.answer_length))
        return torch.from_numpy(np.concatenate(parts, axis=1))

    def find_answers(self, written: Int[Tensor, "question time"]) -> Int[Tensor, "question time"]:
        """Return the tokens of the answers within what was written: the last ones."""
        return written[:, self.working_length :]

    def decode_answers(self, tokens: Int[Tensor, "question time"]) -> list[str]:
        """Return written answers as they are read, without zeros in front; what is no digit stays to be seen."""
        return [self._decode(row) for row in tokens.tolist()]

    def decode_working(self, written: Int[Tensor, "question time"]) -> list[str]:
        """Return the workings within what was written as they are read; empty where none is written.

        A total is repeated before what is added to it: ``738 + 6150 = 6888, 6888 + 49200`` is the working of 123*456.
        """
        texts = []
        for row in written.tolist():
            text, start = "", 0
            for number, length in enumerate(self.working_lengths):
                end = start + length
                found, sign = self._decode(row[start:end]), ALPHABET[row[end]]
                text += (f"{found}, {found}" if _is_total(number) else found) + f" {sign} "
                start = end + 1
            texts.append(text[:-3])  # the sign behind the last number stands before the answer
        return texts

    def _encode(self, numbers: Int[np.ndarray, " number"], length: int) -> Int[np.ndarray, "number digit"]:
        digits = _cut(numbers, length) + ZERO
        return digits[:, ::-1].copy() if self.order == "reversed" else digits

    def _decode(self, tokens: list[int]) -> str:
        text = "".join(ALPHABET[token] for token in tokens)
        return (text[::-1] if self.order == "reversed" else text).lstrip("0") or "0"

    def write(self, questions: Questions) -> list[str]:
        """Return questions, each with its working and its right answer, as the model sees them."""
        rows = torch.cat([self.encode_questions(questions), self.encode_written(questions)], dim=1)
        return ["".join(ALPHABET[token] for token in row) for row in rows.tolist()]

    def read(self, text: str) -> Questions:
        """Read one question as a person types it: ``12+34``, ``12 × 34``, ``12+34=``.

        Raises
        ------
        UserError
            It is no question, asks for another operation, or its numbers have too many digits.
        """
        shown = text if len(text) <= 60 else f"{text[:60]}…"
        found = _QUESTION.fullmatch(text)
        if found is None:
            raise UserError(f'"{shown}": not a question of this run. Write two whole numbers, such as 12{self.sign}34.')
        left, sign, right, _ = found.groups()
        if (sign == "+") != (self.operation == "plus"):
            learned = "sums" if self.operation == "plus" else "products"
            raise UserError(f'"{shown}": this run learned {learned} only. Write 12{self.sign}34.')
        numbers = [number.lstrip("0") or "0" for number in (left, right)]
        if max(map(len, numbers)) > self.digits:
            unit = "digit" if self.digits == 1 else "digits"
            raise UserError(f'"{shown}": this run learned numbers of at most {self.digits} {unit}.')
        return Questions(np.array([int(numbers[0])]), np.array([int(numbers[1])]))

    def draw(self, count: int, seed: tuple[int, ...], held_out: bool = False) -> Questions:
        """Draw questions; half of the numbers are uniform, and of the others every length is as likely.

        Parameters
        ----------
        count : int
            How many.
        seed : tuple of int
            Decides which: the same seed draws the same questions.
        held_out : bool
            Whether to draw from the questions that are held out, or from all others.
        """
        generator = np.random.default_rng(seed)
        drawn: list[Questions] = []
        found = 0
        while found < count:
            more = self._draw_any((count - found) * (HELD_OUT_SHARE if held_out else 1) * 5 // 4 + 16, generator)
            drawn.append(more.take(is_held_out(more) == held_out))
            found += len(drawn[-1])
        left, right = (np.concatenate(parts)[:count] for parts in zip(*((q.left, q.right) for q in drawn), strict=True))
        return Questions(left, right)

    def draw_test(self, count: int, seed: int) -> Questions:
        """Draw held-out questions that all differ: ``count`` of them, or as many as are found in ten times as many."""
        drawn = self.draw(10 * count, (seed, 1), held_out=True)
        pairs = np.stack([drawn.left, drawn.right], axis=1)
        _, first = np.unique(pairs, axis=0, return_index=True)
        return drawn.take(np.sort(first)[:count])

    def _draw_any(self, count: int, generator: np.random.Generator) -> Questions:
        lengths = generator.integers(1, self.digits + 1, (2, count))
        lengths[generator.random((2, count)) < 0.5] = self.digits
        left, right = generator.integers(0, 10 ** lengths.astype(np.int64))
        return Questions(left, right)

    def batch(self, size: int, seed: int, step: int) -> tuple[Int[Tensor, "batch time"], Int[Tensor, "batch written"]]:
        """Return a batch to train on: a pure function of the seed and the step.

        Returns
        -------
        inputs : Tensor
            Questions and what is written behind them, without the last digit.
        targets : Tensor
            What is written: what the model should predict at its last ``written_length`` positions.
        """
        questions = self.draw(size, (seed, 0, step))
        written = self.encode_written(questions)
        return torch.cat([self.encode_questions(questions), written[:, :-1]], dim=1), written

    def find_drawn(self, questions: Questions, size: int, seed: int, steps: int) -> list[bool]:
        """Return which questions were in a batch of a run's steps, whichever number came first; see `batch`."""
        pairs = _list_pairs(questions)
        wanted, drawn = set(pairs), set()
        for step in range(steps):
            drawn |= wanted.intersection(_list_pairs(self.draw(size, (seed, 0, step))))
        return [pair in drawn for pair in pairs]


def is_held_out(questions: Questions) -> Bool[np.ndarray, " question"]:
    """Return which questions no run ever trains on: one in `HELD_OUT_SHARE`, whichever number comes first.

    Source: the mixing function is SplitMix64 (G. Steele et al., "Fast splittable pseudorandom number generators",
    2014).
    """
    low, high = _sort_pairs(questions)
    mixed = _mix(_mix(low.astype(np.uint64)) ^ high.astype(np.uint64))
    held_out: np.ndarray = mixed % np.uint64(HELD_OUT_SHARE) == 0
    return held_out


def _is_total(number: int) -> bool:
    """Tell whether a number of a working is a total: each second one, from the third on."""
    return number > 0 and number % 2 == 0


def _list_pairs(questions: Questions) -> list[tuple[int, int]]:
    low, high = _sort_pairs(questions)
    return list(zip(low.tolist(), high.tolist(), strict=True))


def _sort_pairs(questions: Questions) -> tuple[np.ndarray, np.ndarray]:
    """Return the smaller and the larger number of each question."""
    return np.minimum(questions.left, questions.right), np.maximum(questions.left, questions.right)


def _mix(value: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):  # modulo 2⁶⁴ is meant
        value = value + np.uint64(_GOLDEN)
        value = (value ^ (value >> np.uint64(30))) * np.uint64(_MIX_1)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(_MIX_2)
        return value ^ (value >> np.uint64(31))


def _cut(numbers: Int[np.ndarray, " number"], width: int) -> Int[np.ndarray, "number digit"]:
    """Return the digits of numbers, the first one first, with zeros in front."""
    return numbers[:, None] // 10 ** np.arange(width - 1, -1, -1, dtype=np.int64) % 10
