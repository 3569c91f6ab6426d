"""What the lesson on answering shows: which tokens count, a GPT before and after, and examples that share rows."""

from __future__ import annotations

import math
import re
from typing import Any

import torch

from groundup.lessons.origins import Factor, Term, trace_sum
from groundup.lessons.pages.answering.facts import (
    ANSWERS,
    ASKED,
    COUNTED,
    EVERY,
    EVERYTHING,
    MOST_STEPS,
    Pair,
    Tuned,
    choose_counted,
    open_student,
    split_pairs,
)
from groundup.lessons.trained import open_small, tell_waiting
from groundup.lessons.views import Choice, Points, Slider, Switch, TextBox, View
from groundup.models.batched_decoding import sample_batch
from groundup.steps.c6_gpt.attention import causal_mask
from groundup.steps.c7_beyond.answer_loss import IGNORED, answer_loss, answer_targets
from groundup.steps.c7_beyond.chat_template import END, MARKS, encode_chat, render
from groundup.steps.c7_beyond.packing import count_positions, pack_examples, separate_examples

QUESTION, ANSWER = "Where does the cow live?", "It lives in the stable."
SECOND = ("What does it eat?", "Grass.")
MOST_LETTERS = 80
COUNTED_WORDS = ("the answers", "everything", "answers, no end")
CONTINUED = 14  # tokens that the untuned model goes on with
SHOWN_ANIMALS = ("horse", "frog", "pig", "owl", "lion", "cow")
LENGTHS = (9, 4, 7, 12, 5, 3, 6, 10)
LONGEST = 16
# Of the next token, if it belongs to an answer, and of any other: the worked example's.
SURE, UNSURE = 0.5, 0.1


class Words:
    """Numbers for the marks and for words, in the order in which they come."""

    def __init__(self) -> None:
        self.texts = list(MARKS)

    def encode(self, text: str) -> list[int]:
        """Return the numbers of a text's words and signs: what looks like a mark is signs and a word."""
        found = []
        for word in re.findall(r"\w+|[^\w\s]", text):
            # From behind the marks: typed text never becomes one.
            if word not in self.texts[len(MARKS) :]:
                self.texts.append(word)
            found.append(self.texts.index(word, len(MARKS)))
        return found


def compute_tokens(question: str, answer: str, counted: str, second: bool) -> dict[str, Any]:
    """Return a conversation as inputs and targets.

    Returns
    -------
    dict
        ``inputs``, the tokens as texts; ``roles``, of each "mark", "user" or "assistant"; ``targets``, the token after
        each, ``counts``, whether it counts; ``told``, a sentence per position; ``first``, the first that counts;
        ``text``, the conversation as one text; ``loss``, if the model gives each token of an answer a probability of
        0.5 and any other 0.1, and its ``origins``; ``says``.
    """
    messages = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    if second:
        messages += [{"role": role, "content": text} for role, text in zip(("user", "assistant"), SECOND, strict=True)]
    words = Words()
    tokens, answered = encode_chat(messages, words.encode, {mark: MARKS.index(mark) for mark in MARKS})
    mask = choose_counted(answered, counted)
    inputs, targets = answer_targets(torch.tensor(tokens), torch.tensor(mask))
    counts = (targets != IGNORED).tolist()
    texts = [words.texts[token] for token in tokens]
    roles = [
        "mark" if token < len(MARKS) else "assistant" if own else "user"
        for token, own in zip(tokens, answered, strict=True)
    ]
    total, own = sum(counts), sum(answered[1:])
    loss, origins = suppose_loss(counts, answered[1:])
    told = [
        f"Position {place} has read {'… ' * (place > 3)}{' '.join(texts[max(0, place - 3) : place + 1])}. The next "
        f"token is {texts[place + 1]}, and {'it counts' if count else 'it does not count'}."
        for place, count in enumerate(counts)
    ]
    return {
        "inputs": texts[: len(inputs)],
        "roles": roles[: len(inputs)],
        "targets": texts[1:],
        "counts": counts,
        "told": told,
        "first": counts.index(True) if total else 0,
        "text": render(messages),
        "loss": loss,
        "origins": origins,
        "says": f"{total} of {len(counts)} targets count; {min(own, total)} of these belong to answers. Each has the "
        f"weight 1/{total} in the loss."
        if total
        else f"None of the {len(counts)} targets counts: the loss is 0.",
    }


def suppose_loss(counts: list[bool], answered: list[bool]) -> tuple[float, dict[str, Any]]:
    """Return the loss of targets with the probabilities `SURE` and `UNSURE`, and where it comes from.

    Parameters
    ----------
    counts, answered : list of bool
        Of each target whether it counts, and whether it belongs to an answer.
    """
    p = torch.where(torch.tensor(answered), SURE, UNSURE).double()
    logits = torch.stack([p, 1 - p], dim=1).log()  # two tokens: the right one, and all others as one
    loss = float(answer_loss(logits, torch.where(torch.tensor(counts), 0, IGNORED)))
    total = sum(counts)
    origins, terms = {}, list[Term]()
    for key, kind, share, own in (
        ("sure", "an answer's token", SURE, True),
        ("unsure", "another token", UNSURE, False),
    ):
        if count := sum(count and here == own for count, here in zip(counts, answered, strict=True)):
            cost = -math.log(share)
            origins[key] = trace_sum(f"loss of {kind}", cost, [Factor("p", share)], then="−log ·")
            terms.append(
                [
                    Factor("tokens that count", count),
                    Factor(f"loss of {kind}", cost, key),
                    Factor("all that count", total, over=True),
                ]
            )
    if terms:
        origins["loss"] = trace_sum("L", loss, *terms)
    return loss, origins


@torch.inference_mode()
def continue_question(question: str) -> str:
    """Return how the model goes on with a question before it learned to answer, always with the likeliest token."""
    student = open_student()
    tokens = torch.tensor([student.encode_text(question)])
    written, _ = sample_batch(student.model, tokens, CONTINUED, greedy=True)
    return student.tokenizer.decode(written[0].tolist())


@tell_waiting
def compute_tuned(animal: str, asked: str, counted: str, steps: int) -> dict[str, Any]:
    """Return what a small GPT says to a question before and after it learned to answer.

    Returns
    -------
    dict
        ``question``, ``right`` (the answer), ``learned`` (whether this pair was learned from); ``before``, how the
        model goes on with the question as a text; ``steps``, when it was asked, and for each of them ``answers``, its
        answer, ``ended``, whether it ends with its mark, ``shares``, of the pairs learned from and of the others that
        are exactly right; ``begun``, of the others that begin with the right sentence; ``says``.
    """
    student, pair = open_student(), Pair(animal, asked)
    found = open_small(Tuned(student, counted))
    learned, new = split_pairs()
    texts = [student.tokenizer.decode(answers[pair]) for answers in found.answers]
    shares = [found.share_exact(student, pairs) for pairs in (learned, new)]
    begun = found.share_begun(student, new)
    told = [
        f"After {step} steps: {one:.0%} of the questions that it learned from are answered exactly. Of the answers to "
        f"those that it was never asked, {other:.0%} are exact, and {first:.0%} begin with the right sentence."
        for step, one, other, first in zip(found.steps, *shares, begun, strict=True)
    ]
    return {
        "question": pair.question,
        "right": pair.answer,
        "learned": pair in learned,
        "before": continue_question(pair.question),
        "steps": found.steps,
        "answers": [text.removesuffix(END) for text in texts],
        "ended": [text.endswith(END) for text in texts],
        "shares": shares,
        "begun": begun,
        "told": told,
        "says": told[steps // EVERY],
    }


@tell_waiting
def compute_beside(animal: str, asked: str, steps: int) -> dict[str, Any]:
    """Return what two models say that learn from the same dialogues: in one the answers count, in the other everything.

    Returns
    -------
    dict
        ``question``; ``right``, the answer; ``steps``, when both were asked; for each of them and each model
        ``answers``, what it says, ``ended``, whether it ends with its mark, ``exact``, whether that is exactly right,
        and ``shares``, of the questions never asked that are answered exactly; ``told`` and ``says``.
    """
    student, pair = open_student(), Pair(animal, asked)
    both = [open_small(Tuned(student, counted)) for counted in (ANSWERS, EVERYTHING)]
    texts = [[student.tokenizer.decode(answers[pair]) for answers in found.answers] for found in both]
    shares = [found.share_exact(student, split_pairs()[1]) for found in both]
    told = [
        f"After {step} steps {one:.0%} of the questions never asked are answered exactly if only the answers count, "
        f"{other:.0%} if everything counts."
        for step, one, other in zip(both[0].steps, *shares, strict=True)
    ]
    return {
        "question": pair.question,
        "right": pair.answer,
        "steps": both[0].steps,
        "answers": [[text.removesuffix(END) for text in written] for written in texts],
        "ended": [[text.endswith(END) for text in written] for written in texts],
        "exact": [[text == pair.answer + END for text in written] for written in texts],
        "shares": shares,
        "told": told,
        "says": told[steps // EVERY],
    }


def compute_packing(lengths: list[list[float]], room: int, apart: bool) -> dict[str, Any]:
    """Return how examples share rows, and what the tokens of the first row may see.

    Returns
    -------
    dict
        ``lengths``, whole numbers; ``rows``, for each row its examples as (number, begin, length); ``mask``, T×T for
        the first row: whether a position (row) sees another (column); ``positions``, T; ``used`` and ``alone``, the
        share of computed positions that hold a token, packed and with one example per row; ``says``.
    """
    sizes = [max(1, min(room, round(length))) for [length] in lengths]
    rows, numbers = [], []
    for examples in pack_examples(sizes, room):
        begins = [sum(sizes[one] for one in examples[:place]) for place in range(len(examples))]
        rows.append([(one, begin, sizes[one]) for one, begin in zip(examples, begins, strict=True)])
        filled = [one for one in examples for _ in range(sizes[one])]
        numbers.append([*filled, *[-1] * (room - len(filled))])
    first = torch.tensor(numbers[0])
    # What is left of the row belongs to no example: nothing of it is a target.
    mask = separate_examples(first) if apart else causal_mask(room, room)
    used, alone = sum(sizes) / (len(rows) * room), sum(sizes) / (len(sizes) * room)
    return {
        "lengths": sizes,
        "rows": rows,
        "mask": mask,
        "positions": count_positions(first),
        "numbers": numbers[0],
        "used": used,
        "alone": alone,
        "room": room,
        "says": f"{len(sizes)} examples share {len(rows)} row{'s' * (len(rows) > 1)} of {room} positions: {used:.0%} "
        f"of them hold a token. With one example per row it would be {alone:.0%}.",
    }


VIEWS = {
    "tokens": View(
        "A conversation as tokens: what is read, and what the model must say next",
        compute_tokens,
        (
            TextBox("question", "question", QUESTION, most=MOST_LETTERS),
            TextBox("answer", "answer", ANSWER, most=MOST_LETTERS),
            Choice("counted", "what counts", ANSWERS, COUNTED, COUNTED_WORDS),
            Switch("second", "a second turn", False),
        ),
    ),
    "tuned": View(
        "What a small GPT answers while it learns to answer",
        compute_tuned,
        (
            Choice("animal", "animal", SHOWN_ANIMALS[0], SHOWN_ANIMALS),
            Choice("asked", "asked for", ASKED[0], ASKED),
            Choice("counted", "what counts", ANSWERS, COUNTED, COUNTED_WORDS),
            Slider("steps", "steps", 0, low=0, high=MOST_STEPS, step=EVERY, plays=True),
        ),
        lazy=True,
    ),
    "beside": View(
        "Two GPTs that learn to answer: in one the answers count, in the other everything",
        compute_beside,
        (
            Choice("animal", "animal", "frog", SHOWN_ANIMALS),
            Choice("asked", "asked for", "food", ASKED),
            Slider("steps", "steps", 0, low=0, high=MOST_STEPS, step=EVERY, plays=True),
        ),
        lazy=True,
    ),
    "packing": View(
        "Examples that share the rows of a batch",
        compute_packing,
        (
            Points("lengths", "lengths", tuple((float(length),) for length in LENGTHS), least=8, most=8),
            Slider("room", "positions per row T", LONGEST, low=12, high=32, step=1),
            Switch("apart", "kept apart", True),
        ),
    ),
}
