"""Word embeddings: a row of a table for each word."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.calling import call_twice
from groundup.exercises.embedding.mistakes import MISTAKES
from groundup.exercises.strategies import random_tensors, tensors
from groundup.judge.answer import Answer, AnswerRaised
from groundup.judge.compare import has_fractions, is_rounded, to_plain
from groundup.judge.exercise import Case, Check, Exercise, Observation
from groundup.judge.gradient_check import PASSED_OVER, GradientCheck


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

    words, width = draw(st.sampled_from([2, 3, 4, 5, 1])), draw(st.integers(1, 4))
    time, batch = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    count = batch * time if batched else time
    ids = torch.tensor(draw(st.lists(st.integers(0, words - 1), min_size=count, max_size=count)))
    return draw(tensors(words, width)), ids.reshape(batch, time) if batched else ids


def as_arrays(table: Any, ids: Any) -> Case:
    """Return table and ids as NumPy arrays, as the course gives them."""
    return table.numpy(), ids.numpy()


def observe(answer: Answer, table: Any, ids: Any) -> Any:
    """Return what is looked up for tensors; with a remark where only NumPy arrays do, or one text at a time."""
    import torch

    def look_one_by_one(change: Any) -> Any:
        if ids.ndim < 2:
            raise AnswerRaised("TypeError", "", None)
        return torch.stack([torch.as_tensor(to_plain(answer.call("lookup", *change(table, row)))) for row in ids])

    if ids.ndim < 2 or takes_several(answer, table):
        try:
            return answer.call("lookup", table, ids)
        except AnswerRaised as error:
            raised = error
    else:
        raised = None
    ways: tuple[tuple[str, Callable[[], Any]], ...] = (
        (ARRAYS_ONLY, lambda: answer.call("lookup", *as_arrays(table, ids))),
        (ONE_TEXT_ONLY, lambda: look_one_by_one(lambda *case: case)),
        (f"{ARRAYS_ONLY} {ONE_TEXT_ONLY}", lambda: look_one_by_one(as_arrays)),
    )
    for remark, way in ways[raised is None :]:
        with suppress(AnswerRaised):
            return Observation(way(), remark=remark)
    if raised is not None:
        raise raised
    return answer.call("lookup", table, ids)


def takes_several(answer: Answer, table: Any) -> bool:
    """Tell whether a function returns something for several texts, as tensors or as arrays: one word each may pass for one text."""
    import torch

    texts = torch.zeros(2, 3, dtype=torch.int64)
    for case in ((table, texts), as_arrays(table, texts)):
        with suppress(AnswerRaised):
            answer.call("lookup", *case)
            return True
    return False


ARRAYS_ONLY = (
    "It fails on tensors. NumPy arrays are accepted, since the course gives them; but nothing learns through an array."
)
ONE_TEXT_ONLY = "It takes one text, shape (T,), but not several, shape (B, T). That is accepted, since the course gives one; table[ids] takes any shape."
ROUNDED = (
    "It rounds what it looks up. That is accepted, since the course rounds; but rounding has no gradient, so the embeddings of a model with it inside "
    "never learn."
)


def look_twice(answer: Answer, table: Any, ids: Any) -> Any:
    """Return what two calls with the same tensors look up, or with the same arrays."""
    try:
        return call_twice(answer, table, ids, entry="lookup")
    except AnswerRaised:
        return call_twice(answer, *as_arrays(table, ids), entry="lookup")


@dataclass(frozen=True)
class TableGradientCheck(GradientCheck):
    """The gradient along the table. A result that is rounded has none, which is remarked on."""

    def observe(self, answer: Answer, case: Case) -> Observation:
        """Return the gradient; where there is none because of rounding, it is passed over."""
        seen = super().observe(answer, case)
        if isinstance(seen.value, dict):
            (gradient,) = seen.value.values()
            if not isinstance(gradient, str) and not gradient.any():
                found = to_plain(answer.call(self.entry, *case))
                if is_rounded(found, 6):
                    remark = ROUNDED if has_fractions(found) else ""
                    return Observation(PASSED_OVER, {"passed over": True}, remark)
        return seen


def sizes(table: Any, ids: Any) -> dict[str, int]:
    """Return the vocabulary's size and the width."""
    return {"V": len(table), "d": table.shape[1]}


def worked() -> Case:
    """Return the case of the statement."""
    import torch

    return torch.tensor([[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]]), torch.tensor([[1, 2, 1]])


def benchmark_case() -> tuple[str, None, Case]:
    """Return 50,000 look-ups in a table of 10,000 rows."""
    import torch

    draw = torch.Generator().manual_seed(0)
    return "lookup", None, (torch.randn(10_000, 64, generator=draw), torch.randint(10_000, (100, 500), generator=draw))


@st.composite
def random_cases(draw: st.DrawFn) -> Case:
    """Draw a table of numbers with all their digits, so that rounding shows, and one text."""
    words, width, time = draw(st.integers(2, 4)), draw(st.integers(1, 3)), draw(st.integers(1, 4))
    import torch

    ids = draw(st.lists(st.integers(0, words - 1), min_size=time, max_size=time))
    return draw(random_tensors(words, width)), torch.tensor(ids)


def text_of(case: Case, ids: list[int]) -> Case:
    """Return a case with one text in the place of its texts."""
    import torch

    return case[0], torch.tensor(ids)


ARGUMENTS = ("embeddings", "token_ids")

exercise = Exercise(
    name="embedding",
    title="Word embeddings",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c5_words.embedding"],
    reference=reference,
    entries={"lookup": ["lookup", "look_up"]},
    rounding=5,
    tolerance=1e-5,
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    forbidden=["torch.nn.Embedding", "torch.nn.functional.embedding"],
    checks=[
        Check(
            "one text or several",
            "lookup",
            cases(batched=True) | cases(batched=False),
            observer=observe,
            arguments=ARGUMENTS,
            edges=[worked(), *(text_of(worked(), row) for row in ([1, 2, 1], [0], [2, 0]))],
            examples=45,
        ),
        TableGradientCheck(
            "the gradient along the table",
            "lookup",
            random_cases(),
            along=((0, "the table"),),
            if_tensors=True,
            arguments=ARGUMENTS,
            examples=5,
        ),
        Check(
            "a second call with the same table",
            "lookup",
            cases(batched=False),
            observer=look_twice,
            arguments=ARGUMENTS,
            examples=3,
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
