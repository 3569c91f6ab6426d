"""Word embeddings: a row of a table for each word."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.strategies import tensors
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step, on what the course gives: arrays or lists as well as tensors."""
    import torch

    def lookup(embeddings: Any, token_ids: Any) -> Any:
        table = embeddings if isinstance(embeddings, torch.Tensor) else torch.tensor(np.asarray(embeddings))
        ids = token_ids if isinstance(token_ids, torch.Tensor) else torch.tensor(np.asarray(token_ids, dtype=np.int64))
        return step.look_up(table, ids)

    return {"lookup": lookup}


@st.composite
def cases(draw: st.DrawFn, batched: bool) -> Case:
    """Draw a table and token numbers, as one text or as several."""
    import torch

    words, width = draw(st.integers(2, 5)), draw(st.integers(1, 4))
    time, batch = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    count = batch * time if batched else time
    ids = torch.tensor(draw(st.lists(st.integers(0, words - 1), min_size=count, max_size=count)))
    return draw(tensors(words, width)), ids.reshape(batch, time) if batched else ids


def sizes(table: Any, ids: Any) -> dict[str, int]:
    """Return the vocabulary's size and the width."""
    return {"V": len(table), "d": table.shape[1]}


def worked() -> Case:
    """Return the case of the statement."""
    import torch

    return torch.tensor([[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]]), torch.tensor([[1, 2, 1]])


def large() -> tuple[str, None, Case]:
    """Return 50,000 look-ups in a table of 10,000 rows."""
    import torch

    draw = torch.Generator().manual_seed(0)
    return "lookup", None, (torch.randn(10_000, 64, generator=draw), torch.randint(10_000, (100, 500), generator=draw))


LOOK = "table[words]"

exercise = Exercise(
    name="embedding",
    title="Word embeddings",
    room="text",
    folder=Path(__file__).parent,
    modules=["groundup.steps.embedding"],
    reference=reference,
    entries={"lookup": ["lookup", "look_up"]},
    rounding=5,
    tolerance=1e-5,
    libraries=("numpy", "torch"),
    sizes=sizes,
    large=large,
    part="embedding",
    forbidden=["torch.nn.Embedding", "torch.nn.functional.embedding"],
    checks=[
        Check("several texts", "lookup", cases(batched=True), edges=[worked()]),
        Check("one text", "lookup", cases(batched=False), examples=15),
    ],
    mistakes=[
        Mistake(
            "ids counted from 1",
            "You take the row before: here the numbers count the rows from 0.",
            [Edit(LOOK, "table[words - 1]", "look_up")],
        ),
        Mistake(
            "the next row",
            "You take the row after each word's own.",
            [Edit(LOOK, "table[(words + 1) % len(table)]", "look_up")],
        ),
        Mistake(
            "columns instead of rows",
            "You pick columns of the table. A word's vector is a row: the table has a row for each of the {V} words.",
            [Edit(LOOK, "table.T[words % table.shape[1]]", "look_up")],
        ),
        Mistake(
            "averaged over the text",
            "You return one average vector for each text: each token keeps a vector of its own.",
            [Edit(LOOK, "table[words].mean(dim=-2)", "look_up")],
        ),
        Mistake(
            "summed over the width",
            "You return one number for each token: a token's vector has all its d = {d} numbers.",
            [Edit(LOOK, "table[words].sum(dim=-1)", "look_up")],
        ),
        Mistake(
            "repeated words only once",
            "You look every word up only once. A word that occurs twice gets its vector twice, in its two places.",
            [Edit(LOOK, "table[words.unique()]", "look_up")],
        ),
        Mistake(
            "sorted",
            "You put the words in order. The vectors stand in the order of the text.",
            [Edit(LOOK, "table[words.sort(dim=-1).values]", "look_up")],
        ),
        Mistake(
            "vectors normalised",
            "You bring the vectors to length 1. A look-up returns them as they are.",
            [Edit(LOOK, "torch.nn.functional.normalize(table[words], dim=-1)", "look_up")],
        ),
        Mistake(
            "texts and places exchanged",
            "Your first two dimensions are exchanged: the vectors lie as the numbers do, with one dimension more behind.",
            [Edit(LOOK, "table[words].transpose(0, 1)", "look_up")],
        ),
        Mistake(
            "texts joined to one",
            "You put all texts into one long row: the result has the shape of the numbers, with one dimension of d = {d} more behind.",
            [Edit(LOOK, "table[words.flatten()]", "look_up")],
        ),
        Mistake(
            "one-hot vectors",
            "You return the one-hot vectors, V = {V} numbers a token: multiply them with the table, or pick its rows at once.",
            [Edit(LOOK, "torch.nn.functional.one_hot(words, len(table)).float()", "look_up")],
        ),
        Mistake(
            "only the first word",
            "You return the first token's vector only.",
            [Edit(LOOK, "table[words[..., :1]]", "look_up")],
        ),
    ],
)
