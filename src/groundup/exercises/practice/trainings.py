"""Short trainings with an exercise's own functions: each gives a curve, by which a mistake in them is seen.

Nothing of a curve is taken from the functions under test but what they compute: the loss is measured here, after every
step. A training takes some hundredths of a second, so that curves are made at once and not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

Functions = Mapping[str, Any]
STEPS = 40


@dataclass(frozen=True)
class Training:
    """How a curve comes from an exercise's functions.

    Attributes
    ----------
    about : str
        What is trained and on what, for the question; sentences.
    figure : str
        What the curve shows, by step.
    run : callable
        ``(functions, seed) -> figures``: the functions by their names in the exercise; `STEPS` + 1 figures, the first
        from before the first step, or fewer where it failed on the way.
    libraries : tuple of str
        Modules that it loads besides those of the exercise.
    describe_start : callable
        ``seed -> sentence`` on what is drawn from the seed, such as the start; empty if nothing of it helps.
    """

    about: str
    figure: str
    run: Callable[[Functions, int], list[float]]
    libraries: tuple[str, ...] = ()
    describe_start: Callable[[int], str] = lambda _: ""

    def describe(self, seed: int) -> str:
        """Return what is trained, and from which start."""
        return f"{self.about} {self.describe_start(seed)}".strip()


# The first optimizer of PyTorch loads this, in a second.
_OPTIM = ("torch.optim", "torch._dynamo")


class _Enough(Exception):  # noqa: N818 - it ends a training, and nothing is wrong
    """A training goes on behind the last step that is shown: a limit of time would cut it off now here, now there."""


def _table(seed: int, rows: int = 12, features: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Return X, shape (rows, features), and y, shape (rows,), that a line with a bias fits almost."""
    draw = np.random.default_rng(seed)
    X = draw.normal(size=(rows, features))
    return X, X @ draw.uniform(1, 2, features) + 3 + 0.1 * draw.normal(size=rows)


def _draw_start(seed: int, low: float, high: float, size: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).uniform(low, high, size)


def _describe_start(low: float, high: float, size: int = 2) -> Callable[[int], str]:
    """Return what tells the start that `_draw_start` draws."""

    def tell(seed: int) -> str:
        told = ", ".join(f"{number:.2f}" for number in _draw_start(seed, low, high, size))
        return f"The start is x = {told}." if size == 1 else f"The start is ({told})."

    return tell


def _describe_others(size: int) -> Callable[[int], str]:
    """Return what tells the other weights at the start of `_clip`."""
    return lambda seed: "The others start at " + ", ".join(f"{w:.2f}" for w in _draw_start(seed, 1.5, 2.5, size)) + "."


def _mean_square(difference: Any) -> float:
    return float(np.mean(np.asarray(difference, dtype=float) ** 2))


def _walk_down(functions: Functions, seed: int) -> list[float]:
    start = float(_draw_start(seed, 2, 6, 1)[0])
    return [float(functions["get_minimizer"](steps, 0.05, start)) ** 2 for steps in range(STEPS + 1)]


def _walk_down_together(functions: Functions, seed: int) -> list[float]:
    start = _draw_start(seed, 2, 4)
    pulls = np.array([[2.0, 1.0], [1.0, 3.0]])
    points = functions["minimize"](lambda point: list(pulls @ np.asarray(point)), [*map(float, start)], 0.05, STEPS)
    return [float(np.asarray(point) @ pulls @ np.asarray(point) / 2) for point in points][: STEPS + 1]


def _fit_line(functions: Functions, seed: int) -> list[float]:
    X, y = _table(seed)
    y, start = y - 3, np.zeros(3)
    # The rate is the exercise's own, 0.01: larger features and more iterations per point make the same walk.
    weights = (functions["train_model"](2 * X, y, 2 * steps, start) for steps in range(STEPS + 1))
    return [_mean_square(2 * X @ found - y) for found in weights]


def _fit_line_with_bias(functions: Functions, seed: int) -> list[float]:
    X, y = _table(seed)
    found = (functions["train"](X, y, steps, 0.05) for steps in range(STEPS + 1))
    return [_mean_square(X @ w + b - y) for w, b in found]


def _fit_classes(functions: Functions, seed: int) -> list[float]:
    X, y = _table(seed, rows=24)
    classes = (y > 3).astype(float)
    figures = []
    for steps in range(STEPS + 1):
        w, b = functions["train"](X + 0.5, classes, steps, 0.5)
        scores = (X + 0.5) @ w + b
        figures.append(float(np.mean(np.logaddexp(0, scores) - classes * scores)))
    return figures


def _train_two_layers(functions: Functions, seed: int) -> list[float]:
    draw = np.random.default_rng(seed)
    weights = {"W1": draw.normal(size=(8, 3)) / 2, "b1": draw.normal(size=8) / 4, "W2": draw.normal(size=(2, 8)) / 2}
    weights["b2"] = np.zeros(2)
    x, y = draw.normal(size=(6, 3)), draw.normal(size=(6, 2)) + 1

    def measure() -> float:
        hidden = np.maximum(0, x @ weights["W1"].T + weights["b1"])
        return _mean_square(hidden @ weights["W2"].T + weights["b2"] - y)

    figures = [measure()]
    for _ in range(STEPS):
        totals = {name: np.zeros_like(value) for name, value in weights.items()}
        for one, truth in zip(x, y, strict=True):
            found = functions["forward_and_backward"](
                one, weights["W1"], weights["b1"], weights["W2"], weights["b2"], truth
            )
            for name in totals:
                totals[name] = totals[name] + np.asarray(found[f"d{name}"], dtype=float) / len(x)
        weights = {name: weights[name] - 0.1 * totals[name] for name in weights}
        figures.append(measure())
    return figures


_BOWL = np.array([1.0, 0.1])


def _bowl(weights: Any) -> float:
    return float(np.sum(_BOWL * np.asarray(weights, dtype=float) ** 2) / 2)


def _step_by_adam(functions: Functions, seed: int) -> list[float]:
    weights = _draw_start(seed, 2, 4)
    m, v, figures = np.zeros(2), np.zeros(2), [_bowl(weights)]
    for step in range(1, STEPS + 1):
        weights, m, v = functions["adam_step"](weights, _BOWL * weights, m, v, step, 0.2)
        figures.append(_bowl(weights))
    return figures


def _draw_warm_up(seed: int) -> int:
    return int(np.random.default_rng(seed).integers(6, 13))


def _schedule(functions: Functions, seed: int) -> list[float]:
    warm_up = _draw_warm_up(seed)
    return [float(functions["learning_rate"](step, STEPS, warm_up, 0.01, 0.001)) for step in range(STEPS + 1)]


def _learn_pairs(functions: Functions, seed: int) -> list[float]:
    tokens, size = np.random.default_rng(seed).integers(0, 5, 12).repeat(3), 5
    figures = []
    for steps in range(STEPS + 1):
        table = np.asarray(functions["train"](tokens, size, steps, 2.0), dtype=float)
        rows = table[tokens[:-1]]
        logs = rows - np.logaddexp.reduce(rows, axis=1, keepdims=True)
        figures.append(float(-logs[np.arange(len(rows)), tokens[1:]].mean()))
    return figures


def _torch_table(seed: int) -> tuple[Any, Any, Any]:
    """Return a linear model of PyTorch that begins at 0, its examples (24, 3), and what belongs to them (24, 1)."""
    import torch

    torch.manual_seed(seed)
    X, y = _table(seed, rows=24)
    model = torch.nn.Linear(3, 1)
    torch.nn.init.zeros_(model.weight)
    torch.nn.init.zeros_(model.bias)
    return model, torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)[:, None]


def _run_loop(functions: Functions, seed: int) -> list[float]:
    import torch

    model, inputs, targets = _torch_table(seed)
    loss_function = torch.nn.functional.mse_loss
    optimizer = torch.optim.SGD(model.parameters(), lr=0.03)

    def measure(*_: Any) -> None:
        with torch.no_grad():
            figures.append(float(loss_function(torch.nn.functional.linear(inputs, model.weight, model.bias), targets)))
        if len(figures) > STEPS:
            raise _Enough

    figures: list[float] = []
    measure()
    optimizer.register_step_post_hook(measure)
    with suppress(_Enough):
        functions["train"](model, loss_function, optimizer, inputs, targets, STEPS // 4, 6)
    return figures


def _accumulate(functions: Functions, seed: int) -> list[float]:
    import torch

    model, inputs, targets = _torch_table(seed)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.03)
    figures = []
    for _ in range(STEPS + 1):
        with torch.no_grad():
            figures.append(float(torch.nn.functional.mse_loss(model(inputs), targets)))
        functions["train_step"](model, torch.nn.functional.mse_loss, optimizer, inputs, targets, 9)
    return figures


def _clip(longest: float, rate: float, size: int) -> Callable[[Functions, int], list[float]]:
    """Return the descent of weights in two tensors with clipped gradients."""

    def run(functions: Functions, seed: int) -> list[float]:
        import torch

        weights = [torch.tensor(_draw_start(seed, 1.5, 2.5, size)), torch.tensor([1.0])]
        figures = []
        for _ in range(STEPS + 1):
            figures.append(float(sum((weight**4).sum() for weight in weights)))
            gradients, norm = functions["clip_gradients"]([4 * weight**3 for weight in weights], longest)
            if not isinstance(norm, float) or not isinstance(gradients, list):
                raise TypeError("a list and a number")
            weights = [weight - rate * gradient for weight, gradient in zip(weights, gradients, strict=True)]
        return figures

    return run


def _learn_logits(functions: Functions, seed: int) -> list[float]:
    import torch

    draw = torch.Generator().manual_seed(seed)
    logits = torch.randn(8, 4, generator=draw, requires_grad=True)
    targets = torch.randint(4, (8,), generator=draw)
    figures = []
    for _ in range(STEPS + 1):
        figures.append(float(torch.nn.functional.cross_entropy(logits.detach(), targets)))
        loss = functions["cross_entropy"](logits, targets)
        (slope,) = torch.autograd.grad(loss, logits)
        logits = (logits.detach() - 2.0 * slope).requires_grad_()
    return figures


def _train_gpt(functions: Functions, seed: int) -> list[float]:
    import torch

    torch.manual_seed(seed)
    data = torch.arange(6).repeat(12)
    model = torch.nn.Embedding(6, 6)
    torch.nn.init.normal_(model.weight, std=0.5)
    figures: list[float] = []

    def measure(*_: Any) -> None:
        with torch.no_grad():
            figures.append(float(torch.nn.functional.cross_entropy(model.weight[data[:-1]], data[1:])))
        if len(figures) > STEPS:
            raise _Enough

    model.register_forward_pre_hook(measure)
    with suppress(_Enough):
        functions["train"](model, data, STEPS, 8, 4, 0.1)
        measure()
    return figures


def _train_attention(name: str, *sizes: int) -> Callable[[Functions, int], list[float]]:
    """Return the training of a model of one attention layer on a text in which every character comes twice."""

    def run(functions: Functions, seed: int) -> list[float]:
        import torch

        torch.manual_seed(seed)
        text = torch.randint(8, (16, 6)).repeat_interleave(2, dim=1)
        embedding, head = torch.nn.Embedding(8, 16), torch.nn.Linear(16, 8)
        places = torch.nn.Parameter(0.1 * torch.randn(11, 16))
        attention = functions[name](16, 16, *sizes)
        model = torch.nn.ModuleList([embedding, head, attention])
        optimizer = torch.optim.Adam([*model.parameters(), places], lr=0.02)
        inputs, targets = text[:, :-1], text[:, 1:]
        figures = []
        for _ in range(STEPS + 1):
            logits = head(attention(embedding(inputs) + places))
            loss = torch.nn.functional.cross_entropy(logits.flatten(end_dim=1), targets.flatten())
            figures.append(float(loss.detach()))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return figures

    return run


_TEXT = (
    "A small model of one attention layer learns a text in which every character comes twice, with a learning rate of "
    "0.02."
)
TRAININGS: Mapping[str, tuple[Training, ...]] = {
    "gradient-descent": (
        Training(
            "Gradient descent on f(x) = x², with a learning rate of 0.05.",
            "x²",
            _walk_down,
            describe_start=_describe_start(2, 6, 1),
        ),
    ),
    "descent-in-several-variables": (
        Training(
            "Gradient descent on the bowl f(x, y) = x² + x y + 1.5 y², with a learning rate of 0.05.",
            "the height f(x, y)",
            _walk_down_together,
            describe_start=_describe_start(2, 4),
        ),
    ),
    "regression-training": (
        Training("Three weights are fitted to 12 examples, from 0.", "the mean squared error", _fit_line),
    ),
    "training-loop": (
        Training(
            "Three weights and a bias are fitted to 12 examples, with a learning rate of 0.05.",
            "the mean squared error",
            _fit_line_with_bias,
        ),
    ),
    "logistic-regression": (
        Training("24 examples of two classes are learned, with a learning rate of 0.5.", "the log loss", _fit_classes),
    ),
    "two-layer-backward": (
        Training(
            "A network of two layers learns 6 examples with these gradients, with a learning rate of 0.1.",
            "the loss",
            _train_two_layers,
        ),
    ),
    "optimiser": (
        Training(
            "Adam goes down the long bowl f(x, y) = 0.5 x² + 0.05 y², with a learning rate of 0.2.",
            "the height f(x, y)",
            _step_by_adam,
            describe_start=_describe_start(2, 4),
        ),
    ),
    "loss-from-logits": (
        Training(
            "8 rows of 4 random logits learn their targets from this loss, with a learning rate of 2.",
            "the cross-entropy",
            _learn_logits,
        ),
    ),
    "pytorch-training-loop": (
        Training(
            "A linear layer learns 24 examples in batches of 6, from 0, with a learning rate of 0.03.",
            "the loss on all examples",
            _run_loop,
            _OPTIM,
        ),
    ),
    "gradient-clipping": (
        Training(
            "Five weights go down the sum of w⁴, with gradients clipped to a norm of 0.5 and a learning rate of 0.2. "
            "The last one starts at 1.",
            "that sum",
            _clip(0.5, 0.2, 4),
            describe_start=_describe_others(4),
        ),
        Training(
            "Four weights go down the sum of w⁴, with gradients clipped to a norm of 4 and a learning rate of 0.05. "
            "The last one starts at 1.",
            "that sum",
            _clip(4.0, 0.05, 3),
            describe_start=_describe_others(3),
        ),
    ),
    "gradient-accumulation": (
        Training(
            "A linear layer learns 24 examples in parts of 9, 9 and 6, from 0, with a learning rate of 0.03.",
            "the loss on all examples",
            _accumulate,
            _OPTIM,
        ),
    ),
    "learning-rate-schedule": (
        Training(
            f"A training of {STEPS} steps asks for the learning rate: at most 0.01, at last 0.001.",
            "the learning rate",
            _schedule,
            describe_start=lambda seed: f"The warm-up takes {_draw_warm_up(seed)} steps.",
        ),
    ),
    "neural-bigram": (
        Training(
            "A table learns which of 5 characters follows which, with a learning rate of 2.", "the loss", _learn_pairs
        ),
    ),
    "self-attention": (Training(_TEXT, "the training loss", _train_attention("SingleHeadAttention"), _OPTIM),),
    "multi-head-attention": (
        Training(_TEXT, "the training loss", _train_attention("MultiHeadedSelfAttention", 4), _OPTIM),
    ),
    "gpt-training": (
        Training(
            "A table of logits learns the text abcdefabcdef…, with a learning rate of 0.1.",
            "the loss on the text",
            _train_gpt,
            _OPTIM,
        ),
    ),
}
