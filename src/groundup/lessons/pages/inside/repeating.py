"""Two layers of attention that learn to continue what repeats: the small model in which the page shows induction."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

from groundup.base.errors import UserError
from groundup.base.writing import write_atomically
from groundup.lessons.trained import models_folder, open_small, tell_waiting
from groundup.lessons.watching import Watch
from groundup.models.attention_maps import catch_inputs, head_weights
from groundup.steps.c4_training.optimisers import Adam
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c6_gpt.gpt_training import next_token_loss
from groundup.steps.c7_beyond.ablation import Part, switched_off
from groundup.steps.c7_beyond.head_scores import induction_score, previous_token_score, repeat_random_tokens

LETTERS = "abcdefghijklmnopqrstuvwxyz"
LAYERS, HEADS, WIDTH, CONTEXT = 2, 2, 48, 24
STEPS, BATCH, RATE, SEED = 400, 32, 3e-3, 1
# How many letters a row repeats.
LEAST, MOST = 4, 12
# Letters repeated once, on which heads are scored.
SCORED, SCORED_ROWS = 9, 64
NOTHING = "nothing"
HEAD_NAMES = ("1.1", "1.2", "2.1", "2.2")
BOTH = "2.1 and 2.2"


@dataclass(frozen=True)
class Repeater:
    """A model that continues what repeats.

    Attributes
    ----------
    model : GPT
        Two layers; its feed-forward networks are always off.
    order : tuple of tuple of int
        The heads of each layer as the page numbers them: in the first layer that which looks most at the letter before
        is the first one, in the second layer the one with the highest induction score.
    """

    model: GPT
    order: tuple[tuple[int, ...], ...]

    @contextmanager
    def without(self, heads: tuple[tuple[int, int], ...] = ()) -> Iterator[GPT]:
        """Give the model, with some heads off: their layers and numbers on the page, from 0."""
        parts = [Part("feed-forward", layer) for layer in range(LAYERS)]
        parts += [Part("head", layer, self.order[layer][head]) for layer, head in heads]
        with switched_off(self.model, parts):
            yield self.model

    def weigh(self, model: GPT, rows: Int[Tensor, "batch time"]) -> Float[Tensor, "layer batch head time time"]:
        """Return the attention weights of all heads, in the page's order."""
        caught = catch_inputs(model, rows)
        return torch.stack(
            [head_weights(*one)[:, list(order)].float() for one, order in zip(caught, self.order, strict=True)]
        )


def draw_rows(count: int, generator: Generator) -> Int[Tensor, "row time"]:
    """Return rows of different random letters that repeat."""
    lengths = torch.randint(LEAST, MOST + 1, (count,), generator=generator).tolist()
    rows = [torch.randperm(len(LETTERS), generator=generator)[:length] for length in lengths]
    return torch.stack([row.repeat(CONTEXT // len(row) + 1)[:CONTEXT] for row in rows])


@torch.no_grad()
def score_heads(repeater: Repeater, heads_off: tuple[tuple[int, int], ...] = ()) -> tuple[Tensor, Tensor]:
    """Return how much each head looks at the letter before, and its induction score: L×H each."""
    rows = repeat_random_tokens(len(LETTERS), SCORED, SCORED_ROWS, torch.Generator().manual_seed(0))
    with repeater.without(heads_off) as model:
        weights = repeater.weigh(model, rows)
    return previous_token_score(weights).mean(1), induction_score(weights, SCORED).mean(1)


def _make(model: GPT) -> Repeater:
    model.eval().requires_grad_(False)
    plain = Repeater(model, (tuple(range(HEADS)),) * LAYERS)
    before, induction = score_heads(plain)
    order = before[0].argsort(descending=True), induction[1].argsort(descending=True)
    return Repeater(model, tuple(tuple(one.tolist()) for one in order))


def _build() -> GPT:
    return GPT(GPTSettings(len(LETTERS), context=CONTEXT, layers=LAYERS, heads=HEADS, width=WIDTH))


def train_repeater(watch: Watch) -> GPT:
    """Train two layers of attention on rows that repeat."""
    generator = torch.Generator().manual_seed(SEED)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        model = _build()
    optimizer = Adam(model.parameters(), RATE)
    plain = Repeater(model, (tuple(range(HEADS)),) * LAYERS)
    watch.begin(STEPS)
    with plain.without():
        for _ in range(STEPS):
            rows = draw_rows(BATCH, generator)
            loss = next_token_loss(model, rows[:, :-1], rows[:, 1:])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            watch.advance(loss=loss.item())
    return model


class Repeating:
    """The model of this page, as `groundup.lessons.trained.open_small` trains it."""

    name = "repeating letters"

    @property
    def path(self) -> Path:
        """Where its weights are kept."""
        return models_folder() / "repeating.pt"

    def find(self) -> Repeater | None:
        """Return it if it is trained."""
        return _read(self.path, self.path.stat().st_mtime_ns) if self.path.is_file() else None

    def train(self, watch: Watch) -> Repeater:
        """Train it while ``watch`` follows, and return it."""
        held = io.BytesIO()
        torch.save(train_repeater(watch).state_dict(), held)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self.path, held.getvalue())
        found = self.find()
        assert found is not None
        return found


@lru_cache(maxsize=1)
def _read(path: Path, _changed: int) -> Repeater:
    model = _build()
    model.load_state_dict(torch.load(path, weights_only=True))
    return _make(model)


@tell_waiting
def compute_repeat(text: str, off: str, head: int, letter: int) -> dict[str, Any]:
    """Return where the heads look in a text that repeats, and what the model predicts.

    Parameters
    ----------
    text : str
        Its letters are read, small, at most 24.
    off : str
        A name in `HEAD_NAMES`, `BOTH`, or `NOTHING`.
    head, letter : int
        The head whose attention is shown, and the letter that looks, both from 1.

    Returns
    -------
    dict
        ``tokens``; ``weights``, L×H×T×T; ``heads``, their names, layer by layer; ``previous`` and ``induction``, the
        scores of each head, L×H; ``layer`` and ``head``, of that which is shown, and ``off``, of those which are off,
        all from 0; ``letter``, from 0; ``sources``: for each letter the place after its earlier occurrence, or
        ``None``; ``chances``: the probability that each letter had before it was read, ``None`` for the first;
        ``guesses``: for each letter, the letter that most probably follows, and its probability; ``loss``: the mean
        loss of the letters that follow an earlier occurrence, or ``None``; ``says``.

    Raises
    ------
    UserError
        There are fewer than two letters.
    """
    read = [sign for sign in text.lower() if sign in LETTERS][:CONTEXT]
    if len(read) < 2:
        raise UserError("Type at least two letters from a to z.")
    repeater = open_small(Repeating())
    gone = tuple((int(name[0]) - 1, int(name[2]) - 1) for name in HEAD_NAMES if name in off)
    rows = torch.tensor([[LETTERS.index(sign) for sign in read]])
    with torch.no_grad(), repeater.without(gone) as model:
        weights = repeater.weigh(model, rows)[:, 0]
        probabilities = model(rows)[0].softmax(dim=-1)
    previous, induction = score_heads(repeater, gone)
    sources = [find_after(read, place) for place in range(len(read))]
    chances = [float(probabilities[place, rows[0, place + 1]]) for place in range(len(read) - 1)]
    # The letter that came after the earlier occurrence has come again.
    again = [at is not None and read[at] == later for at, later in zip(sources, read[1:], strict=False)]
    repeated = [chance for chance, is_again in zip(chances, again, strict=True) if is_again]
    loss = sum(-math.log(chance) for chance in repeated) / len(repeated) if repeated else None
    best = probabilities.max(dim=-1)
    guesses = [
        (LETTERS[token], chance) for token, chance in zip(best.indices.tolist(), best.values.tolist(), strict=True)
    ]
    chosen = min(letter, len(read)) - 1
    layer, number = divmod(head - 1, len(repeater.order[0]))
    row = weights[layer, number, chosen]
    most = int(row.argmax())
    told = f" Mean loss of the letters that repeat: {loss:.3g}." if loss is not None else ""
    return {
        "tokens": read,
        "weights": weights,
        "previous": previous,
        "induction": induction,
        "layer": layer,
        "head": number,
        "heads": HEAD_NAMES,
        "off": gone,
        "letter": chosen,
        "sources": sources,
        "chances": [None, *chances],
        "guesses": guesses,
        "loss": loss,
        "says": f"Head {HEAD_NAMES[head - 1]}, at letter {chosen + 1}, “{read[chosen]}”, looks at letter {most + 1}, "
        f"“{read[most]}”, with {float(row[most]):.0%}. The model's next letter: “{guesses[chosen][0]}”, with "
        f"{guesses[chosen][1]:.0%}.{told}",
    }


def find_after(tokens: list[str], place: int) -> int | None:
    """Return the place after the last earlier occurrence of a token, if it was there before."""
    earlier = [before for before in range(place) if tokens[before] == tokens[place]]
    return earlier[-1] + 1 if earlier else None
