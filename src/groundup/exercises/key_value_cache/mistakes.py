"""The known mistakes in a key-value cache, as edits of `groundup.steps.c6_gpt.cached_attention` and of the attention inside."""

from __future__ import annotations

from groundup.exercises.attention_mistakes import CORE, DETACHED, add_biases, change_result, without
from groundup.judge.exercise import Edit, Mistake

CACHE, HEAD, UNMASKED = "KVCache", "CachedAttention", "without a mask"

STEPS, ATTENTION = "groundup.steps.c6_gpt.cached_attention", "groundup.steps.c6_gpt.attention"

UPDATE, CLEAR, FORWARD, ATTEND = (
    "GrowingCache.update",
    "GrowingCache.clear",
    "CachedAttention.forward",
    "CachedAttention.attend",
)

RESULT = "self.attend(queries, keys, values)"

BIASES = {
    role: Edit(f"self.{role} = Linear(width, width, bias=False)", f"self.{role} = Linear(width, width)", HEAD)
    for role in ("query", "key", "value")
}

MISTAKES = [
    # First, since changes of the cache let the head do the same: an answer's cache may be right.
    Mistake(
        "cache not used",
        "The new tokens see only themselves: you attend with their own keys and values alone. Use what the cache returns, which are "
        "all of them: keys, values = cache.update(keys, values).",
        [Edit("if cache is not None:", "if False:", FORWARD)],
    ),
    Mistake(
        "new keys first",
        "You put the new keys and values before the old ones: append them.",
        [
            Edit("[self.keys, keys]", "[keys, self.keys]", UPDATE),
            Edit("[self.values, values]", "[values, self.values]", UPDATE),
        ],
    ),
    Mistake(
        "only the newest kept",
        "Your cache replaces the old keys and values by the new ones. Append the new ones along dimension 1: "
        "torch.cat.",
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
        "You return the values where the keys are expected. update returns the keys first and the values second.",
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
        "appended along the batch",
        "You put the new tokens after the old ones along dimension 0, as if they were further texts: time is "
        "dimension 1.",
        [
            Edit("torch.cat([self.keys, keys], dim=1)", "torch.cat([self.keys, keys], dim=0)", UPDATE),
            Edit("torch.cat([self.values, values], dim=1)", "torch.cat([self.values, values], dim=0)", UPDATE),
        ],
    ),
    Mistake(
        "appended along the columns",
        "You put the new keys and values beside the old ones, along the last dimension: time is dimension 1.",
        [
            Edit("torch.cat([self.keys, keys], dim=1)", "torch.cat([self.keys, keys], dim=-1)", UPDATE),
            Edit("torch.cat([self.values, values], dim=1)", "torch.cat([self.values, values], dim=-1)", UPDATE),
        ],
    ),
    Mistake(
        "clear does nothing",
        "After clear() the old keys and values are still there. clear must set both to None again.",
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
        "future leaks after a filled cache",
        "Once the cache holds tokens you leave the mask out. For one new token that is right; when several come "
        "at once, the first of them sees the ones after it. Mask those: new token i stands at position cached + "
        "i.",
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
        "With a cache your mask counts the new tokens from 0, so that they do not see most of what is cached. "
        "New token i stands at position cached + i.",
        [Edit("allowed.tril(key_time - query_time)", "allowed.tril(0)", "causal_mask", ATTENTION)],
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
        "You return what the cache held before the new tokens came: append them first.",
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
            Edit("self.keys: Tensor | None = None", "self.keys: Tensor | None = getattr(self, 'keys', None)", CLEAR),
        ],
    ),
    Mistake(
        "only the last new token's result, with a cache",
        "With a cache you return the last new token's vector only. Several may be drawn at once: each has its "
        "own, shape (B, T_new, d).",
        [Edit(f"return {RESULT}", f"return {RESULT} if cache is None else {RESULT}[:, -1:]", FORWARD)],
    ),
    Mistake(
        "the cache keeps the last eight tokens",
        "Your cache drops old tokens. Keep the keys and values of all tokens until clear() is called.",
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
        "You put the new values before the old ones, but the new keys after the old ones: append both.",
        [Edit("[self.values, values]", "[values, self.values]", UPDATE)],
    ),
    Mistake(
        "keys appended to the values",
        "Your cache puts the new values after the old keys: keys are appended to keys, values to values.",
        [Edit("[self.values, values]", "[self.keys, values]", UPDATE)],
    ),
    Mistake(
        "added to what is cached",
        "You add the new keys and values to the old ones. Append them along dimension 1: torch.cat.",
        [
            Edit("torch.cat([self.keys, keys], dim=1)", "self.keys + keys", UPDATE),
            Edit("torch.cat([self.values, values], dim=1)", "self.values + values", UPDATE),
        ],
    ),
    Mistake(
        "the cache taken in twice",
        "You call update twice in one forward, so every token is in the cache twice.",
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
        "You put x itself into the cache. Put keys and values into it, that is, the results of the linear maps "
        "`key` and `value`.",
        [Edit("cache.update(keys, values)", "cache.update(x, x)", FORWARD)],
    ),
    Mistake(
        "a new token after a cache does not see itself",
        "With a filled cache your mask hides each new token from itself: it is off by one. New token i sees the "
        "positions 0 … cached + i.",
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
        "the next token leaks after a cache",
        "With a filled cache each new token sees the one after it as well: your mask is off by one. New token i "
        "sees the positions 0 … cached + i.",
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
        "√{d}.",
        [Edit("math.sqrt(queries.shape[-1])", "math.sqrt(keys.shape[-2])", "attention_weights", ATTENTION)],
    ),
    *without(CORE, "mask missing"),
    *change_result(RESULT, FORWARD, STEPS),
    *add_biases(BIASES),
    *DETACHED,
]
