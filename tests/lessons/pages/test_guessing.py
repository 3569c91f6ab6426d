"""The lesson on guessing ahead: its frames are the step's results, and its text says what they give."""

from __future__ import annotations

import re
from itertools import islice, pairwise
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from jaxtyping import Float
from torch import Tensor

from groundup.lessons.page_loading import load_text
from groundup.lessons.pages.bigram.views import ALPHABET, read_letters
from groundup.lessons.pages.guessing.views import (
    AGAIN,
    MEASURED,
    MEASURED_GUESSES,
    MOST_DRAWS,
    MOST_FIXED,
    MOST_GUESSES,
    MOST_PASSES,
    PROMPT,
    REST,
    SEEN,
    TARGET_SEES,
    P,
    Q,
    compare_speeds,
    compute_exact,
    compute_speed,
    count_contexts,
    count_tokens,
    find_best,
    make_model,
    write_passes,
)
from groundup.steps.c5_words.bigram import count_pairs, find_shares
from groundup.steps.c7_beyond.speculative import check_guesses, speculate

TEXT = " ".join(" ".join(block.body for block in load_text("guessing").blocks).split())
shares = st.lists(st.floats(0, 1), min_size=3, max_size=3).map(lambda found: [[share] for share in found])


@pytest.mark.parametrize(("draft", "guesses"), [("two letters", 4), ("one letter", 6), ("nothing", 1), ("nothing", 0)])
def test_the_passes_write_what_the_step_writes(draft: str, guesses: int) -> None:
    passes = write_passes(draft, guesses)
    written = [letter for one in passes for letter in [*one["guessed"][: one["kept"]], one["added"]]]
    prompt = [ALPHABET.index(letter) for letter in PROMPT]
    tokens = speculate(
        make_model(TARGET_SEES), make_model(SEEN[draft]), prompt, guesses, generator=torch.Generator().manual_seed(4)
    )
    assert written == [ALPHABET[token] for token in islice(tokens, len(written))]
    assert len(passes) == MOST_PASSES
    assert all(len(one["places"]) == len(one["guessed"]) + 1 == guesses + 1 for one in passes)


def test_what_is_shown_of_a_place_is_what_decides_there() -> None:
    for one in write_passes("two letters", MOST_GUESSES):
        for place, guess in zip(one["places"], one["guessed"], strict=False):
            at = place["letters"].index(guess)
            assert place["q"][at] > 0
        if one["kept"] < len(one["guessed"]):
            place = one["places"][one["kept"]]
            at = place["letters"].index(one["guessed"][one["kept"]])
            assert place["q"][at] > place["p"][at]
            assert place["rest"][at] == 0


def test_the_models_are_the_counted_shares_of_the_text() -> None:
    letters = read_letters()
    assert torch.allclose(count_contexts(1).exp(), find_shares(count_pairs(letters, len(ALPHABET)), 0.01))
    chances = count_contexts(3)
    assert torch.allclose(chances.exp().sum(1), torch.ones(len(chances), dtype=torch.float64))
    last = make_model(3)(torch.tensor([[ALPHABET.index(letter) for letter in "the"]]))[0, -1]
    found = "".join(ALPHABET[int(letter)] for letter in letters)
    share = found.count("the ") / found.count("the")
    assert float(last.exp()[0]) == pytest.approx(share, abs=0.001)


@given(p=shares, q=shares)
def test_replaced_from_the_rest_the_result_is_the_target_whatever_the_two_are(
    p: list[list[float]], q: list[list[float]]
) -> None:
    frame = compute_exact(p, q, REST, 0)
    assert torch.allclose(frame["result"], frame["p"], atol=1e-9)
    assert frame["says"].endswith("This is exactly p.")
    assert float(frame["kept"].sum() + frame["rejected"]) == pytest.approx(1)


def test_replaced_from_p_it_is_not() -> None:
    p, q = ([[share] for share in one] for one in (P, Q))
    frame = compute_exact(p, q, AGAIN, 0)
    assert frame["result"].tolist() == pytest.approx([0.4, 0.42, 0.18])
    assert frame["says"].endswith("This is not p.")
    assert "It comes out with 0.42" in TEXT
    exact = compute_exact(p, q, REST, 0)
    assert exact["replacement"].tolist() == pytest.approx([0.75, 0, 0.25])
    assert float(exact["rejected"]) == pytest.approx(0.4)


@pytest.mark.parametrize("rule", [REST, AGAIN])
def test_the_draws_have_the_result_s_distribution(rule: str) -> None:
    frame = compute_exact([[share] for share in P], [[share] for share in Q], rule, 0)
    seen = torch.bincount(torch.tensor(frame["results"]), minlength=3) / MOST_DRAWS
    # Four standard deviations of a share of 300 draws are 0.11.
    assert torch.allclose(seen.double(), frame["result"], atol=0.11)
    assert len(frame["guesses"]) == len(frame["results"]) == MOST_DRAWS


def test_tokens_per_pass_are_those_of_the_step() -> None:
    """A draft that agrees with probability 0.7 everywhere: 1,500 passes of the step against the formula."""
    p, q = torch.tensor([0.7, 0.3]), torch.tensor([0.4, 0.6])
    generator = torch.Generator().manual_seed(0)
    total = 0
    for _ in range(1500):
        guesses = torch.multinomial(q, 3, replacement=True, generator=generator).tolist()
        total += len(check_guesses(guesses, p.expand(4, 2), q.expand(3, 2), generator))
    assert total / 1500 == pytest.approx(count_tokens(0.7, 3), abs=0.12)


@given(st.floats(0, 0.95), st.integers(1, 10))
def test_the_sum_is_the_formula_of_the_text(kept: float, guesses: int) -> None:
    assert count_tokens(kept, guesses) == pytest.approx((1 - kept ** (guesses + 1)) / (1 - kept))
    assert compare_speeds(kept, 0.0, guesses) == count_tokens(kept, guesses)
    assert compare_speeds(kept, kept, 1) == pytest.approx(1)  # a guess that costs its own chance gains nothing


def test_the_map_is_the_best_of_the_curves() -> None:
    frame = compute_speed(0.6, 0.2, 0.0, "none")
    assert frame["best"] == (2, pytest.approx(1.4)) == find_best(0.6, 0.2)
    assert frame["best"][1] == max(speed for guesses, speed in frame["curve"] if guesses)
    assert dict(frame["curve"])[10] < 1
    assert "no number of guesses pays" in compute_speed(0.3, 0.5, 0.0, "none")["says"]
    rows = frame["map"]
    assert all(one <= other for row in rows for one, other in pairwise(row))
    assert all(one >= other for above, below in pairwise(rows) for one, other in zip(above, below, strict=True))


def test_the_text_s_numbers() -> None:
    def count(draft: str) -> int:
        return sum(one["kept"] + 1 for one in write_passes(draft, 4))

    assert (
        f"in these {MOST_PASSES} passes from {count('two letters')} with the better draft to {count('nothing')}" in TEXT
    )
    assert count_tokens(0.85, 4) == pytest.approx(3.71, abs=0.005)
    assert count_tokens(0.6, 2) == pytest.approx(1.96)


def fit(row: str, kept: Float[Tensor, " a"], most_fixed: float) -> tuple[float, float, float, float]:
    """Return the smallest largest error of a curve to a measured row, with its acceptance, cost and fixed cost."""
    costs, fixed = torch.arange(0, 0.605, 0.01), torch.arange(0, most_fixed + 0.005, 0.01)
    guesses = torch.tensor(MEASURED_GUESSES)
    tokens = torch.stack([torch.tensor([count_tokens(float(a), int(k)) for k in guesses]) for a in kept])
    rounds = 1 + fixed[:, None] + costs[:, None, None] * guesses
    errors = (tokens[:, None, None] / rounds - torch.tensor(MEASURED[row])).abs().amax(-1)
    a, c, d = (int(place) for place in torch.unravel_index(errors.argmin(), errors.shape))
    return float(errors.min()), float(kept[a]), float(costs[c]), float(fixed[d])


def test_the_fit_is_the_text_s() -> None:
    everything = torch.arange(0, 0.995, 0.01)
    row = "float32, T = 0.8"
    error, _, cost, fixed = fit(row, torch.tensor([0.85]), MOST_FIXED)
    assert (round(cost, 2), round(fixed, 2)) == (0.03, 0.73)
    assert error < 0.03
    assert "$c = 0.03$ and $d = 0.73$" in TEXT
    assert "misses none by more than 0.03" in TEXT
    assert "miss a point by 0.28" in TEXT
    assert fit(row, everything, 0.0)[0] == pytest.approx(0.28, abs=0.005)
    other = [compare_speeds(0.99, 0.2, guesses, 0.65) for guesses in MEASURED_GUESSES]
    assert other == pytest.approx(MEASURED[row], abs=0.03)
    says = compute_speed(0.85, 0.03, 0.73, row)["says"]
    assert says.startswith("A guess is kept with probability 0.85 and costs 0.03 of a pass of the target, and a round")
    assert says.endswith("The curve misses the measured points by at most 0.03.")
    assert min(fit(name, everything, 0.0)[0] for name in MEASURED) > 0.15


def test_a_fixed_cost_is_paid_once_per_round_and_never_without_a_guess() -> None:
    for guesses in range(1, 11):
        assert count_tokens(0.7, guesses) / compare_speeds(0.7, 0.1, guesses, 0.5) == pytest.approx(1.5 + 0.1 * guesses)
    assert compare_speeds(0.7, 0.1, 0, 0.5) == 1
    frames = [compute_speed(0.7, 0.1, fixed, "none") for fixed in (0.0, 0.5)]
    assert frames[1]["map"][0][0] < frames[0]["map"][0][0]


@given(st.floats(0, 0.99), st.floats(0, 0.6), st.floats(0, 1.5))
def test_a_curve_has_one_maximum_so_a_second_one_is_noise(kept: float, cost: float, fixed: float) -> None:
    speeds = [compare_speeds(kept, cost, guesses, fixed) for guesses in range(1, 11)]
    best = speeds.index(max(speeds))
    assert all(one <= other + 1e-12 for one, other in pairwise(speeds[: best + 1]))
    assert all(one >= other - 1e-12 for one, other in pairwise(speeds[best:]))
    two, three, four, six = MEASURED["int8, T = 0"]
    assert three > two
    assert six > four < three


def test_what_is_said_to_be_measured_stands_in_the_benchmarks() -> None:
    page = Path(__file__).parents[3] / "benchmarks" / "README.md"
    if not page.is_file():
        pytest.skip("installed without its repository")
    part = page.read_text(encoding="utf-8").split("## `speculative.py`")[1].split("\n## ")[0]
    head = re.search(r"\| alone \| (.+?) \| tokens per pass", part)
    assert head is not None
    assert tuple(int(word.split()[0]) for word in head[1].split(" | ")) == MEASURED_GUESSES
    for name, speeds in MEASURED.items():
        row = re.search(rf"\| {name.replace('T =', 'temperature')} \| (.+) \| ([\d.]+) \|", part)
        assert row is not None
        assert tuple(float(found) for found in re.findall(r"\(([\d.]+)\)", row[1])) == speeds
        if name == "float32, T = 0.8":
            assert f"with 4 guesses a pass gave {row[2]} tokens" in TEXT
            assert f"the text came {speeds[2]} times as fast" in TEXT
    passes = re.search(r"\| × a written token \| (.+) \|", part)
    assert passes is not None
    *_, three, _, _, seven, guess = passes[1].split(" | ")
    assert f"To read 3 tokens takes {three} times as long as to write one" in TEXT
    assert f"to read 7 takes {seven} times as long" in TEXT
    assert f"A guess of the draft takes {guess}" in TEXT
    assert round((float(seven) - float(three)) / 4, 3) == 0.035
