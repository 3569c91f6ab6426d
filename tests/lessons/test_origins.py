"""Numbers in pictures open: what the page shows is what the parts give, and the numbers that lead on are there."""

import pytest
from opened_numbers import check_origins

from groundup.lessons.origins import MOST_TERMS, Factor, trace_softmax, trace_sum
from groundup.lessons.page_loading import load_views


def place(key, numbers, start=1):
    """Return the numbers by key and place."""
    return {f"{key}{at}": number for at, number in enumerate(numbers, start)}


def place_rows(key, rows):
    return {f"{key}{i}_{j}": number for i, row in enumerate(rows) for j, number in enumerate(row)}


def shown_weights(frame):
    rows = [[weight for weight in row if weight] for row in frame["weights"]]
    return {f"t{i}w{j}": weight for i, row in enumerate(rows) for j, weight in enumerate(row, 1)}


def shown_advantages(frame):
    groups = zip(frame["drawn"], frame["advantages"], strict=True)
    found = {
        f"A{step}_{answer}": advantage
        for step, group in enumerate(groups, 1)
        for answer, advantage in zip(*group, strict=True)
    }
    return {key: advantage for key, advantage in found.items() if advantage}


def shown_step(frame, at):
    """Return the slopes after a step, and the next point."""
    names = [f"{name}{at}" for name in ("dx", "dy", "x", "y")]
    return dict(zip(names, [*frame["path"][at][3:], *frame["path"][at + 1][:2]], strict=True))


def shown_sizes(frame):
    sizes = place("size", [layer["size"] for layer in frame["layers"]])
    return sizes | place("back", [layer["back_size"] for layer in frame["layers"][:-1]])


CURVED = {"formula": "(x^2-4)^2/8 + sin(y)*exp(x)", "x": 1.5, "y": 1.0}
SHOWN = [
    *[
        ("directions", "hill", {**CURVED, "way": way, "steps": 3}, lambda f: shown_step(f, 3))
        for way in ("all at once", "one knob at a time", "y after x")
    ],
    ("directions", "slices", CURVED, lambda f: dict(zip(("dx", "dy"), f["slopes"], strict=True))),
    ("directions", "compass", {**CURVED, "direction": 135}, lambda f: {"slope": f["slope"]}),
    ("shapes", "broadcast", {}, lambda f: {"loss": f["loss"]} | place_rows("error", f["difference"]["rows"])),
    (
        "regularisation",
        "dropout",
        {"p": 0.3},
        lambda f: {f"node{at}": value for at, value in enumerate(f["after"]) if value},
    ),
    ("regularisation", "dropout", {"training": False}, lambda f: place("node", f["before"], 0)),
    *[
        (
            "guessing",
            "exact",
            {"rule": rule},
            lambda f: (
                place("chance", f["chances"], 0)
                | place("kept", f["kept"], 0)
                | place("end", f["result"], 0)
                | {"rejected": f["rejected"]}
            ),
        )
        for rule in ("rest", "again")
    ],
    ("guessing", "exact", {}, lambda f: place("r", f["replacement"], 0)),
    (
        "guessing",
        "exact",
        {"p": [[1.0], [0.0], [0.0]], "q": [[1.0], [0.0], [0.0]]},
        lambda f: place("end", f["result"], 0),
    ),
    ("guessing", "speed", {"kept": 0.95, "cost": 0.02, "fixed": 0.4}, lambda f: {"speed": f["best"][1]}),
    *[
        ("answering", "tokens", {"counted": counted}, lambda f: {"loss": f["loss"]})
        for counted in ("answers", "everything", "no end")
    ],
    *[
        (
            "network",
            "fold",
            {"relu": relu, "point": [[-0.4, 1.2]]},
            lambda f: place("h", f["h"], 0) | {"output": f["output"]},
        )
        for relu in (True, False)
    ],
    *[
        ("signals", "layers", settings, lambda f: shown_sizes(f))
        for settings in (
            {"depth": 5},
            {"init": "1 · normal", "activation": "tanh", "depth": 4, "bias": 0.3},
            {"init": "all zero", "depth": 3},
            {"init": "Kaiming", "depth": 12, "bias": -0.5},
            {"init": "Xavier", "activation": "none", "depth": 3},
        )
    ],
    ("convolution", "filter", {"row": 2, "column": 8}, lambda f: {"sum": f["sum"]}),
    ("signals", "walk", {"factor": 1.3}, lambda f: place("power", f["expected"][1:])),
    *[
        (
            "normalisation",
            "table",
            {"kind": kind, "examples": examples},
            lambda f: place_rows("after", f["after"]) | place("mean", f["means"], 0) | place("root", f["roots"], 0),
        )
        for kind in ("layer norm", "RMS norm", "batch norm")
        for examples in (2, 3)
    ],
    *[
        (
            "normalisation",
            "sizes",
            {"factor": factor, "norm": norm, "layer": layer},
            lambda f, layer=layer: {way: f[way]["sizes"][layer] for way in ("without", "with")},
        )
        for factor, norm, layer in ((7, "layer norm", 11), (0.07, "RMS norm", 1), (0.5, "layer norm", 12))
    ],
    *[
        (
            "optimisers",
            "race",
            {"landscape": landscape, "steps": step},
            lambda f, step=step: {
                f"{name}_{along}{step}": moves[step][place]
                for name, moves in f["moves"].items()
                for place, along in enumerate("xy")
            },
        )
        for landscape, step in (("valley", 0), ("saddle", 7), ("waves", 100))
    ],
    *[
        (
            "schedules",
            "schedule",
            {"step": step, "lowest": 0.02},
            lambda f, step=step: {f"rate{step}": f["rates"][step]},
        )
        for step in (7, 20, 150)
    ],
    *[
        ("optimisers", "valley", settings, lambda f: dict(zip(("along", "across"), f["factors"], strict=True)))
        for settings in ({}, {"momentum": 0.9}, {"rate": 1.65, "momentum": 0.67}, {"rate": 2.0, "momentum": 0.1})
    ],
    *[
        (
            "schedules",
            "clip",
            {"gradient": [gradient]},
            lambda f: (
                {"norm": f["norm"], "factor": f["factor"]} | dict(zip(("first", "second"), f["clipped"], strict=True))
            ),
        )
        for gradient in ([3.0, 4.0], [0.5, -0.1])
    ],
    ("descending", "slope", {"place": -1.0}, lambda f: {"rise": f["second"][1] - f["point"][1]}),
    ("rewards", "policy", {}, lambda f: shown_advantages(f)),
    ("rewards", "policy", {"samples": 2, "steps": 9}, lambda f: shown_advantages(f)),
    (
        "losses",
        "bars",
        {"right": "dog"},
        lambda f: (
            place("p", f["probabilities"]) | place("d", f["slopes"]) | place("pe", f["powers"]) | {"psum": f["total"]}
        ),
    ),
    ("losses", "bars", {"shift": 50}, lambda f: place("p", f["probabilities"]) | place("pe", f["powers"])),
    ("attention", "scale", {"width": 1024}, lambda f: place("w", f["weights"]) | place("s", f["scores"])),
    ("attention", "scale", {"width": 5, "divide": True}, lambda f: place("w", f["weights"]) | place("s", f["scores"])),
    (
        "efficiency",
        "experts",
        {"used": 3},
        lambda f: shown_weights(f) | place("f", f["shares"], 0) | place("P", f["probabilities"], 0),
    ),
    *(
        ("modern", "turning", {"way": way, "apart": 7, "back": 3}, lambda f: place("m", f["products"]))
        for way in ("added", "turned")
    ),
    ("modern", "scores", {"times": 3}, lambda f: place("aw", f["weights"][0]) | place("bs", f["scores"][1])),
    ("transformer", "order", {}, lambda f: place("bw", f["orders"][1]["weights"])),
    ("features", "people", {"father": 2.0}, lambda f: place("y", f["predictions"], 0)),
    ("adapting", "hand", {"rank": "2"}, lambda f: place_rows("product", f["product"])),
    (
        "sentiment",
        "map",
        {"padding": 3, "masked": False},
        lambda f: place("share", [word["share"] for word in f["chosen"]], 0) | {"probability": f["probability"]},
    ),
    ("sentiment", "map", {"sentence": ""}, lambda f: {"probability": f["probability"]}),
    (
        "embedding",
        "words",
        {"word": "sea", "steps": 100},
        lambda f: place("cosine", [one["cosine"] for one in f["nearest"]], 0),
    ),
    ("embedding", "lengths", {}, lambda f: {"dot": f["dot"], "cosine": f["cosine"], "length_a": f["lengths"][0]}),
    ("embedding", "lengths", {"arrows": [[0, 0], [1, 1]]}, lambda f: {"dot": 0, "length_a": 0}),
    (
        "bigram",
        "counts",
        {"letter": "q"},
        lambda f: {f"share{at}": share for at, share in enumerate(f["shares"][f["row"]]) if share},
    ),
    ("rounding", "grid", {"bits": 3}, lambda f: place("s", f["scales"], 0) | place_rows("q", f["numbers"])),
    (
        "rounding",
        "grid",
        {"bits": 4, "scales": "matrix"},
        lambda f: place("s", f["scales"], 0) | place_rows("q", f["numbers"]),
    ),
    ("training", "units", {"loss": 1.3}, lambda f: {"bits": f["bits"], "perplexity": f["perplexity"]}),
]


@pytest.mark.parametrize(("lesson", "view", "settings", "shown"), SHOWN)
def test_a_number_that_is_shown_opens_to_what_it_is_computed_from(lesson, view, settings, shown):
    frame = load_views(lesson)[view].make_frame(settings)
    check_origins(frame)
    for key, value in shown(frame).items():
        assert frame["origins"][key]["value"] == pytest.approx(value, rel=1e-4, abs=1e-6), key


def test_of_many_terms_the_largest_are_kept_and_the_others_are_one_number():
    found = trace_sum("sum", 66.0, *([Factor(f"a{number}", float(number))] for number in range(12)))
    assert len(found["terms"]) == MOST_TERMS
    assert [term["product"] for term in found["terms"]] == [*range(4, 12), 0 + 1 + 2 + 3]
    assert found["terms"][-1]["factors"][0]["label"] == "the other 4"


def test_scores_without_a_name_are_one_number_in_the_sum_of_a_softmax():
    found = trace_softmax("weight of", [0.5], [2.0, 1.0, 0.5], ("w", "s"), ["it"])
    labels = [term["factors"][0]["label"] for term in found["wsum"]["terms"]]
    assert labels == ["exponential of it", "the other 2"]
    assert set(found) == {"w1", "we1", "wsum"}


def test_the_exponentials_of_large_scores_do_not_overflow():
    frame = {"origins": trace_softmax("weight", [1.0, 0.0], [900.0, 100.0], ("w", "s"))}
    check_origins(frame)
    assert frame["origins"]["we1"]["value"] == 1


def test_a_slope_whose_formula_cannot_be_written_as_products_does_not_open():
    frame = load_views("directions")["slices"].make_frame({"formula": "abs(x) + x*y^2", "x": 0.0})
    assert set(frame["origins"]) == {"dy"}
    labels = [factor["label"] for factor in frame["origins"]["dy"]["terms"][0]["factors"]]
    assert labels == ["2", "x", "y"]
