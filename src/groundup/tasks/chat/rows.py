"""Dialogues as rows of tokens: encoded, packed, and taken in batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from groundup.base.errors import UserError
from groundup.data.corpus.chat_marks import PlainEncoder
from groundup.data.corpus.dialogues import Dialogue
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c7_beyond.answer_loss import IGNORED, answer_targets
from groundup.steps.c7_beyond.chat_template import encode_chat
from groundup.steps.c7_beyond.packing import count_positions, fill_row, pack_examples, separate_examples
from groundup.training.shuffling import Shuffle

# How many tokens are measured at once: as many as keep the processor busy.
MEASURED_AT_ONCE = 16_384


@dataclass(frozen=True)
class Rows:
    """Rows of packed dialogues.

    Attributes
    ----------
    tokens, numbers, targets : Tensor
        int64 ``[row, time]``: the inputs, the number of the dialogue that each belongs to (0 where the row is empty),
        and the next token where it is one of an answer.
    answers : int
        How many targets count.
    left_out : int
        How many dialogues were too long, their first answer included.
    """

    tokens: Tensor
    numbers: Tensor
    targets: Tensor
    answers: int
    left_out: int

    def batch(self, rows: Tensor | slice, device: torch.device) -> tuple[Tensor, Tensor]:
        """Return inputs ``[batch, 2, time]``, tokens and numbers, and targets ``[batch, time]``."""
        inputs = torch.stack([self.tokens[rows], self.numbers[rows]], dim=1)
        return inputs.to(device), self.targets[rows].to(device)


def make_rows(
    dialogues: Sequence[Dialogue],
    encode: PlainEncoder,
    numbers: Mapping[str, int],
    context: int,
    packed: bool,
    name: str,
) -> Rows:
    """Encode dialogues and put them into rows.

    A dialogue with more tokens than the context ends after the last answer that fits.

    Parameters
    ----------
    dialogues : sequence of list of dict
        Messages with role and content.
    encode, numbers
        As for `groundup.steps.c7_beyond.chat_template.encode_chat`.
    context : int
        T, the positions of a row.
    packed : bool
        Whether several dialogues may share a row.
    name : str
        Where they come from, for the error.

    Raises
    ------
    UserError
        A dialogue has characters that the tokenizer does not know, or none fits.
    """
    examples = []
    for place, dialogue in enumerate(dialogues, start=1):
        try:
            tokens, answered = encode_chat(dialogue, encode, numbers)
        except UserError as error:
            raise UserError(f"{name}, dialogue {place}: {error}") from error
        inputs, targets = answer_targets(torch.tensor(tokens), torch.tensor(answered))
        end = _find_end(answered, context + 1)
        if (targets[: end - 1] != IGNORED).any():
            examples.append((inputs[: end - 1], targets[: end - 1]))
    if not examples:
        raise UserError(
            f"{name}: no dialogue fits into the {context} tokens that the model sees at once, its first answer "
            "included. Give shorter ones, or go on from a run with a longer context."
        )
    lengths = [len(inputs) for inputs, _ in examples]
    rows = pack_examples(lengths, context) if packed else [[place] for place in range(len(examples))]
    filled = [fill_row([examples[place] for place in places], context) for places in rows]
    tokens_of, numbers_of, targets_of = (torch.stack(parts) for parts in zip(*filled, strict=True))
    answers = int((targets_of != IGNORED).sum())
    return Rows(tokens_of, numbers_of, targets_of, answers, len(dialogues) - len(examples))


def _find_end(answered: Sequence[bool], most: int) -> int:
    """Return how many of the first ``most`` tokens end with a whole message of the assistant; 1 if none does."""
    following = [*answered[1:], False]
    ends = [place + 1 for place, own in enumerate(answered) if own and not following[place]]
    return max((end for end in ends if end <= most), default=1)


class ChatBatches:
    """Batches to train on, by the step's number.

    Parameters
    ----------
    rows : Rows
        What to learn from.
    batch_size, seed : int
        Rows of a step, and their order.
    device : torch.device
        Where the batches go.
    """

    def __init__(self, rows: Rows, batch_size: int, seed: int, device: torch.device) -> None:
        self.rows, self.device = rows, device
        self.shuffle = Shuffle(len(rows.tokens), batch_size, seed)

    def __call__(self, step: int) -> tuple[Tensor, Tensor]:
        """Return inputs and targets; see `Rows.batch`."""
        return self.rows.batch(self.shuffle(step), self.device)


def ask_packed(model: GPT, inputs: Tensor) -> Tensor:
    """Return the logits of inputs ``[batch, 2, time]``; the plain preset has one dialogue in a row."""
    tokens, numbers = inputs[:, 0], inputs[:, 1]
    if not model.has_cache:
        logits: Tensor = model(tokens)
        return logits
    packed_logits: Tensor = model(tokens, packed=(separate_examples(numbers), count_positions(numbers)))
    return packed_logits


@torch.no_grad()
def measure_answers(model: GPT, rows: Rows) -> float:
    """Return the mean loss over all tokens of answers, in nats per token; the caller chooses the precision."""
    device, total = model.token_embedding.weight.device, 0.0
    for part in _cut(len(rows.tokens), rows.tokens.shape[1], model.settings.vocabulary):
        inputs, targets = rows.batch(part, device)
        logits = ask_packed(model, inputs).flatten(0, 1).float()
        losses = torch.nn.functional.cross_entropy(logits, targets.flatten(), ignore_index=IGNORED, reduction="sum")
        total += float(losses)
    return total / rows.answers


def _cut(rows: int, context: int, vocabulary: int) -> Iterator[slice]:
    at_once = max(1, min(MEASURED_AT_ONCE, 32_000_000 // vocabulary) // context)
    for first in range(0, rows, at_once):
        yield slice(first, first + at_once)
