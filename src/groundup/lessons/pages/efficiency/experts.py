"""Which experts eight tokens use, with what weights, and how evenly the experts are used."""

from __future__ import annotations

from typing import Any

import torch

from groundup.lessons.origins import Factor, trace_softmax, trace_sum
from groundup.steps.c7_beyond.experts import balance_loss, choose_experts, count_choices

ROUTED_EXPERTS, ROUTED = 4, 8


def compute_experts(used: int, favour: float) -> dict[str, Any]:
    """Return which experts eight tokens use, with what weights, and how evenly the experts are used.

    Parameters
    ----------
    used : int
        How many of the four experts each token uses.
    favour : float
        What is added to every score of expert 1.

    Returns
    -------
    dict
        ``weights``, one row per token, one column per expert, 0 where it is not used; ``shares`` f and
        ``probabilities`` P, one per expert; ``balance``, the balance loss; ``origins``: where all but the last come
        from; ``says``.
    """
    scores = torch.randn(ROUTED, ROUTED_EXPERTS, dtype=torch.float64, generator=torch.Generator().manual_seed(4))
    scores[:, 0] += favour
    weights, chosen = choose_experts(scores, used)
    shares = count_choices(chosen, ROUTED_EXPERTS)
    balance = float(balance_loss(scores, chosen))
    most = int(shares.argmax())
    probabilities = scores.softmax(dim=-1)
    origins: dict[str, Any] = {}
    for token in range(ROUTED):
        places = chosen[token].sort().values
        of = weights[token][chosen[token].argsort()].tolist(), scores[token, places].tolist()
        names = [f"expert {place + 1}" for place in places.tolist()]
        origins |= trace_softmax("weight of", *of, (f"t{token}w", f"t{token}s"), names)
    for expert in range(ROUTED_EXPERTS):
        count, mean = int((chosen == expert).sum()), [float(row[expert]) for row in probabilities]
        all_choices = Factor("all choices", float(chosen.numel()), over=True)
        share = [Factor("tokens that chose it", float(count)), all_choices]
        origins[f"f{expert}"] = trace_sum(f"share of expert {expert + 1}", float(shares[expert]), share)
        over = Factor("tokens", float(ROUTED), over=True)
        terms = [[Factor(f"token {token + 1}", one), over] for token, one in enumerate(mean)]
        origins[f"P{expert}"] = trace_sum(f"mean probability of expert {expert + 1}", sum(mean) / ROUTED, *terms)
    return {
        "origins": origins,
        "weights": torch.zeros_like(scores).scatter(1, chosen, weights),
        "shares": shares,
        "probabilities": probabilities.mean(dim=0),
        "balance": balance,
        "says": f"Each token is computed by {used} of {ROUTED_EXPERTS} experts. "
        f"Expert {most + 1} gets {shares[most]:.0%} of all choices. "
        f"The balance loss is {balance:.3f}; it is 1 where all are used alike.",
    }
