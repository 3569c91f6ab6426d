"""The known mistakes in attention by tiles, as edits of `groundup.steps.c7_beyond.tiled_attention`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

ADD, TILE, ATTENTION = "add_tile", "attend_tile", "tiled_attention"
LARGEST = "torch.maximum(largest, scores.detach().amax(dim=-1, keepdim=True))"
SHRINK = "shrink = torch.exp(largest - new_largest)"
WEIGHTS = "weights = torch.exp(scores - new_largest)"
TOTAL = "total * shrink + weights.sum(dim=-1, keepdim=True)"
RESULT = "result * shrink + weights @ values"
KEYS = "for begin in range(0, time, tile):"
HIDDEN = "hidden = torch.arange(begin, end, device=queries.device) > positions"
ROOT = "math.sqrt(queries.shape[-1])"
AVERAGE = "return result / total"
PARTS = "parts = []"
ALL_SCORES = "queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])"


def wrong(within: str, name: str, says: str, *pairs: tuple[str, str]) -> Mistake:
    """Return a mistake of what stands in a function and what stands there instead."""
    return Mistake(name, says, [Edit(old, new, within) for old, new in pairs])


MISTAKES = [
    wrong(
        ADD,
        "the sum so far not made smaller",
        "l is not multiplied by e^(m − m′). When a larger score comes, everything summed so far is too large by this factor.",
        (TOTAL, "total + weights.sum(dim=-1, keepdim=True)"),
    ),
    wrong(
        ADD,
        "the values so far not made smaller",
        "o is not multiplied by e^(m − m′), but l is: both were summed with the old largest score.",
        (RESULT, "result + weights @ values"),
    ),
    wrong(
        ADD,
        "nothing so far made smaller",
        "Neither l nor o is multiplied by e^(m − m′). They were summed with the old largest score, and new terms with the new one.",
        (SHRINK, "shrink = torch.ones_like(total)"),
    ),
    wrong(
        ADD,
        "made larger instead of smaller",
        "Your factor for what was summed is e^(m′ − m), above 1. It is e^(m − m′), at most 1.",
        (SHRINK, "shrink = torch.exp(new_largest - largest)"),
    ),
    wrong(
        ADD,
        "the largest score of the new tile alone",
        "You forget the largest score so far: m′ is the larger of m and the new tile's. Otherwise e^(m − m′) can overflow.",
        (LARGEST, "scores.detach().amax(dim=-1, keepdim=True)"),
    ),
    wrong(
        ADD,
        "each tile with a largest score of its own",
        "The new exponentials subtract the new tile's own largest score. All must subtract the same number, m′.",
        (WEIGHTS, "weights = torch.exp(scores - scores.amax(dim=-1, keepdim=True))"),
    ),
    wrong(
        ADD,
        "no largest score subtracted",
        "The new exponentials are those of the scores themselves, which overflow. Subtract m′.",
        (WEIGHTS, "weights = torch.exp(scores)"),
    ),
    wrong(
        ADD,
        "the largest score of all queries",
        "You take one largest score for all queries. Each query has its own: amax over the last dimension, with keepdim.",
        (LARGEST, "torch.maximum(largest, scores.detach().amax()).expand(largest.shape)"),
    ),
    wrong(
        ADD,
        "the old largest score returned",
        "You return m instead of m′, so the next tile shrinks by the wrong factor.",
        ("return new_largest,", "return largest,"),
    ),
    wrong(
        ADD,
        "the sum of the new tile alone",
        "l′ is only the sum of the new exponentials: what was summed before is lost.",
        (TOTAL, "weights.sum(dim=-1, keepdim=True)"),
    ),
    wrong(
        ADD,
        "the values of the new tile alone",
        "o′ is only the sum over the new tile: what was summed before is lost.",
        (RESULT, "weights @ values"),
    ),
    wrong(
        ADD,
        "divided in each tile",
        "You divide by l after each tile. Then the next one adds to an average instead of a sum: divide once, after the last.",
        (
            "return new_largest,",
            f"if True:\n        total, result = {TOTAL}, {RESULT}\n        return new_largest, total, result / total\n    return new_largest,",
        ),
    ),
    wrong(
        ADD,
        "a softmax of each tile added",
        "You take the softmax of the new tile by itself. Its weights would sum to 1 in every tile: use e^(s − m′).",
        (WEIGHTS, "weights = torch.softmax(scores, dim=-1)"),
    ),
    wrong(
        ADD,
        "the mean instead of the sum",
        "You average the new exponentials. l is their sum.",
        ("weights.sum(", "weights.mean("),
    ),
    wrong(
        TILE,
        "no mask in the tiles",
        "Queries use keys that come after them. Fill the scores of these with −∞.",
        (HIDDEN, "hidden = torch.zeros(end - begin, dtype=torch.bool)"),
    ),
    wrong(
        TILE,
        "the mask of the tiles one place too late",
        "Each query also uses the key right after it. It may use those up to its own place.",
        ("> positions", "> positions + 1"),
    ),
    wrong(
        TILE,
        "a query hidden from itself",
        "A query does not use its own key, and the first has none at all. Its own is allowed: hide j > i only.",
        ("> positions", ">= positions"),
    ),
    wrong(
        TILE,
        "places counted from the tile's beginning",
        "Your mask counts keys from the beginning of their tile, queries from the beginning of the text. Count both in the same way.",
        (HIDDEN, "hidden = torch.arange(end - begin, device=queries.device) > positions"),
    ),
    wrong(
        TILE,
        "every tile masked like one on the diagonal",
        "Your mask is the same triangle in each tile. In tiles before the query's own nothing is hidden.",
        (
            HIDDEN,
            "hidden = torch.arange(end - begin, device=queries.device) > torch.arange(queries.shape[-2])[:, None]",
        ),
    ),
    wrong(
        TILE,
        "tiles before a query's own left out",
        "Queries use the keys of their own tile only. Begin the inner loop at 0.",
        (KEYS, "for begin in range((time - 1) // tile * tile, time, tile):"),
    ),
    wrong(
        TILE,
        "the tile of the queries themselves left out",
        "Queries do not use keys of their own tile. The inner loop goes up to and including it.",
        (KEYS, "for begin in range(0, max(time - tile, 1), tile):"),
    ),
    wrong(
        TILE,
        "the smaller tile at the end left out",
        "Where T is no multiple of the tile, the keys of the rest are left out. range(0, T, tile) begins a tile there, too, which ends at T.",
        (KEYS, "for begin in range(0, max(time // tile, 1) * tile, tile):"),
    ),
    wrong(
        ATTENTION,
        "the queries of the smaller tile at the end left out",
        "Where T is no multiple of the tile, the last queries get no result. range(0, T, tile) begins a tile there, too, which ends at T.",
        (PARTS, "parts, tile = [], min(tile, queries.shape[-2])"),
        ("range(0, queries.shape[-2], tile)", "range(0, queries.shape[-2] - tile + 1, tile)"),
        (
            "torch.cat(parts, dim=-2)",
            "torch.cat([*parts, torch.zeros_like(values)[..., tile * len(parts) :, :]], dim=-2)",
        ),
    ),
    wrong(
        TILE,
        "the largest score begins at 0",
        "m begins at 0. Where all scores of a query are far below 0, every exponential is then 0, and 0 / 0 is NaN. Begin with −∞.",
        ("torch.full_like(queries[..., :1], -torch.inf)", "torch.zeros_like(queries[..., :1])"),
    ),
    wrong(
        TILE,
        "scores not divided by √d",
        "Your scores are not divided by √d, here √{d}.",
        (f" / {ROOT}", ""),
    ),
    wrong(
        TILE,
        "scores divided by d",
        "Your scores are divided by d. Divide them by its square root.",
        (ROOT, "queries.shape[-1]"),
    ),
    wrong(
        TILE,
        "not divided by the sum at the end",
        "You return o. After the last tile, divide it by l.",
        (AVERAGE, "return result"),
    ),
    wrong(
        TILE,
        "the values of the first tile in every tile",
        "All tiles use the values of the first one. Keys and values are cut at the same places.",
        ("values[..., begin:end, :])", "values[..., : end - begin, :])"),
    ),
    wrong(
        ATTENTION,
        "all scores at once",
        "The result is right, but a tensor with T × T numbers appears on the way. Compute the scores of one tile of queries and one tile of keys at a time.",
        (PARTS, f"all_scores = {ALL_SCORES}\n    parts = [] if len(all_scores) else []"),
    ),
    wrong(
        TILE,
        "a mask of T × T",
        "The result is right, but the mask has T × T values. Compare the places of one tile of queries with those of one tile of keys.",
        (
            HIDDEN,
            "side = max(time, 40)\n        whole = torch.ones(side, side, dtype=torch.bool).triu(1)\n        "
            "hidden = whole[positions[:, 0], begin:end]",
        ),
    ),
    wrong(
        ATTENTION,
        "no gradient through the tiles",
        "The values are right, but no gradient flows to queries, keys and values. Look for detach(), no_grad() or item().",
        ("return torch.cat(parts, dim=-2)", "return torch.cat(parts, dim=-2).detach()"),
    ),
]
