"""The key-value cache, and a head that goes on from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.strategies import SEEDS, random_tensors
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake, Observed
from groundup.judge.module_check import ModuleCheck, draw_weights
from groundup.judge.weights import Weight, gather

CACHE, HEAD = "KVCache", "CachedAttention"
STEPS, ATTENTION = "groundup.steps.cached_attention", "groundup.steps.attention"


def reference(step: ModuleType, attention: ModuleType) -> dict[str, Any]:
    """Return the step's two classes."""
    return {CACHE: step.GrowingCache, HEAD: step.CachedAttention}


def take_first(result: Any) -> Any:
    """Return the output of a head that returns its cache beside it."""
    return result[0] if isinstance(result, tuple | list) else result


def fill_cache(answer: Answer, parts: list[Any], forget: bool) -> list[Any]:
    """Return what a cache returns after each part, forgetting all before the last part where asked to."""
    cache = answer.make(CACHE)
    seen = []
    for place, part in enumerate(parts):
        if forget and place == len(parts) - 1:
            answer.method(cache, ["clear"])
        seen.append(list(answer.method(cache, ["update"], part, 2 * part)))
    return seen


@dataclass(frozen=True)
class PieceByPiece(ModuleCheck):
    """A head that is shown a text in pieces, with a cache; the pieces' lengths are the second input."""

    def look(self, answer: Answer, case: Case) -> Any:
        """Return the outputs of all pieces."""
        import torch

        sizes, (x, lengths), seed = case
        head, cache = answer.make(self.entry, *sizes, seed=seed), answer.make(CACHE)
        parameters = answer.parameters(head)
        values = draw_weights(parameters, seed)
        answer.fill(head, values)
        answer.mode(head, False)
        outputs = [take_first(answer.use(head, piece, cache, seed=seed)) for piece in x.split(lengths, dim=1)]
        weights = [Weight(str(name), tuple(value.shape), str(owner)) for name, value, owner in parameters]
        return Observed(torch.cat(outputs, dim=1), {"values": values, "weights": weights})

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


UPDATE, CLEAR, FORWARD = "GrowingCache.update", "GrowingCache.clear", "CachedAttention.forward"
SHOWN = ("built with", "inputs", "seed")

exercise = Exercise(
    name="key-value-cache",
    title="The key-value cache",
    room="transformer",
    folder=Path(__file__).parent,
    modules=[STEPS, ATTENTION],
    reference=reference,
    entries={CACHE: [CACHE, "GrowingCache"], HEAD: [HEAD]},
    rounding=4,
    tolerance=1e-4,
    forbidden=["torch.nn.MultiheadAttention"],
    libraries=("numpy", "torch"),
    after=["self-attention"],
    checks=[
        Check(
            "what the cache holds",
            CACHE,
            parts_of_a_cache(forget=False),
            observe=fill_cache,
            examples=10,
            arguments=("keys, piece by piece", "cleared before the last"),
        ),
        Check(
            "the cache after clear()",
            CACHE,
            parts_of_a_cache(forget=True),
            observe=fill_cache,
            examples=8,
            arguments=("keys, piece by piece", "cleared before the last"),
        ),
        ModuleCheck("the head without a cache", HEAD, whole_texts(), examples=10, arguments=SHOWN),
        PieceByPiece(
            "the head with a cache, piece by piece",
            HEAD,
            texts_in_pieces(),
            examples=15,
            arguments=SHOWN,
        ),
    ],
    mistakes=[
        Mistake(
            "new keys first",
            "You put the new keys and values before the old ones: they come behind.",
            [
                Edit("[self.keys, keys]", "[keys, self.keys]", UPDATE),
                Edit("[self.values, values]", "[values, self.values]", UPDATE),
            ],
        ),
        Mistake(
            "only the newest kept",
            "Your cache forgets what was there: it grows by the new tokens.",
            [
                Edit("keys = torch.cat([self.keys, keys], dim=1)", "pass", UPDATE),
                Edit("values = torch.cat([self.values, values], dim=1)", "pass", UPDATE),
            ],
        ),
        Mistake(
            "only the first tokens kept",
            "Your cache keeps the keys and values of its first update and forgets all later ones: what you return has to be kept as well.",
            [
                Edit(
                    "self.keys, self.values = keys, values\n        return",
                    "if self.keys is None:\n            self.keys, self.values = keys, values\n        return",
                    UPDATE,
                )
            ],
        ),
        Mistake(
            "keys and values exchanged",
            "You return values where keys are expected.",
            [Edit("return keys, values", "return values, keys", UPDATE)],
        ),
        Mistake(
            "zeros for the old values",
            "Your cache keeps the keys of old tokens, but zeros in place of their values: those are averaged, too.",
            [
                Edit(
                    "values = torch.cat([self.values, values], dim=1)",
                    "values = torch.cat([values[:, :1].expand_as(self.values) * 0, values], dim=1)",
                    UPDATE,
                )
            ],
        ),
        Mistake(
            "only the newest values kept",
            "Your cache keeps all keys but only the newest values: then more tokens are weighted than there are values to average.",
            [Edit("values = torch.cat([self.values, values], dim=1)", "pass", UPDATE)],
        ),
        Mistake(
            "put behind along the batch",
            "You put the new tokens behind the old ones along dimension 0, as if they were further texts: time is dimension 1.",
            [
                Edit("torch.cat([self.keys, keys], dim=1)", "torch.cat([self.keys, keys], dim=0)", UPDATE),
                Edit("torch.cat([self.values, values], dim=1)", "torch.cat([self.values, values], dim=0)", UPDATE),
            ],
        ),
        Mistake(
            "put behind along the channels",
            "You put the new keys and values beside the old ones, along the last dimension: time is dimension 1.",
            [
                Edit("torch.cat([self.keys, keys], dim=1)", "torch.cat([self.keys, keys], dim=-1)", UPDATE),
                Edit("torch.cat([self.values, values], dim=1)", "torch.cat([self.values, values], dim=-1)", UPDATE),
            ],
        ),
        Mistake(
            "clear does nothing",
            "After clear() the old keys and values are still there.",
            [
                Edit(
                    "self.keys: Tensor | None = None\n        self.values: Tensor | None = None",
                    "self.keys: Tensor | None = getattr(self, 'keys', None)\n        self.values: Tensor | None = getattr(self, 'values', None)",
                    CLEAR,
                )
            ],
        ),
        Mistake(
            "future leaks when several tokens come at once",
            "With a cache you leave the mask out. For one new token that is right; when a prompt of several comes at once, the first of "
            "them sees the ones after it. Mask those.",
            [
                Edit(
                    "return causal_attention(queries, keys, values)",
                    "if cache is not None:\n"
                    "            weights = (queries @ keys.transpose(-2, -1) / queries.shape[-1] ** 0.5).softmax(dim=-1)\n"
                    "            return weights @ values\n"
                    "        return causal_attention(queries, keys, values)",
                    FORWARD,
                )
            ],
        ),
        Mistake(
            "future leaks behind a filled cache",
            "Once the cache holds tokens you leave the mask out. For one new token that is right; when several come at once, the first of "
            "them sees the ones after it. Mask those: new token i stands at place cached + i.",
            [
                Edit(
                    "return causal_attention(queries, keys, values)",
                    "if keys.shape[1] > queries.shape[1]:\n"
                    "            weights = (queries @ keys.transpose(-2, -1) / queries.shape[-1] ** 0.5).softmax(dim=-1)\n"
                    "            return weights @ values\n"
                    "        return causal_attention(queries, keys, values)",
                    FORWARD,
                )
            ],
        ),
        Mistake(
            "mask aligned with the first keys",
            "With a cache your mask counts the new tokens from 0, so that they do not see most of what is cached. New token i stands at "
            "place cached + i.",
            [Edit("allowed.tril(key_time - query_time)", "allowed.tril(0)", "causal_mask", ATTENTION)],
        ),
        Mistake(
            "cache not used",
            "You do not look at the cache: the new tokens see only themselves.",
            [Edit("if cache is not None:", "if False:", FORWARD)],
        ),
        Mistake(
            "mask missing without a cache",
            "Without a cache every token sees the ones after it: hide them with −∞.",
            [
                Edit(
                    "return causal_attention(queries, keys, values)",
                    "if cache is None:\n"
                    "            return (queries @ keys.transpose(-2, -1) / queries.shape[-1] ** 0.5).softmax(dim=-1) @ values\n"
                    "        return causal_attention(queries, keys, values)",
                    FORWARD,
                )
            ],
        ),
        Mistake(
            "scale missing",
            "The scores are not divided by the root of the width.",
            [Edit(" / math.sqrt(queries.shape[-1])", "", "attention_weights", ATTENTION)],
        ),
        Mistake(
            "scaled by the width, not its root",
            "You divide the scores by the width itself. Their spread grows with its root: divide by that.",
            [Edit("math.sqrt(queries.shape[-1])", "queries.shape[-1]", "attention_weights", ATTENTION)],
        ),
        Mistake(
            "mask of new tokens by new tokens",
            "With a cache there are more keys than queries, so your mask of T_new × T_new does not fit the scores, T_new × T: give it a "
            "column for every cached token, too.",
            [
                Edit(
                    "allowed = torch.ones(query_time, key_time",
                    "allowed = torch.ones(query_time, query_time",
                    "causal_mask",
                    ATTENTION,
                )
            ],
        ),
        Mistake(
            "queries and keys swapped",
            "Your scores are keys times queries.",
            [
                Edit(
                    "queries, keys, values = self.query(x), self.key(x), self.value(x)",
                    "queries, keys, values = self.key(x), self.query(x), self.value(x)",
                    FORWARD,
                )
            ],
        ),
    ],
)
