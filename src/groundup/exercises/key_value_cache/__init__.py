"""The key-value cache, and a head that goes on from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.attention_mistakes import CORE, DETACHED, add_biases, change_result, without
from groundup.exercises.module_checks import LearningCheck, RegisteredCheck
from groundup.exercises.strategies import SEEDS, random_tensors
from groundup.judge.answer import Answer, AnswerRaised
from groundup.judge.compare import to_plain
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake, Observed
from groundup.judge.module_check import ModuleCheck, draw_weights
from groundup.judge.weights import Weight, gather

CACHE, HEAD, UNMASKED = "KVCache", "CachedAttention", "without a mask"
NO_MASK = (
    "It has no mask, like the course's own version: when several tokens come at once, each of them sees those after "
    "it, and "
    "the result is another than token by token. That is accepted, since the course's template asks for none. A GPT "
    "needs "
    "the mask: new token i (from 0) may look at the places 0 … cached + i only."
)
STEPS, ATTENTION = "groundup.steps.cached_attention", "groundup.steps.attention"


def reference(step: ModuleType, attention: ModuleType) -> dict[str, Any]:
    """Return the step's two classes, and the head as the course has it, without a mask."""

    class WithoutMask(step.CachedAttention):  # type: ignore[name-defined]
        def attend(self, queries: Any, keys: Any, values: Any) -> Any:
            # Each query by itself is the last one, from which nothing is hidden.
            keys, values = (part.unsqueeze(1).expand(-1, queries.shape[1], -1, -1) for part in (keys, values))
            return attention.causal_attention(queries.unsqueeze(-2), keys, values).squeeze(-2)

    return {CACHE: step.GrowingCache, HEAD: step.CachedAttention, UNMASKED: WithoutMask}


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
        kept = answer.method(cache, ["update"], part, 2 * part)
        seen.append("nothing" if kept is None else list(kept))
    return seen


@dataclass(frozen=True)
class WholeText(ModuleCheck):
    """A head that is shown a text at once, without a cache; its mask may be missing, as in the course."""

    def look(self, answer: Answer, case: Case) -> Any:
        """Return the output, and whether a mask is missing."""
        seen = super().look(answer, case)
        unmasked = sees_the_future(answer, self.entry)
        return Observed(seen.value, {**seen.context, "unmasked": unmasked}, NO_MASK if unmasked else seen.remark)

    def expect(self, candidate: Answer, case: Case, context: Any) -> Iterator[Any]:
        """Yield what the reference gives with the same weights, without a mask where the answer has none."""
        chosen = UNMASKED_CHECKS[type(self)] if context and context.get("unmasked") else self
        yield from ModuleCheck.expect(chosen, candidate, case, context)


@dataclass(frozen=True)
class PieceByPiece(WholeText):
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
        outputs = [
            as_tensor(take_first(answer.use(head, piece, cache, seed=seed))) for piece in x.split(lengths, dim=1)
        ]
        weights = [Weight(str(name), tuple(value.shape), str(owner)) for name, value, owner in parameters]
        context = {"values": values, "weights": weights, "unmasked": sees_the_future(answer, self.entry)}
        return Observed(torch.cat(outputs, dim=1), context)

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


def as_tensor(output: Any) -> Any:
    """Return what may be a NumPy array as a tensor."""
    import torch

    return output.detach() if isinstance(output, torch.Tensor) else torch.as_tensor(to_plain(output))


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


# Lets a head that returns its cache beside the output return the output alone.
ALONE = """
def make(head):
    forward = head.forward

    def return_output(*arguments):
        result = forward(*arguments)
        return result[0] if isinstance(result, (tuple, list)) else result

    head.forward = return_output
    return head
"""


class OutputAlone:
    """An answer whose head returns its output alone, in the place of an `Answer`."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self.answer, name)

    def make(self, entry: str, *arguments: Any, seed: int = 0) -> Any:
        """Build a head."""
        return self.answer.given(ALONE, self.answer.make(entry, *arguments, seed=seed))


@dataclass(frozen=True)
class HeadLearns(LearningCheck):
    """The gradients of a head without a cache, which may return one all the same."""

    def look(self, answer: Answer, case: Case) -> Any:
        """Return the gradient along every weight."""
        return super().look(OutputAlone(answer), case)  # type: ignore[arg-type]


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


UPDATE, CLEAR, FORWARD, ATTEND = (
    "GrowingCache.update",
    "GrowingCache.clear",
    "CachedAttention.forward",
    "CachedAttention.attend",
)
SHOWN = ("built with", "inputs", "seed")
RESULT = "self.attend(queries, keys, values)"
BIASES = {
    role: Edit(f"self.{role} = nn.Linear(width, width, bias=False)", f"self.{role} = nn.Linear(width, width)", HEAD)
    for role in ("query", "key", "value")
}


def sizes(first: Any, second: Any, *_: Any) -> dict[str, int]:
    """Return the number of tokens, and the width."""
    if isinstance(second, bool):
        return {"T": sum(part.shape[1] for part in first), "h": first[0].shape[-1]}
    return {"T": second[0].shape[1], "h": first[0]}


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
    sizes=sizes,
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
        WholeText("the head without a cache", HEAD, whole_texts(), edges=[one_token()], examples=10, arguments=SHOWN),
        PieceByPiece(
            "the head with a cache, piece by piece",
            HEAD,
            texts_in_pieces(),
            edges=[token_by_token(), long_text()],
            examples=15,
            arguments=SHOWN,
        ),
        HeadLearns("the head's gradients", HEAD, whole_texts(), examples=4, arguments=SHOWN, variants=(UNMASKED,)),
        RegisteredCheck(
            "PyTorch knows of all its layers", HEAD, st.tuples(st.integers(2, 4)), examples=1, arguments=("model_dim",)
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
            "Your cache keeps the keys and values of its first update and forgets all later ones: what you return has "
            "to be kept as well.",
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
            "Your cache keeps all keys but only the newest values: then more tokens are weighted than there are "
            "values to average.",
            [Edit("values = torch.cat([self.values, values], dim=1)", "pass", UPDATE)],
        ),
        Mistake(
            "put behind along the batch",
            "You put the new tokens behind the old ones along dimension 0, as if they were further texts: time is "
            "dimension 1.",
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
                    "self.keys: Tensor | None = getattr(self, 'keys', None)\n        self.values: Tensor | None = "
                    "getattr(self, 'values', None)",
                    CLEAR,
                )
            ],
        ),
        Mistake(
            "future leaks when several tokens come at once",
            "With a cache you leave the mask out. For one new token that is right; when a prompt of several comes at "
            "once, the first of "
            "them sees the ones after it. Mask those.",
            [
                Edit(
                    "return self.attend(queries, keys, values)",
                    "if cache is not None:\n"
                    "            weights = (queries @ keys.transpose(-2, -1) / queries.shape[-1] ** "
                    "0.5).softmax(dim=-1)\n"
                    "            return weights @ values\n"
                    "        return self.attend(queries, keys, values)",
                    FORWARD,
                )
            ],
        ),
        Mistake(
            "future leaks behind a filled cache",
            "Once the cache holds tokens you leave the mask out. For one new token that is right; when several come "
            "at once, the first of "
            "them sees the ones after it. Mask those: new token i stands at place cached + i.",
            [
                Edit(
                    "return self.attend(queries, keys, values)",
                    "if keys.shape[1] > queries.shape[1]:\n"
                    "            weights = (queries @ keys.transpose(-2, -1) / queries.shape[-1] ** "
                    "0.5).softmax(dim=-1)\n"
                    "            return weights @ values\n"
                    "        return self.attend(queries, keys, values)",
                    FORWARD,
                )
            ],
        ),
        Mistake(
            "mask aligned with the first keys",
            "With a cache your mask counts the new tokens from 0, so that they do not see most of what is cached. New "
            "token i stands at "
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
                    "return self.attend(queries, keys, values)",
                    "if cache is None:\n"
                    "            return (queries @ keys.transpose(-2, -1) / queries.shape[-1] ** 0.5).softmax(dim=-1) "
                    "@ values\n"
                    "        return self.attend(queries, keys, values)",
                    FORWARD,
                )
            ],
        ),
        Mistake(
            "mask of new tokens by new tokens",
            "With a cache there are more keys than queries, so your mask of T_new × T_new does not fit the scores, "
            "T_new × T: give it a "
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
            "what was cached returned, without what is new",
            "You return what the cache held before the new tokens came: put them behind it first.",
            [
                Edit(
                    "return keys, values",
                    "count = keys.shape[1] - new\n        return keys[:, : count or None], values[:, : count or None]",
                    UPDATE,
                ),
                Edit("        if self.keys", "        new = keys.shape[1]\n        if self.keys", UPDATE),
            ],
        ),
        Mistake(
            "only the newest tokens kept, though all are returned",
            "You return the joined keys and values but keep only the newest ones, so from the third update on the "
            "oldest are lost: what you "
            "return has to be kept as well.",
            [
                Edit(
                    "        if self.keys is not None",
                    "        new = keys, values\n        if self.keys is not None",
                    UPDATE,
                ),
                Edit("self.keys, self.values = keys, values", "self.keys, self.values = new", UPDATE),
            ],
        ),
        Mistake(
            "only the keys cleared",
            "clear() empties the keys and leaves the values of the old text: both have to go.",
            [
                Edit(
                    "        if self.keys is not None and self.values is not None:\n"
                    "            keys = torch.cat([self.keys, keys], dim=1)\n"
                    "            values = torch.cat([self.values, values], dim=1)\n",
                    "        keys = keys if self.keys is None else torch.cat([self.keys, keys], dim=1)\n"
                    "        values = values if self.values is None else torch.cat([self.values, values], dim=1)\n",
                    UPDATE,
                ),
                Edit(
                    "self.values: Tensor | None = None",
                    "self.values: Tensor | None = getattr(self, 'values', None)",
                    CLEAR,
                ),
            ],
        ),
        Mistake(
            "only the values cleared",
            "clear() empties the values and leaves the keys of the old text: both have to go.",
            [
                Edit(
                    "        if self.keys is not None and self.values is not None:\n"
                    "            keys = torch.cat([self.keys, keys], dim=1)\n"
                    "            values = torch.cat([self.values, values], dim=1)\n",
                    "        keys = keys if self.keys is None else torch.cat([self.keys, keys], dim=1)\n"
                    "        values = values if self.values is None else torch.cat([self.values, values], dim=1)\n",
                    UPDATE,
                ),
                Edit(
                    "self.keys: Tensor | None = None", "self.keys: Tensor | None = getattr(self, 'keys', None)", CLEAR
                ),
            ],
        ),
        Mistake(
            "only the last new token's result, with a cache",
            "With a cache you return the last new token's vector only. Several may come at once: each has its own, "
            "shape (B, T_new, d).",
            [Edit(f"return {RESULT}", f"return {RESULT} if cache is None else {RESULT}[:, -1:]", FORWARD)],
        ),
        Mistake(
            "the cache keeps the last eight tokens",
            "Your cache drops old tokens: it keeps all of them.",
            [
                Edit(
                    "return keys, values",
                    "self.keys, self.values = keys[:, -8:], values[:, -8:]\n        return self.keys, self.values",
                    UPDATE,
                )
            ],
        ),
        Mistake(
            "update returns nothing",
            "update takes the new keys and values in but returns nothing: return all keys and all values so far.",
            [Edit("return keys, values", "return None", UPDATE)],
        ),
        Mistake(
            "new values first",
            "You put the new values before the old ones, but the new keys behind: both come behind.",
            [Edit("[self.values, values]", "[values, self.values]", UPDATE)],
        ),
        Mistake(
            "keys put behind the values",
            "Your cache puts the new values behind the old keys: keys go behind keys, values behind values.",
            [Edit("[self.values, values]", "[self.keys, values]", UPDATE)],
        ),
        Mistake(
            "added to what is cached",
            "You add the new keys and values to the old ones. Put them behind, along dimension 1: torch.cat.",
            [
                Edit("torch.cat([self.keys, keys], dim=1)", "self.keys + keys", UPDATE),
                Edit("torch.cat([self.values, values], dim=1)", "self.values + values", UPDATE),
            ],
        ),
        Mistake(
            "the cache taken in twice",
            "You call update twice in one forward, so every token stands twice in the cache.",
            [
                Edit(
                    "keys, values = cache.update(keys, values)",
                    "cache.update(keys, values)\n            keys, values = cache.update(keys, values)",
                    FORWARD,
                )
            ],
        ),
        Mistake(
            "only the new values used",
            "You average the new values alone, though the keys come from the cache: take both that update returns.",
            [Edit("keys, values = cache.update(keys, values)", "keys, _ = cache.update(keys, values)", FORWARD)],
        ),
        Mistake(
            "inputs cached instead of keys and values",
            "You put x itself into the cache, not what the maps make of it.",
            [Edit("cache.update(keys, values)", "cache.update(x, x)", FORWARD)],
        ),
        Mistake(
            "a new token behind a cache does not see itself",
            "Behind a filled cache your mask hides each new token from itself: it is off by one. New token i sees the "
            "places 0 … cached + i.",
            [
                Edit(
                    "allowed.tril(key_time - query_time)",
                    "allowed.tril(key_time - query_time - (key_time > query_time))",
                    "causal_mask",
                    ATTENTION,
                )
            ],
        ),
        Mistake(
            "the next token leaks behind a cache",
            "Behind a filled cache each new token sees the one after it as well: your mask is off by one. New token i "
            "sees the places "
            "0 … cached + i.",
            [
                Edit(
                    "allowed.tril(key_time - query_time)",
                    "allowed.tril(key_time - query_time + (key_time > query_time))",
                    "causal_mask",
                    ATTENTION,
                )
            ],
        ),
        Mistake(
            "the scale grows with the cache",
            "You divide the scores by the root of the number of keys. It is the width of queries and keys that makes "
            "them large: divide by "
            "√{h}.",
            [Edit("math.sqrt(queries.shape[-1])", "math.sqrt(keys.shape[-2])", "attention_weights", ATTENTION)],
        ),
        *without(CORE, "mask missing"),
        *change_result(RESULT, FORWARD, STEPS),
        *add_biases(BIASES),
        *DETACHED,
    ],
)
