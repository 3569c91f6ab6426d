"""What `groundup.tasks.gpt.inside` found, in words, with shaded text, and as arrays."""

from __future__ import annotations

import math
from itertools import groupby
from typing import Any

from rich.markup import escape
from torch import Tensor

from groundup.steps.c7_beyond.ablation import Part
from groundup.tasks.gpt.inside import TEXT, VALIDATION, Cost, Inside, Scores
from groundup.tasks.protocol import Report

# From how many nats of surprise on a token is shaded, and how. A terminal of 16 colours shows four different ones, too.
SHADES = ((1.0, "black on #ffe3c2"), (2.0, "black on #ffc078"), (4.0, "black on #ff922b"), (6.0, "white on #b42318"))
SHOWN_GUESSES, SHOWN_PARTS, LONGEST_END = 3, 20, 16
# With fewer measured tokens than this, a standard error is mostly as large as what it belongs to.
FEW_TOKENS = 100
SCORES = {"previous_token": "previous token", "first_token": "first token", "induction": "induction"}


def report_inside(found: Inside) -> Report:
    """Return the answer of ``groundup look``."""
    lines = [
        f"[bold]{escape(found.run)}[/bold]: {_count(found.layers, 'block')} of {_count(found.heads, 'head')}; "
        f"{_count(len(found.tokens), 'token')}."
    ]
    if found.left_out:
        lines.append(f"The first {_count(found.left_out, 'token')} are left out: the rest is all that fits.")
    lines += ["", *_shade(found), "", *_show_lens(found), "", *_explain_parts(found)]
    return Report(facts=list_facts(found), lines=lines, table=_tabulate(found) if found.costs else None)


def list_facts(found: Inside) -> dict[str, Any]:
    """Return everything that was found, ready for JSON: arrays by block and head, and by place in the text."""
    scores = found.scores
    heads = {
        "cost": _arrange(found, "head", found.layers, found.heads),
        "error": _arrange(found, "head", found.layers, found.heads, error=True),
        **{name: None if scores is None else _to_lists(getattr(scores, name)) for name in SCORES},
    }
    others = {
        kind.replace("-", "_"): {
            "cost": [row[0] for row in _arrange(found, kind, found.layers, 1)],
            "error": [row[0] for row in _arrange(found, kind, found.layers, 1, error=True)],
        }
        for kind in ("attention", "feed-forward", "block")
    }
    return {
        "run": found.run,
        "layers": found.layers,
        "head_count": found.heads,
        "tokens": found.tokens,
        "numbers": found.numbers,
        "left_out": found.left_out,
        "surprise": found.surprise,
        "lens": [
            {
                "after": level.after,
                "tokens": level.tokens,
                "probabilities": level.probabilities,
                "next": [{"token": token, "probability": share} for token, share in level.next],
            }
            for level in found.levels
        ],
        "measured": {"on": found.measured_on, "tokens": found.measured, "loss": found.loss},
        "heads": heads,
        **others,
        "ranked": [
            {"part": str(part), "cost": cost.mean, "error": cost.error, "tokens": cost.tokens}
            for part, cost in found.rank()
        ],
        "random_tokens": None
        if scores is None or scores.losses is None
        else {
            "length": scores.length,
            "rows": scores.rows,
            "loss": scores.losses[0],
            "loss_repeated": scores.losses[1],
        },
        "even": {} if scores is None else scores.even,
        "complete": found.complete,
    }


def _describe_random_tokens(scores: Scores) -> dict[str, Any] | None:
    if scores.losses is None:
        return None
    first, again = scores.losses
    return {"length": scores.length, "rows": scores.rows, "loss": first, "loss_repeated": again}


def _arrange(found: Inside, kind: str, layers: int, heads: int, error: bool = False) -> list[list[float | None]]:
    def read(cost: Cost | None) -> float | None:
        return None if cost is None else cost.error if error else cost.mean

    return [[read(found.costs.get(Part(kind, layer, head))) for head in range(heads)] for layer in range(layers)]


def _to_lists(scores: Tensor | None) -> list[list[float]] | None:
    return None if scores is None else scores.tolist()


def _count(number: int, name: str) -> str:
    return f"{number} {name}" + ("" if number == 1 else "s")


def show_token(token: str) -> str:
    """Return a token as it is told in a sentence: in quotation marks, with signs for line ends."""
    return f"“{escape(token.replace(chr(10), '↵'))}”"


def _end(tokens: list[str]) -> str:
    """Return the last tokens of a text, whole ones, as many as a line has room for."""
    end = tokens[-1]
    for token in reversed(tokens[:-1]):
        if len(token) + len(end) > LONGEST_END:
            break
        end = token + end
    return end


def _shade(found: Inside) -> list[str]:
    known = [(surprise, place) for place, surprise in enumerate(found.surprise) if surprise is not None]
    if not known:
        return [f"Surprise needs a second token: nothing stands before {show_token(found.tokens[0])}."]
    mean = sum(surprise for surprise, _ in known) / len(known)
    legend = " ".join(f"[{style}] from {least:g} [/]" for least, style in SHADES)
    pieces = groupby(zip(found.tokens, found.surprise, strict=True), key=lambda item: _choose_shade(item[1]))
    text = "".join(
        f"[{style}]{escape(''.join(token for token, _ in run)).replace(chr(10), '↵' + chr(10))}[/]"
        for style, run in pieces
    )
    most, place = max(known)
    return [
        f"Surprise: −log of the probability that the model gave each token, in nats. Shaded: {legend}",
        text,
        f"Mean {mean:.2f}, as a choice among {math.exp(min(mean, 700)):.3g} tokens. Most surprising: "
        f"{show_token(found.tokens[place])} after {show_token(_end(found.tokens[:place]))}, {most:.2f} nats "
        f"(probability {_share(math.exp(-most))}).",
    ]


def _choose_shade(surprise: float | None) -> str:
    passed = [style for least, style in SHADES if surprise is not None and surprise >= least]
    return passed[-1] if passed else "none"


def _share(share: float) -> str:
    return f"{share:.1%}" if share >= 0.001 else "below 0.1%"


def _show_lens(found: Inside) -> list[str]:
    lines = [
        "The logit lens (nostalgebraist, 2020): the model's own last norm and output layer read the stream after each "
        f"block, softmax(output(norm(x))). After {show_token(_end(found.tokens))} comes:"
    ]
    width = max(len(level.after) for level in found.levels)
    for place, level in enumerate(found.levels):
        guesses = "   ".join(f"{show_token(token)} {_share(share)}" for token, share in level.next[:SHOWN_GUESSES])
        end = "   (the model's answer)" if place == len(found.levels) - 1 else ""
        lines.append(f"  after {level.after.ljust(width)}   {guesses}{end}")
    return lines


def _explain_parts(found: Inside) -> list[str]:
    place = {TEXT: "this text", VALIDATION: "the validation text"}.get(found.measured_on, escape(found.measured_on))
    if found.loss is None:
        return ["Give at least two tokens to see what each part is worth."] if not found.parts else []
    lines = [
        f"Each part switched off alone (it adds nothing), and what the loss on {place} rises by; with all parts on it "
        f"is {found.loss:.3f} nats per token, of {_count(found.measured, 'token')}. ± is the standard error. Near 0: "
        "not needed here, or others do the same. Below 0: it does harm here."
    ]
    if found.measured_on == TEXT and found.measured < FEW_TOKENS:
        lines.append("So few tokens say little about a part: --on validation or --on FILE measures on more.")
    if found.scores is None:
        lines.append("The attention of this run is a learner's own part: no head of it can be switched off or scored.")
    else:
        lines += _explain_scores(found.scores)
    if (hidden := max(0, _count_heads(found) - SHOWN_PARTS) + max(0, _count_others(found) - SHOWN_PARTS)) > 0:
        lines.append(f"{_count(hidden, 'part')} with a smaller effect are left out here; --json has all.")
    return [*lines, ""]


def _explain_scores(scores: Scores) -> list[str]:
    lines = [
        "Where a head looks: the share of its attention, from 0 to 1. Previous token: the share on the token before. "
        "First token: the share on the first token. A head that finds nothing useful looks there (an attention sink)."
    ]
    if scores.induction is not None:
        lines.append(
            f"Induction: the model reads {scores.length} random tokens twice. In the second reading, the share on the "
            "token that came next in the first. Such a head continues patterns (Olsson et al., 2022)."
        )
    if scores.losses is not None:
        first, again = scores.losses
        lines.append(f"The loss on the random tokens is {first:.2f}, and when they are repeated {again:.2f}.")
    even = ", ".join(f"{SCORES[name]} {share:.2f}" for name, share in scores.even.items())
    if even:
        lines.append(f"A head that looks at all tokens alike would have: {even}.")
    return lines


def _count_heads(found: Inside) -> int:
    return sum(part.kind == "head" for part in found.costs)


def _count_others(found: Inside) -> int:
    return len(found.costs) - _count_heads(found)


def _tabulate(found: Inside) -> tuple[list[str], list[list[str]]]:
    ranked = found.rank()
    heads = _keep_largest([item for item in ranked if item[0].kind == "head"])
    others = _keep_largest([item for item in ranked if item[0].kind != "head"])
    names = [name for name in SCORES if heads and found.scores is not None and getattr(found.scores, name) is not None]
    rows = []
    for part, cost in [*heads, *others]:
        error = "" if cost.error is None else f"±{cost.error:.3f}"
        shown = [_read_score(found.scores, name, part) for name in names]
        rows.append([str(part), f"{cost.mean:+.3f}", error, *shown])
    return ["off", "loss", "", *(SCORES[name] for name in names)], rows


def _keep_largest(ranked: list[tuple[Part, Cost]]) -> list[tuple[Part, Cost]]:
    """Return the parts with the largest effects, good or bad, in their order."""
    largest = sorted(ranked, key=lambda item: -abs(item[1].mean))[:SHOWN_PARTS]
    return [item for item in ranked if item in largest]


def _read_score(scores: Scores | None, name: str, part: Part) -> str:
    if scores is None or part.kind != "head":
        return ""
    return f"{getattr(scores, name)[part.layer, part.head]:.2f}"
