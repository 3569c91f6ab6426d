"""What the lesson on guessing ahead shows: guesses that are checked, why the text stays the same, and when it pays."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

from groundup.lessons.origins import Factor, Term, trace_sum
from groundup.lessons.pages.bigram.views import ALPHABET, read_letters
from groundup.lessons.views import Choice, Points, Slider, View
from groundup.steps.c7_beyond.speculative import Ask, check_guesses, draw, next_probabilities, rest

PROMPT = "the "
# How many letters before it each model sees; the target sees three.
SEEN = {"nothing": 0, "one letter": 1, "two letters": 2}
TARGET_SEES = 3
SMOOTHING = 0.01
MOST_PASSES, MOST_GUESSES = 20, 6
SHOWN = 7  # letters in the picture of one place
TOKENS = "abc"
P, Q = (0.5, 0.3, 0.2), (0.2, 0.7, 0.1)
MOST_DRAWS = 300
REST, AGAIN = RULES = ("rest", "again")
LONGEST = 10  # guesses in the picture of the speed
# Measured: how many times as fast with 2, 3, 4 and 6 guesses as without a draft; benchmarks/README.md, speculative.py.
MEASURED_GUESSES = (2, 3, 4, 6)
MEASURED = {
    "float32, T = 0": (1.25, 1.55, 1.63, 1.76),
    "float32, T = 0.8": (1.45, 1.77, 1.98, 2.40),
    "int8, T = 0": (1.20, 1.73, 1.42, 1.50),
    "int8, T = 0.8": (1.05, 1.36, 1.77, 1.91),
}
MAP_COLUMNS, MAP_ROWS = 20, 15
MOST_KEPT, MOST_COST, MOST_FIXED = 0.99, 0.6, 1.5


@cache
def count_contexts(seen: int) -> Float[Tensor, "context letter"]:
    """Return the log-probability of each letter after every context of so many letters, counted in a text."""
    letters, size = read_letters(), len(ALPHABET)
    contexts = number_contexts(letters, seen)[seen - 1 if seen else 0 : -1]
    pairs = contexts * size + letters[len(letters) - len(contexts) :]
    counts = torch.bincount(pairs, minlength=size ** (seen + 1)).view(-1, size).double()
    return ((counts + SMOOTHING) / (counts + SMOOTHING).sum(dim=1, keepdim=True)).log()


def number_contexts(letters: Int[Tensor, " time"], seen: int) -> Int[Tensor, " time"]:
    """Return the number of the context that ends with each letter; spaces stand before the first one."""
    numbers = torch.zeros_like(letters)
    for back in range(seen - 1, -1, -1):
        moved = torch.cat([torch.zeros(back, dtype=letters.dtype), letters[: len(letters) - back]])
        numbers = numbers * len(ALPHABET) + moved
    return numbers


def make_model(seen: int) -> Ask:
    """Return a model that sees so many letters: from letters, 1×T, to logits, 1×T×27."""
    return lambda letters: count_contexts(seen)[number_contexts(letters[0], seen)][None]


@lru_cache(maxsize=64)
def write_passes(draft: str, guesses: int) -> list[dict[str, Any]]:
    """Return what happens in each pass of `groundup.steps.c7_beyond.speculative.speculate`, with fixed random numbers.

    Returns
    -------
    list of dict
        ``guessed``, the letters that the draft guessed; ``kept``, how many of them stay; ``added``, the letter that
        the target adds; ``places``, for each guess and for the place after the last one what `describe_place` returns.
    """
    target, small = make_model(TARGET_SEES), make_model(SEEN[draft])
    generator = Generator().manual_seed(4)
    text = [ALPHABET.index(letter) for letter in PROMPT]
    passes = []
    for _ in range(MOST_PASSES):
        guessed, q = text, []
        for _ in range(guesses):
            q.append(next_probabilities(small(torch.tensor([guessed]))[0, -1]))
            guessed = [*guessed, draw(q[-1], generator)]
        logits = target(torch.tensor([guessed]))[0, len(text) - 1 :]
        p = torch.stack([next_probabilities(row) for row in logits])
        found = check_guesses(guessed[len(text) :], p, torch.stack(q) if q else p[:0], generator)
        letters = [ALPHABET[guess] for guess in guessed[len(text) :]]
        passes.append(
            {
                "guessed": letters,
                "kept": len(found) - 1,
                "added": ALPHABET[found[-1]],
                "places": [
                    describe_place(*found_here) for found_here in zip(p, [*q, None], [*letters, ""], strict=True)
                ],
            }
        )
        text = [*text, *found]
    return passes


def describe_place(p: Float[Tensor, " letter"], q: Float[Tensor, " letter"] | None, guess: str) -> dict[str, Any]:
    """Return the probabilities of target and draft at a place, the largest ones and that of the guess.

    Returns
    -------
    dict
        ``letters``, and of each ``p``, ``q`` and ``rest``, what a rejected guess is replaced from; ``overlap``, the
        probability that a guess is kept here; None for ``overlap``, and 0 for ``q`` and ``rest``, where none is made.
    """
    found = torch.zeros_like(p) if q is None else q
    order = torch.maximum(p, found).argsort(descending=True)[:SHOWN].tolist()
    if guess and ALPHABET.index(guess) not in order:
        order[-1] = ALPHABET.index(guess)
    return {
        "letters": [ALPHABET[place] for place in order],
        "p": p[order],
        "q": found[order],
        "rest": torch.zeros(len(order)) if q is None else rest(p, q)[order],
        "overlap": None if q is None else torch.minimum(p, q).sum(),
    }


def show_letter(letter: str) -> str:
    """Return a letter so that a space can be seen."""
    return "␣" if letter == " " else letter


def describe_pass(one: dict[str, Any]) -> str:
    """Return what happened in a pass, in words."""
    guessed, kept, added = one["guessed"], one["kept"], show_letter(one["added"])
    if not guessed:
        return f"no guess, and the target writes {added}"
    shown = "".join(map(show_letter, guessed))
    if kept == len(guessed):
        return f"the draft guessed {shown}; all are kept, and the target adds {added}"
    return f"the draft guessed {shown}; {kept} kept, then {show_letter(guessed[kept])} is replaced by {added}"


def compute_run(draft: str, guesses: int, passes: int) -> dict[str, Any]:
    """Return twenty passes of a target and a draft.

    Returns
    -------
    dict
        ``prompt``; ``passes``, as of `write_passes`; ``told``, what is true before the first pass and after each one;
        ``says``.
    """
    found = write_passes(draft, guesses)
    told, written = [f"Nothing is written yet. The draft sees {draft}, the target three letters."], 0
    for number, one in enumerate(found, 1):
        written += one["kept"] + 1
        told.append(
            f"Pass {number}: {describe_pass(one)}. {written} letter{'s' * (written > 1)} in {number} "
            f"pass{'es' * (number > 1)} of the target: {written / number:.3g} per pass."
        )
    return {"prompt": PROMPT, "passes": found, "told": told, "says": told[passes]}


def scale_shares(shares: list[list[float]]) -> Float[Tensor, " token"]:
    """Return dragged numbers as probabilities: none negative, their sum 1; all equal where all are 0."""
    positive = torch.tensor(shares, dtype=torch.float64).flatten().clamp(min=0, max=1)
    return positive / positive.sum() if positive.sum() > 0 else torch.full_like(positive, 1 / len(positive))


@lru_cache(maxsize=128)
def draw_results(p: tuple[float, ...], q: tuple[float, ...], rule: str) -> tuple[list[int], list[int]]:
    """Return 300 guesses, and the tokens that came of them; a rejected one is replaced from the rest, or from p."""
    generator = Generator().manual_seed(0)
    target, draft = torch.tensor(p, dtype=torch.float64), torch.tensor(q, dtype=torch.float64)
    guesses, results = [], []
    for _ in range(MOST_DRAWS):
        guess = draw(draft, generator)
        found = check_guesses([guess], torch.stack([target, target]), draft[None], generator)
        rejected = len(found) == 1
        guesses.append(guess)
        results.append(draw(target, generator) if rejected and rule == AGAIN else found[0])
    return guesses, results


def compute_exact(p: list[list[float]], q: list[list[float]], rule: str, draws: int) -> dict[str, Any]:
    """Return what becomes of a guess when there are three tokens.

    Returns
    -------
    dict
        ``p``, ``q``; ``kept``, min(p, q), the probability that a token is guessed and kept; ``rejected``, that of a
        rejection; ``replacement``, from what a rejected guess is replaced; ``result``, the probability of each token
        in the end; ``chances``, of each token that its guess is kept; ``guesses`` and ``results``, of 300 draws;
        ``origins``; ``says``.
    """
    target, draft = scale_shares(p), scale_shares(q)
    kept = torch.minimum(target, draft)
    rejected = 1 - kept.sum()
    replacement = rest(target, draft) if rule == REST else target
    result = kept + rejected * replacement
    guesses, results = draw_results(tuple(target.tolist()), tuple(draft.tolist()), rule)
    sums = "; ".join(
        f"{token}: {one:.3g} + {rejected:.3g} · {share:.3g} = {total:.3g}"
        for token, one, share, total in zip(TOKENS, kept, replacement, result, strict=True)
    )
    same = torch.allclose(result, target, atol=1e-9)
    verdict = "This is exactly p." if same else "This is not p."
    return {
        "p": target,
        "q": draft,
        "kept": kept,
        "rejected": rejected,
        "replacement": replacement,
        "result": result,
        "chances": [kept_share(*shares) for shares in zip(target.tolist(), draft.tolist(), strict=True)],
        "origins": trace_exact(target.tolist(), draft.tolist(), rule),
        "guesses": guesses,
        "results": results,
        "draws": draws,
        "says": f"A guess is rejected with probability {max(0.0, float(rejected)):.3g}. In the end {sums}. {verdict}",
    }


def kept_share(p: float, q: float) -> float | None:
    """Return the probability that a guess is kept, min(1, p/q); None for a token that is never guessed."""
    return min(1.0, p / q) if q else None


def trace_exact(p: list[float], q: list[float], rule: str) -> dict[str, Any]:
    """Return where the numbers of `compute_exact` come from: ``chance0``, ``kept0``, ``r0`` and ``end0`` of token a."""
    kept = [min(pair) for pair in zip(p, q, strict=True)]
    missing = [max(0.0, target - draft) for target, draft in zip(p, q, strict=True)]
    rejected, total = max(0.0, 1 - sum(kept)), sum(missing)
    found = {
        "rejected": trace_sum(
            "probability of a rejection",
            rejected,
            [Factor("1", 1.0)],
            *(
                [Factor(f"−kept {token}", -share, f"kept{at}")]
                for at, (token, share) in enumerate(zip(TOKENS, kept, strict=True))
            ),
        ),
        "missing": trace_sum(
            "all that is missing",
            total,
            *(
                [Factor(f"missing of {token}", share, f"missing{at}")]
                for at, (token, share) in enumerate(zip(TOKENS, missing, strict=True))
            ),
        ),
    }
    for at, (token, target, draft) in enumerate(zip(TOKENS, p, q, strict=True)):
        chance = kept_share(target, draft)
        kept_terms: list[Factor] = [Factor(f"q({token})", draft)]
        if chance is not None:
            over = [Factor(f"p({token})", target), Factor(f"q({token})", draft, over=True)]
            found[f"chance{at}"] = trace_sum(f"probability that {token} is kept", chance, over, then="min(1, ·)")
            kept_terms.append(Factor("min(1, p ÷ q)", chance, f"chance{at}"))
        found[f"kept{at}"] = trace_sum(f"{token} guessed and kept", kept[at], kept_terms)
        found[f"missing{at}"] = trace_sum(
            f"missing of {token}",
            missing[at],
            [Factor(f"p({token})", target)],
            [Factor(f"−q({token})", -draft)],
            then="max(0, ·)",
        )
        share = target
        if rule == REST and total:
            share = missing[at] / total
            over = [
                Factor(f"missing of {token}", missing[at], f"missing{at}"),
                Factor("all that is missing", total, "missing", over=True),
            ]
            found[f"r{at}"] = trace_sum(f"r({token})", share, over)
        replaced = Factor(f"{'r' if rule == REST else 'p'}({token})", share, f"r{at}" if rule == REST else "")
        found[f"end{at}"] = trace_sum(
            f"{token} in the end",
            kept[at] + rejected * share,
            [Factor("guessed and kept", kept[at], f"kept{at}")],
            [Factor("rejected", rejected, "rejected"), replaced],
        )
    return found


def count_tokens(kept: float, guesses: int) -> float:
    """Return how many tokens a pass yields on average: 1 + a + a² + … + aᵏ.

    The sum is (1 − aᵏ⁺¹) / (1 − a), equation 1 of Leviathan, Kalman and Matias (2023), and k + 1 for a = 1.
    """
    return sum(kept**place for place in range(guesses + 1))


def compare_speeds(kept: float, cost: float, guesses: int, fixed: float = 0.0) -> float:
    """Return how many times as fast it is as the target alone, which makes no guess.

    Without a fixed cost this is theorem 3.8 of the same source. With it a round costs 1 + d + kc passes.
    """
    return count_tokens(kept, guesses) / (1 + fixed + guesses * cost) if guesses else 1.0


def trace_speed(kept: float, cost: float, guesses: int, fixed: float) -> dict[str, Any]:
    """Return where the speed of `compare_speeds` comes from (``speed``), and both numbers that are divided."""
    tokens, passes = count_tokens(kept, guesses), 1 + fixed + guesses * cost
    powers: list[Term] = [[Factor(f"a^{place}" if place > 1 else "a", kept**place)] for place in range(1, guesses + 1)]
    spent: list[Term] = [[Factor("1", 1.0)], [Factor("d", fixed)], [Factor("k", float(guesses)), Factor("c", cost)]]
    return {
        "tokens": trace_sum("tokens per round", tokens, [Factor("1", 1.0)], *powers),
        "passes": trace_sum("cost of a round, in passes", passes, *spent),
        "speed": trace_sum(
            "times as fast",
            tokens / passes,
            [Factor("tokens", tokens, "tokens"), Factor("cost", passes, "passes", over=True)],
        ),
    }


def find_best(kept: float, cost: float, fixed: float = 0.0) -> tuple[int, float]:
    """Return the best number of guesses, at least 1, and how many times as fast it is."""
    speeds = {guesses: compare_speeds(kept, cost, guesses, fixed) for guesses in range(1, LONGEST + 1)}
    best = max(speeds, key=lambda guesses: speeds[guesses])
    return best, speeds[best]


@lru_cache(maxsize=128)
def draw_map(fixed: float) -> list[list[float]]:
    """Return the best speed of each acceptance (column) and cost (row), at the middles of the map's cells."""
    return [
        [
            find_best((column + 0.5) / MAP_COLUMNS * MOST_KEPT, (row + 0.5) / MAP_ROWS * MOST_COST, fixed)[1]
            for column in range(MAP_COLUMNS)
        ]
        for row in range(MAP_ROWS)
    ]


def compute_speed(kept: float, cost: float, fixed: float, measured: str) -> dict[str, Any]:
    """Return when guessing ahead pays.

    Returns
    -------
    dict
        ``map``, the best speed for each acceptance and cost; ``curve``, rows (guesses, times as fast as the target
        alone); ``best``, such a row; ``measured``, rows of the benchmark that was chosen; ``origins``, where the best
        speed comes from; ``says``.
    """
    guesses, speed = find_best(kept, cost, fixed)
    points = list(zip(MEASURED_GUESSES, MEASURED.get(measured, ()), strict=False))
    advice = (
        f"of 1 to {LONGEST} guesses, {guesses} {'are' if guesses > 1 else 'is'} best: "
        f"{count_tokens(kept, guesses):.3g} tokens per pass, {speed:.3g} times as fast as the target alone"
        if speed > 1
        else "no number of guesses pays"
    )
    told = f"A guess is kept with probability {kept:.2g} and costs {cost:.2g} of a pass of the target"
    told += f", and a round costs {fixed:.2g} of a pass more: {advice}." if fixed else f": {advice}."
    if points:
        error = max(abs(compare_speeds(kept, cost, count, fixed) - found) for count, found in points)
        told += f" The curve misses the measured points by at most {error:.2f}."
    return {
        "map": draw_map(fixed),
        "curve": [(count, compare_speeds(kept, cost, count, fixed)) for count in range(LONGEST + 1)],
        "best": (guesses, speed),
        "origins": trace_speed(kept, cost, guesses, fixed),
        "measured": points,
        "says": told,
    }


VIEWS = {
    "run": View(
        "A text that a small model guesses and a large one checks",
        compute_run,
        (
            Choice("draft", "draft sees", "two letters", tuple(SEEN), ("nothing", "1 letter", "2 letters")),
            Slider("guesses", "guesses k", 4, low=0, high=MOST_GUESSES, step=1),
            Slider("passes", "passes", 1, low=0, high=MOST_PASSES, step=1, plays=True),
        ),
    ),
    "exact": View(
        "What becomes of a guess, with three tokens",
        compute_exact,
        (
            Points("p", "probabilities of the target", tuple((share,) for share in P), least=3, most=3),
            Points("q", "probabilities of the draft", tuple((share,) for share in Q), least=3, most=3),
            Choice("rule", "replaced from", REST, RULES, ("the rest r", "p again")),
            Slider("draws", "draws", 0, low=0, high=MOST_DRAWS, step=5, plays=True),
        ),
    ),
    "speed": View(
        "How many times as fast it is to guess ahead",
        compute_speed,
        (
            Slider("kept", "a guess is kept, a", 0.8, low=0.0, high=MOST_KEPT, step=0.01),
            Slider("cost", "cost of a guess, c", 0.1, low=0.0, high=MOST_COST, step=0.01),
            Slider("fixed", "fixed cost of a round, d", 0.0, low=0.0, high=MOST_FIXED, step=0.01),
            Choice(
                "measured",
                "measured",
                "none",
                ("none", *MEASURED),
                ("none", "32 bits, T 0", "32 bits, T 0.8", "8 bits, T 0", "8 bits, T 0.8"),
            ),
        ),
    ),
}
