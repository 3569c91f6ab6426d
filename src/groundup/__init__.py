"""groundup: from gradient descent to a GPT you trained yourself, offline, on a laptop."""

from __future__ import annotations

__version__ = "0.1.0"

# As `typing` has it, without the time to load that: a Ctrl-C meanwhile would end in a traceback.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from groundup.base.errors import UserError
    from groundup.estimators.digit_classifier import DigitClassifier
    from groundup.estimators.linear_regression import LinearRegression
    from groundup.estimators.logistic_classifier import LogisticClassifier
    from groundup.estimators.sentiment_classifier import SentimentClassifier
    from groundup.steps.c1_descent.descent import minimize
    from groundup.steps.c6_gpt.gpt import GPT

_HOMES = {
    "GPT": "groundup.steps.c6_gpt.gpt",
    "SentimentClassifier": "groundup.estimators.sentiment_classifier",
    "DigitClassifier": "groundup.estimators.digit_classifier",
    "LinearRegression": "groundup.estimators.linear_regression",
    "LogisticClassifier": "groundup.estimators.logistic_classifier",
    "UserError": "groundup.base.errors",
    "minimize": "groundup.steps.c1_descent.descent",
}

__all__ = [
    "GPT",
    "DigitClassifier",
    "LinearRegression",
    "LogisticClassifier",
    "SentimentClassifier",
    "UserError",
    "minimize",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: importing groundup itself stays instant."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'groundup' has no attribute {name!r}")


def load_ipython_extension(shell: Any) -> None:
    """Add the magics of `groundup.plugins.notebook` to a notebook: ``%load_ext groundup``."""
    from importlib import import_module

    import_module("groundup.plugins.notebook").load_ipython_extension(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Take them out again: ``%unload_ext groundup``."""
    from importlib import import_module

    import_module("groundup.plugins.notebook").unload_ipython_extension(shell)
