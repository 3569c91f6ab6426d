"""The key-value cache, and a head that goes on from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.key_value_cache.mistakes import ATTENTION, CACHE, HEAD, MISTAKES, STEPS, UNMASKED
from groundup.exercises.module_checks import LearningCheck, RegisteredCheck, take_output
from groundup.exercises.strategies import SEEDS, random_tensors
from groundup.judge.answer import Answer, AnswerRaised
from groundup.judge.compare import to_plain
from groundup.judge.exercise import Case, Check, Exercise, Observation
from groundup.judge.module_check import ModuleCheck, draw_weights
from groundup.judge.weights import Weight, gather

NO_MASK = (
    "It has no mask, like the course's own version: when several tokens come at once, each of them sees those "
    "after it, and the result differs from that of one token at a time. That is accepted, since the course's "
    "template asks for none. A GPT needs the mask: new token i (from 0) may see the positions 0 … cached + i "
    "only."
)

SHARED = (
    "A new cache already holds what another one was given: all your caches share one list. An attribute that stands in the "
    "class itself, or a list as a default value, belongs to all of them. Make it in __init__: self.keys = …"
)
KEEPS = (
    "Your head keeps something between two calls: without a cache, the same text gives another result the second time. What "
    "is to be kept belongs into the cache that is handed over."
)


def reference(step: ModuleType, attention: ModuleType) -> dict[str, Any]:
    """Return the step's two classes, and the head as the course has it, without a mask."""

    class WithoutMask(step.CachedAttention):  # type: ignore[name-defined]
        def attend(self, queries: Any, keys: Any, values: Any) -> Any:
            # Each query by itself is the last one, from which nothing is hidden.
            keys, values = (part.unsqueeze(1).expand(-1, queries.shape[1], -1, -1) for part in (keys, values))
            return attention.causal_attention(queries.unsqueeze(-2), keys, values).squeeze(-2)

    return {CACHE: step.GrowingCache, HEAD: step.CachedAttention, UNMASKED: WithoutMask}


def take_first(result: Any) -> Any:
    """Return the output of a head that returns its cache beside it, in a tuple or a list."""
    return result[0] if isinstance(result, tuple | list) else result


def fill_cache(answer: Answer, parts: list[Any], forget: bool) -> dict[str, Any]:
    """Return what a cache returns after each part, forgetting all before the last part where asked to."""
    cache = answer.make(CACHE)
    seen: dict[str, Any] = {}
    for number, part in enumerate(parts, start=1):
        if forget and number == len(parts):
            answer.method(cache, ["clear"])
        kept = "nothing" if (given := answer.method(cache, ["update"], part, 2 * part)) is None else list(given)
        seen[f"after piece {number}"] = {"keys": kept[0], "values": kept[1]} if len(kept) == 2 else kept
    return seen


@dataclass(frozen=True)
class CacheCheck(Check):
    """A check of what a cache holds, which tells one that all caches share."""

    def explain(self, answer: Answer, candidate: Answer, case: Case, context: Any) -> list[str]:
        """Say that a new cache holds what another one was given."""
        import torch

        part = torch.ones(1, 1, 2)
        answer.method(answer.make(CACHE), ["clear"])  # what they share may hold tensors of another width
        counts = []
        for _ in range(2):
            kept = answer.method(answer.make(CACHE), ["update"], part, part)
            counts.append(kept[0].shape[1] if isinstance(kept, tuple | list) else 0)
        return [SHARED] if counts[1] > counts[0] > 0 else []


@dataclass(frozen=True)
class WholeText(ModuleCheck):
    """A head that is shown a text at once, without a cache; its mask may be missing, as in the course."""

    def observe(self, answer: Answer, case: Case) -> Any:
        """Return the output, and whether a mask is missing."""
        seen = super().observe(answer, case)
        unmasked = sees_the_future(answer, self.entry)
        return Observation(seen.value, {**seen.context, "unmasked": unmasked}, NO_MASK if unmasked else seen.remark)

    def reference_values(self, candidate: Answer, case: Case, context: Any) -> Iterator[Any]:
        """Yield what the reference gives with the same weights, without a mask where the answer has none."""
        chosen = UNMASKED_CHECKS[type(self)] if context and context.get("unmasked") else self
        yield from ModuleCheck.reference_values(chosen, candidate, case, context)

    def explain(self, answer: Answer, candidate: Answer, case: Case, context: Any) -> list[str]:
        """Say that the head itself keeps keys and values; else what is said of any module."""
        sizes, _, seed = case
        head, text = answer.make(self.entry, *sizes, seed=seed), random_text(1, 3, sizes[0])
        first, second = (to_plain(take_first(answer.use(head, text, seed=seed))) for _ in range(2))
        if not np.array_equal(first, second, equal_nan=True):
            return [KEEPS]
        return super().explain(answer, candidate, case, context)


@dataclass(frozen=True)
class PieceByPiece(WholeText):
    """A head that is shown a text in pieces, with a cache; the pieces' lengths are the second input."""

    def observe(self, answer: Answer, case: Case) -> Any:
        """Return the outputs of all pieces."""
        import torch

        sizes, (x, lengths), seed = case
        head, cache = answer.make(self.entry, *sizes, seed=seed), answer.make(CACHE)
        parameters = answer.parameters(head)
        values = draw_weights(parameters, seed)
        answer.fill(head, values)
        answer.mode(head, False)
        outputs = [
            take_output(take_first(answer.use(head, piece, cache, seed=seed))) for piece in x.split(lengths, dim=1)
        ]
        weights = [Weight(str(name), tuple(value.shape), str(owner)) for name, value, owner in parameters]
        context = {"values": values, "weights": weights, "unmasked": sees_the_future(answer, self.entry)}
        return Observation(torch.cat(outputs, dim=1), context)

    def run(
        self, candidate: Answer, module: Any, pieces: Any, values: dict[str, Any], inputs: tuple[Any, ...], seed: int
    ) -> Any:
        """Return the same of the reference, with a cache of its own."""
        import torch

        runner = candidate.perform.__self__  # type: ignore[attr-defined]
        cache = runner.kept.pop(candidate.make(CACHE).number)
        x, lengths = inputs
        weights = gather(pieces, values)
        with torch.no_grad():
            outputs = [torch.func.functional_call(module, weights, (piece, cache)) for piece in x.split(lengths, dim=1)]
        return torch.cat(outputs, dim=1)


def sees_the_future(answer: Answer, entry: str) -> bool:
    """Tell whether a head has no mask, with a cache or without: the tokens' order makes then no difference."""
    import torch

    head = answer.make(entry, 4)
    answer.fill(head, draw_weights(answer.parameters(head), 0))
    answer.mode(head, False)
    text = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0))
    same = []
    for with_cache in (False, True):
        try:
            first, second = (
                to_plain(take_first(answer.use(head, x, *([answer.make(CACHE)] if with_cache else []))))
                for x in (text, text.flip(1))
            )
            same.append(first.shape == text.shape and np.allclose(first, second[:, ::-1], atol=2e-4))
        except (AnswerRaised, AttributeError, TypeError, ValueError):
            # What fails with a cache may have no mask all the same.
            continue
    return bool(same) and all(same)


UNMASKED_CHECKS = {kind: kind("without a mask", UNMASKED, st.nothing()) for kind in (WholeText, PieceByPiece)}


@st.composite
def parts_of_a_cache(draw: st.DrawFn, forget: bool) -> Case:
    """Draw a few pieces of keys."""
    width, count = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    return [draw(random_tensors(1, draw(st.integers(1, 3)), width)) for _ in range(count)], forget


@st.composite
def whole_texts(draw: st.DrawFn) -> Case:
    """Draw a width, a text and a seed."""
    width = draw(st.integers(2, 4))
    return (width,), (draw(random_tensors(draw(st.integers(1, 2)), draw(st.integers(1, 5)), width)),), draw(SEEDS)


@st.composite
def texts_in_pieces(draw: st.DrawFn) -> Case:
    """Draw a width, a text, the lengths of its pieces, and a seed."""
    width = draw(st.integers(2, 4))
    lengths = draw(st.lists(st.integers(1, 3), min_size=1, max_size=4))
    return (width,), (draw(random_tensors(1, sum(lengths), width)), lengths), draw(SEEDS)


def random_text(batch: int, time: int, width: int) -> Any:
    """Return a text of vectors, the same at every call."""
    import torch

    return torch.randn(batch, time, width, generator=torch.Generator().manual_seed(time))


def one_token() -> Case:
    """Return a text of one token of one channel."""
    return (1,), (random_text(1, 1, 1),), 0


def token_by_token() -> Case:
    """Return two texts that are shown token by token."""
    return (3,), (random_text(2, 4, 3), [1, 1, 1, 1]), 1


def long_text() -> Case:
    """Return a case of more tokens than a mask of a fixed size is likely to have."""
    return (3,), (random_text(1, 70, 3), [66, 3, 1]), 2


SHOWN = ("built with", "inputs", "seed")


def sizes(first: Any, second: Any, *_: Any) -> dict[str, int]:
    """Return the number of tokens, and the width."""
    if isinstance(second, bool):
        return {"T": sum(part.shape[1] for part in first), "d": first[0].shape[-1]}
    return {"T": second[0].shape[1], "d": first[0]}


exercise = Exercise(
    name="key-value-cache",
    title="The key-value cache",
    folder=Path(__file__).parent,
    modules=[STEPS, ATTENTION],
    reference=reference,
    entries={CACHE: [CACHE, "GrowingCache"], HEAD: [HEAD]},
    rounding=4,
    tolerance=1e-4,
    forbidden=["torch.nn.MultiheadAttention"],
    libraries=("numpy", "torch"),
    sizes=sizes,
    checks=[
        CacheCheck(
            "what the cache holds",
            CACHE,
            parts_of_a_cache(forget=False),
            observer=fill_cache,
            examples=10,
            arguments=("keys, piece by piece", "cleared before the last"),
        ),
        CacheCheck(
            "the cache after clear()",
            CACHE,
            parts_of_a_cache(forget=True),
            observer=fill_cache,
            examples=8,
            arguments=("keys, piece by piece", "cleared before the last"),
        ),
        WholeText("the head without a cache", HEAD, whole_texts(), edges=[one_token()], examples=10, arguments=SHOWN),
        PieceByPiece(
            "the head with a cache, piece by piece",
            HEAD,
            texts_in_pieces(),
            edges=[token_by_token(), long_text()],
            examples=15,
            arguments=SHOWN,
        ),
        LearningCheck(
            "the head's gradients",
            HEAD,
            whole_texts(),
            edges=[((3,), (random_text(2, 4, 3),), 0)],
            examples=4,
            arguments=SHOWN,
            variants=(UNMASKED,),
        ),
        RegisteredCheck(
            "PyTorch knows of all its layers", HEAD, st.tuples(st.integers(2, 4)), examples=1, arguments=("model_dim",)
        ),
    ],
    mistakes=MISTAKES,
)
